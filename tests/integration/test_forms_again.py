"""Forms that come back: after a refusal, too many requests or a storage that can't take them, with everything typed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from html import unescape

import httpx
import pytest

from forum.db import sqlite
from tests.support.app import ARTICLE, FORM, House, Person, open_house
from tests.support.data import writer_of
from tests.support.forms import Form, fill, follow
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

TYPED = 'A "long" <thought> & more\n\nin two lines'
LONG = "My long thought. " * 400 + "End."
FRAMED = f"/embed/newsroom?url={ARTICLE}"
OF_THE_SITE = "frame-ancestors https://news.example"


@pytest.fixture
async def limited(engine_url: str) -> AsyncIterator[House]:
    async with open_house(engine_url, rate_limits=True) as opened:
        yield opened


async def fill_up(house: House, pages: int) -> None:
    """Let the file of the database grow to this many pages and no further: 1 is less than it has."""
    await writer_of(house.rt.db).run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}"))


@asynccontextmanager
async def no_reading(house: House) -> AsyncIterator[None]:
    """Every connection to read with is in use."""
    async with AsyncExitStack() as held:
        for _ in range(sqlite.READERS):
            await held.enter_async_context(house.rt.db.read(fresh=True))
        yield


async def until_limited(form: Form, person: Person, **fields: str) -> httpx.Response:
    """Send a form until it is too much."""
    for _ in range(50):
        answer = await form.send(person, **fields)
        if answer.status_code == 429:
            return answer
    raise AssertionError("nothing was limited")


async def test_a_key_that_was_used_is_replaced(house: House) -> None:
    fields = {"url": ARTICLE, "body": "One.", "author_name": "Ada", "key": "k" * 24}
    await follow(house.author, await house.author.submit(FORM, **fields))
    answer = await house.author.submit(FORM, **{**fields, "body": TYPED})
    assert answer.status_code == 409
    assert "Post again to add it as a new comment." in answer.text
    assert "idempotency" not in answer.text
    form = Form(answer)
    assert form.fields["key"] != fields["key"]
    assert form.fields["body"] == TYPED
    assert "thought" in await follow(house.author, await form.send(house.author))
    assert await house.recount() == 2


@pytest.mark.parametrize("letter", ["漢", "🙂"])
async def test_the_longest_comment_fits_in_any_script(house: House, letter: str) -> None:
    page = await house.author.get(FRAMED)
    assert Form(page).kind == "multipart/form-data"
    answer = await fill(house.author, FRAMED, body=letter * 10_000, author_name="Ada")
    assert letter * 10_000 in await follow(house.author, answer)
    posted = answer.headers["location"].rpartition("#c")[2]
    answer = await fill(house.author, f"/c/{posted}/edit", body=letter * 9_999)
    assert letter * 9_999 in await follow(house.author, answer)


@pytest.mark.parametrize("frame", [True, False])
async def test_too_many_requests_bring_the_form_back(limited: House, frame: bool) -> None:
    path = FRAMED if frame else f"/d/{await discussion_id(limited)}"
    first = Form(await limited.author.get(path))
    fields = {"body": TYPED, "author_name": "Admin", "key": "k" * 24}
    answer = await until_limited(first, limited.author, **fields)
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["cache-control"] == "private, no-store"
    assert (OF_THE_SITE in answer.headers["content-security-policy"]) is frame
    assert "Your text is kept" in answer.text
    again = Form(answer)
    assert fields.items() <= again.fields.items()
    limited.rt.limiter.enabled = False
    assert "thought" in await follow(limited.author, await again.send(limited.author, author_name="Ada"))


async def test_an_edit_that_must_wait_keeps_its_text_and_overwrites_nothing(limited: House) -> None:
    posted = await limited.author.post("One.")
    stale = Form(await limited.author.get(f"/c/{posted['id']}/edit"))
    await limited.author.edit(posted["id"], "Two.")
    answer = await until_limited(stale, limited.author, body=TYPED)
    assert int(answer.headers["retry-after"]) >= 1
    form = Form(answer)
    assert form.fields["body"] == TYPED
    limited.rt.limiter.enabled = False
    answer = await form.send(limited.author)
    assert answer.status_code == 409
    assert "changed in another window" in unescape(answer.text)


async def test_a_storage_that_cannot_write_brings_the_form_back(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        first = Form(await house.author.get(f"/d/{await discussion_id(house)}"))
        await fill_up(house, 1)
        fields = {"body": LONG, "author_name": "Ada", "key": "k" * 24}
        answer = await first.send(house.author, **fields)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        again = Form(answer)
        assert fields.items() <= again.fields.items()
        await fill_up(house, 100_000)
        await follow(house.author, await again.send(house.author))
        assert await house.recount() == 1


async def test_a_storage_that_cannot_even_be_read_gives_the_text_back(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "ACQUIRE_SECONDS", 0.02)
    async with open_house(sqlite_url) as house:
        first = Form(await house.author.get(f"/d/{await discussion_id(house)}"))
        await fill_up(house, 1)
        async with no_reading(house):
            answer = await first.send(house.author, body=LONG, author_name="Ada")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert Form(answer).fields["typed"] == LONG


async def test_a_look_nobody_chose_is_none(house: House) -> None:
    root = await house.author.post("Root.")
    where = await discussion_id(house)
    for path in (f"/c/{root['id']}", f"/c/{root['id']}/reply", f"/d/{where}", f"/d/{where}/own"):
        answer = await house.author.get(f"{path}?frame=1&accent=&theme=&lang=")
        assert answer.status_code in (200, 302), path
        assert "accent=" not in answer.headers.get("location", "")
    assert (await house.author.get(f"{FRAMED}&accent=&theme=&lang=&frame=")).status_code == 200


@pytest.mark.parametrize("look", ["", "&theme=dark&accent=aa3300&lang=de"])
async def test_the_way_back_from_a_form_keeps_the_look(house: House, look: str) -> None:
    root = await house.author.post("Root.")
    for verb in ("reply", "edit", "delete"):
        page = await house.author.get(f"/c/{root['id']}/{verb}?frame=1{look}")
        links = {link.partition('"')[0] for link in unescape(page.text).split('href="')[1:]}
        (found,) = (link for link in links if link.startswith(f"/c/{root['id']}?"))
        assert set(found.partition("?")[2].split("&")) == set(f"frame=1{look}".split("&"))
        assert (await house.author.get(found)).status_code == 302


async def test_errors_lead_back_to_the_discussion(house: House) -> None:
    root = await house.author.post("Root.")
    where = await discussion_id(house)
    await house.publish(state="closed")
    page = f"/d/{where}"
    for frame, options in (("", ""), ("1", "?frame=1")):
        fields = {"discussion_id": str(where), "body": TYPED, "author_name": "Ravi", "frame": frame}
        refused = await house.replier.submit(FORM, **fields)
        assert refused.status_code == 403
        assert f'href="{page}{options}" target="_self">Go back</a>' in refused.text
        edit = await house.attacker.get(f"/c/{root['id']}/edit{options}")
        assert f'href="/c/{root["id"]}{options}" target="_self">Go back</a>' in edit.text
    assert "Go back" not in (await house.attacker.get("/d/7")).text
    strange = await house.replier.submit(FORM, discussion_id="7", body=TYPED, author_name="Ravi", frame="1")
    assert "Go back" not in strange.text
