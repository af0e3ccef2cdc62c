"""One gate for everything that moderates: nobody, readers, frames and moderators elsewhere find nothing."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from starlette.routing import Route

from forum.accounts.model import Role
from forum.accounts.queries import set_role
from forum.app import OPERATIONS
from forum.db import Tx
from tests.support.app import OURS, House, Person
from tests.support.people import account_of, embedded, signed_in

pytestmark = pytest.mark.anyio

ROOTS: Final = ("/mod", "/api/v1/mod")
# Takes the site's own key as well (docs/api.md), and has a gate of its own for that.
WITH_SECRET: Final = "/api/v1/mod/comments/{id}/scope"
# What people may do whom a site trusts and who do not moderate it.
FOR_TRUSTED: Final = {
    "/mod",
    "/mod/c/{id}",
    "/api/v1/mod/queues",
    "/api/v1/mod/items",
}


def below(path: str) -> bool:
    """Whether an address is for moderators."""
    return any(path == root or path.startswith(f"{root}/") for root in ROOTS)


def addresses(house: House) -> Iterator[tuple[str, str]]:
    """Every method of every address for moderators."""
    for route in house.app.routes:
        if isinstance(route, Route) and below(route.path):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path


def filled(path: str) -> str:
    """An address with something in its placeholders."""
    known = {"kind": "account", "site": "newsroom"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known.get(found[1], "1"), path)


async def ask(person: Person, method: str, path: str, *, query: str = "") -> int:
    """The status of an answer."""
    options: dict[str, Any] = (
        {} if method == "GET" else {"json" if path.startswith("/api") else "data": {"site": "newsroom"}}
    )
    answer = await person.http.request(method, filled(path) + query, headers=OURS, **options)
    if answer.status_code == 303 and answer.headers["location"].startswith("/auth"):
        return 401
    return answer.status_code


async def give_role(house: House, person: Person, role: Role, site_id: int) -> None:
    """What somebody is on a site from now on."""
    account = await account_of(house, person)

    async def work(tx: Tx) -> None:
        await set_role(tx, site_id=site_id, account_id=account.id, role=role, now=house.clock.now())

    await house.rt.db.write(work)


async def test_every_address_has_the_gate(house: House) -> None:
    found = list(addresses(house))
    assert len(found) > 20
    operations = {(operation.method, operation.path): operation for operation in OPERATIONS}
    for method, path in found:
        if path == WITH_SECRET:
            continue
        if path.startswith("/api"):
            assert hasattr(operations[method, path].endpoint, "guarded_for"), (method, path)
            continue
        (route,) = [
            r for r in house.app.routes if isinstance(r, Route) and r.path == path and method in (r.methods or ())
        ]
        assert hasattr(route.endpoint, "guarded_for"), (method, path)


async def test_nobody_is_asked_to_sign_in(house: House) -> None:
    for method, path in addresses(house):
        assert await ask(house.attacker, method, path) == 401, (method, path)


async def test_others_find_nothing(house: House) -> None:
    reader = await signed_in(house, "Rhea")
    other, _ = await house.add_site("elsewhere", name="Elsewhere")
    stranger = await signed_in(house, "Stella")
    await give_role(house, stranger, Role.ADMIN, other.id)
    moderator = await signed_in(house, "Mona", role=Role.MODERATOR)
    frame = await embedded(house, moderator)
    for method, path in addresses(house):
        assert await ask(reader, method, path) == 404, (method, path)
        assert await ask(frame, method, path) == 401, (method, path)
        seen = await ask(stranger, method, path, query="?site=newsroom")
        # Their own pages they do see; what they sent was of a site that is not theirs.
        assert seen in ((404, 422) if method != "GET" else (404, 303, 200, 422)), (method, path, seen)


async def test_whom_a_site_trusts_sees_spoilers_alone(house: House) -> None:
    trusted = await signed_in(house, "Tara", role=Role.TRUSTED)
    for method, path in addresses(house):
        if method == "GET" and path not in FOR_TRUSTED and path != WITH_SECRET and "{" not in path:
            assert await ask(trusted, method, path, query="?site=newsroom") in (404, 422), path
    assert (await trusted.get("/mod?site=newsroom&queue=pending")).status_code == 404
    assert (await trusted.get("/mod?site=newsroom&queue=spoilers")).status_code == 200


async def test_a_role_that_was_taken_is_gone_at_once(house: House) -> None:
    person = await signed_in(house, "Mona", role=Role.MODERATOR)
    assert (await person.get("/mod?site=newsroom&queue=pending")).status_code == 200
    await give_role(house, person, Role.READER, house.site.id)
    assert (await person.get("/mod?site=newsroom&queue=pending")).status_code == 404
