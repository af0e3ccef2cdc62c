"""The HTTP API keeps to its own description: the document is valid, whole, and true for whatever is sent."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks
from starlette.routing import Route

from forum import __version__
from forum.app import OPERATIONS, create_app
from forum.web.openapi import PROBLEM_MEANINGS, document, statuses
from forum.web.operations import Operation
from forum.web.problems import PROBLEM
from tests.support.begun import another_session
from tests.support.seeded import ARTICLE, OUR_PAGES, PUBLIC_URL, Seeds, an_editor, client, seed, served, settings

EXAMPLES: Final = 25
DOCUMENT: Final[dict[str, Any]] = document(OPERATIONS, version=__version__, public_url=PUBLIC_URL)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
LABELS: Final = [f"{operation.method} {operation.path}" for operation in OPERATIONS]
# Documents that say what others look like.
DESCRIPTIONS: Final = {"/api/v1/openapi.json", "/api/v1/schemas/export.json"}
POINTS: Final = ("jessica-jones:S1E4", "jessica-jones", "ca-civil-war:", "nobody:S1E1", "?:")
CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@dataclass(frozen=True, slots=True)
class Installation:
    """The address of a seeded server, what is in it, and for each operation the cookie of a session that it may end."""

    address: str
    seeds: Seeds
    sessions: dict[str, str]

    def headers(self, operation: Operation) -> dict[str, str]:
        """What the operation wants to see: the site's secret, or somebody who is signed in."""
        if operation.secret:
            return {"Authorization": f"Bearer {self.seeds.secret}"}
        signed_in = operation.tag in ("people", "moderation")
        return {**OUR_PAGES, **({"Cookie": self.sessions[operation.path]} if signed_in else {})}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A seeded server."""
    from forum.db.migrate import upgrade

    url = f"sqlite:///{tmp_path_factory.mktemp('openapi')}/aftershow.db"
    upgrade(url)

    async def fill() -> tuple[Seeds, dict[str, str]]:
        app = create_app(settings(url))
        async with client(app) as http:
            seeds = await seed(app, http)
            await an_editor(app, seeds.begun.account)
            return seeds, {each.path: await another_session(app.rt, seeds.begun.account) for each in OPERATIONS}

    seeds, sessions = asyncio.run(fill())
    with served(create_app(settings(url))) as address:
        yield Installation(address, seeds, sessions)


@pytest.mark.parametrize("described", OPERATIONS, ids=LABELS)
def test_every_answer_is_a_described_one(described: Operation, installation: Installation) -> None:
    operation = SCHEMA.find_operation_by_label(f"{described.method} {described.path}")
    assert operation is not None
    cases = [operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @given(st.one_of(cases), st.data())
    @bounded(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def sweep(case: Case[Any], data: st.DataObject) -> None:
        if case.meta is not None and not case.meta.generation.mode.is_negative:
            aim(case, data, installation.seeds)
        asked = case.as_transport_kwargs(base_url=installation.address)
        # Beyond 64 KB of address the HTTP server says 400 before anything here is asked.
        assume(len(asked["url"]) + len(urlencode(asked.get("params") or {}, doseq=True)) < 60_000)
        answer = case.call(base_url=installation.address, headers=installation.headers(described))
        case.validate_response(answer, checks=CHECKS)

    sweep()


def aim(case: Case[Any], data: st.DataObject, seeds: Seeds) -> None:
    """Point most well-formed requests at what exists: random ids and addresses only ever find nothing."""
    if data.draw(st.integers(0, 9)) == 0:
        return
    if "id" in case.path_parameters:
        ids = (seeds.discussion,) if "discussions" in case.path else seeds.ids
        case.path_parameters["id"] = data.draw(st.sampled_from(ids))
    if "work" in case.path_parameters:
        case.path_parameters["work"] = seeds.work
    if "site" in case.path_parameters:
        case.path_parameters["site"] = "newsroom"
    for place in (case.query, case.body):
        if not isinstance(place, dict):
            continue
        if "works" in case.path and place.get("id") is not None:
            place["id"] = [seeds.work]
        if "url" in place:
            place["url"] = [ARTICLE] if "counts" in case.path else ARTICLE
        if "site" in place:
            place["site"] = "newsroom"
        if place.get("discussion_id") is not None:
            place["discussion_id"] = seeds.discussion
            place.pop("url", None)
        if place.get("discussion") is not None:
            place["discussion"] = seeds.discussion
        if place.get("parent_id") is not None:
            place["parent_id"] = data.draw(st.sampled_from(seeds.ids))
        if "ids" in place:
            place["ids"] = [data.draw(st.sampled_from((seeds.passage, f"c{seeds.reply}")))]
        if place.get("scope"):
            place["scope"] = [data.draw(st.sampled_from(POINTS))]


def test_the_document_is_valid() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    SCHEMA.validate()


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    app = create_app(settings("sqlite:///unused.db"))
    routed = {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route) and route.path.startswith("/api/v1/") and route.path not in DESCRIPTIONS
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert routed == described
    assert len(described) == len(OPERATIONS)


def test_a_comment_has_the_promised_fields() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["CommentView"]["properties"]) == {
        *("id", "parent_id", "depth", "author", "html", "text", "status", "created_at", "edited_at", "revision"),
        *("reply_count", "permalink", "scope", "covered", "passages", "notice", "notice_text"),
    }
    assert set(schemas["PassageView"]["properties"]) == {"id", "label", "scope", "inline"}
    assert {"scope", "label", "gate", "works"} <= set(schemas["DiscussionView"]["properties"])
    assert set(schemas["AuthorView"]["properties"]) == {"name", "kind", "url", "hue"}
    assert set(schemas["Problem"]["properties"]) == {"type", "title", "status", "code", "detail", "errors"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=LABELS)
def test_every_error_of_an_operation_is_described(operation: Operation) -> None:
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    for status in statuses(operation):
        answer = described["responses"][str(status)]
        assert answer["description"] == PROBLEM_MEANINGS[status]
        assert set(answer["content"]) == {PROBLEM}
    assert described["summary"]
    assert all(parameter.get("description") for parameter in described["parameters"]), operation.path
    assert operation.method == "GET" or operation.limit is not None
