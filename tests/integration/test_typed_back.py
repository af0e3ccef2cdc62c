"""Forms of the console that somebody sends whose session has ended, or that cannot be taken: all that was typed comes
back, to nobody but the page that sent it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from forum.core.visitor import Visitor
from forum.errors import SignInNeeded
from tests.support import sanctions
from tests.support.app import OURS, House, Person
from tests.support.desk import decide, held, hidden, onward, page
from tests.support.moderating import a_moderator, lines_of, row_of

pytestmark = pytest.mark.anyio
WORDS = "Please be kind,\n<b>and</b> read the article."


@contextmanager
def signed_out(person: Person) -> Iterator[None]:
    """What somebody does whose session has ended; afterwards they have signed in again."""
    cookie = person.http.cookies.get("__Host-sid") or ""
    person.http.cookies.delete("__Host-sid")
    yield
    person.http.cookies.set("__Host-sid", cookie)


def form_in(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Where the form of a page leads, and its fields as a browser would send them."""
    form = LexborHTMLParser(text).css_first("form.stack")
    assert form is not None
    fields: list[tuple[str, str]] = []
    for node in form.css("[name]"):
        value = node.text().removeprefix("\n") if node.tag == "textarea" else node.attributes.get("value") or ""
        fields.append((node.attributes.get("name") or "", value))
    return form.attributes.get("action") or "", fields


async def again(person: Person, answer: httpx.Response) -> httpx.Response:
    """Send once more what came back."""
    path, fields = form_in(answer.text)
    return await person.http.post(path, files=[(name, (None, value)) for name, value in fields], headers=OURS)


async def typed_by_nobody(person: Person, path: str, fields: dict[str, str]) -> httpx.Response:
    """What somebody is answered whose session has ended."""
    with signed_out(person):
        answer = await person.submit(path, **fields)
    assert (answer.status_code, answer.headers["cache-control"]) == (401, "private, no-store")
    assert "You are not signed in any more." in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    return answer


async def test_a_verdict_outlives_the_session(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    said = {"verdict": "remove", "form": "remove", "reason": "abuse", "rule": "No shouting", "words": WORDS}
    sent = {"site": "newsroom", "queue": "pending", "revision": "1", **said}
    answer = await typed_by_nobody(mo, f"/mod/c/{posted['id']}/verdict", sent)
    assert f'href="/auth?next=/mod/c/{posted["id"]}%3Fsite%3Dnewsroom%26queue%3Dpending" target="_blank"' in answer.text
    assert "Remove · Insults or threats" in answer.text
    assert "<b>and</b>" not in answer.text
    assert "A word too much." not in answer.text
    assert house.site.name not in answer.text
    assert await lines_of(house, posted) == (before := await lines_of(house, posted))
    assert "Removed." in await onward(mo, await again(mo, answer))
    line = (await lines_of(house, posted))[-1]
    assert len(await lines_of(house, posted)) == len(before) + 1
    assert (line.reason, line.rule, line.words) == ("abuse", "No shouting", WORDS)


async def test_what_is_picked_at_once_comes_back_too(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    sent = {"site": "newsroom", "queue": "pending", "revision": "1", "verdict": "approve"}
    answer = await typed_by_nobody(mo, f"/mod/c/{posted['id']}/verdict", sent)
    assert "Approve" in answer.text
    assert (await again(mo, answer)).status_code == 303
    assert (await row_of(house, posted)).status == "published"


async def test_a_sanction_and_a_note_outlive_the_session(house: House) -> None:
    mo = await sanctions.a_moderator(house)
    posted = await house.author.post("Something.")
    kind, author_id = await sanctions.author_of(house, posted)
    person = f"/mod/person/{kind}/{author_id}"
    sent = {"site": "newsroom", "sanction": "warn", "hours": "24", "reason": "abuse", "rule": "", "words": WORDS}
    warned = await typed_by_nobody(mo, f"{person}/sanction", sent)
    assert f'href="/auth?next={person}%3Fsite%3Dnewsroom"' in warned.text
    assert "Warn · Insults or threats" in warned.text
    noted = await typed_by_nobody(mo, f"{person}/note", {"site": "newsroom", "text": "Means well."})
    for answer in (warned, noted):
        assert (await again(mo, answer)).status_code == 303
    shown = await page(mo, f"{person}?site=newsroom")
    assert "Means well." in shown
    assert "&lt;b&gt;and&lt;/b&gt; read the article." in shown
    beside = {"site": "newsroom", "queue": "pending", "revision": "1", "also": "remove", "form": "person"}
    both = await typed_by_nobody(mo, f"/mod/c/{posted['id']}/sanction", {**sent, **beside})
    assert (await again(mo, both)).status_code == 303
    assert (await row_of(house, posted)).status == "removed"


async def test_what_is_set_for_a_discussion_outlives_the_session(house: House) -> None:
    mo = (await a_moderator(house)).person
    posted = await house.author.post("Something.")
    path = f"/mod/d/{(await row_of(house, posted)).discussion_id}"
    closing = await typed_by_nobody(mo, path, {"act": "close", "words": "It ran its course."})
    assert "Close it" in closing.text
    assert "done=" in (await again(mo, closing)).headers["location"]
    shown = await page(mo, path)
    assert "It ran its course." in shown
    titled = await typed_by_nobody(mo, path, {"act": "retitle", "title": "Tea & talk", "seen": ""})
    assert ("title", "Tea & talk") in form_in(titled.text)[1]


async def test_many_outlive_the_session(house: House) -> None:
    posted = [await held(house, f"Number {number}.") for number in range(3)]
    mo = (await a_moderator(house)).person
    body = "site=newsroom&queue=pending&" + "&".join(f"pick={one['id']}:1" for one in posted)
    headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
    with signed_out(mo):
        picked = await mo.http.post("/mod/bulk/preview", content=body, headers=headers)
    assert 'href="/auth?next=/mod%3Fsite%3Dnewsroom%26queue%3Dpending"' in picked.text
    preview = await again(mo, picked)
    assert "Decide about 3 comments" in preview.text
    fields = {name: hidden(preview.text, name) for name in ("site", "queue", "selection")}
    said = {"verdict": "approve", "reason": "spam", "go": "1"}
    answer = await typed_by_nobody(mo, "/mod/bulk", {**fields, **said})
    assert "Approve" in answer.text
    assert "Advertising" not in answer.text
    assert "Comments: 3" in await onward(mo, await again(mo, answer))


async def test_nothing_is_given_to_pages_of_others(house: House) -> None:
    posted = await held(house)
    for headers in ({}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await house.attacker.http.post(
            f"/mod/c/{posted['id']}/verdict", data={"verdict": "approve", "words": "Echo."}, headers=headers
        )
        assert answer.status_code == 403
        assert "Echo." not in answer.text


async def test_what_no_page_sends_comes_back_harmless(house: House) -> None:
    sent = {'x"><script>': 'y"><script>', "site": "x/../y", "words": "a\0b"}
    answer = await house.attacker.submit("/mod/c/1/verdict", **sent)
    assert answer.status_code == 401
    assert "<script>" not in answer.text.split("<main", 1)[1].split("</main>", 1)[0]
    assert "next=/mod/c/1&" not in answer.text
    assert ">\nab</textarea>" in answer.text
    odd = await house.attacker.http.post("/mod/undo", json={"decision": "1"}, headers=OURS)
    assert odd.status_code == 401


async def test_a_session_that_ends_in_the_middle(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at who is asking has passed: what is typed comes back all the same."""
    posted = await held(house)
    mo = (await a_moderator(house)).person

    async def gone(*_: Any, **__: Any) -> Visitor:
        raise SignInNeeded

    monkeypatch.setattr("forum.moderation.desk.pages_verdict.decide", gone)
    answer = await decide(mo, posted, "remove", reason="abuse", words=WORDS)
    assert answer.status_code == 401
    assert ("words", WORDS) in form_in(answer.text)[1]


@pytest.mark.parametrize(("field", "most"), [("words", 1000), ("rule", 200)])
async def test_many_with_words_that_are_too_long(house: House, field: str, most: int) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    typed = "word " * (most // 5) + "too many"
    sent = {"site": "newsroom", "queue": "pending", "selection": f"{posted['id']}:1", "verdict": "remove"}
    answer = await mo.submit("/mod/bulk", **sent, reason="abuse", go="1", **{field: typed})
    assert answer.status_code == 422
    assert typed in answer.text
    beside = LexborHTMLParser(answer.text).css_first(f"#{field}-problem")
    assert beside is not None
    assert f"{most:,} characters at most" in beside.text()
    assert (await row_of(house, posted)).status == "held"
    counted = await mo.submit("/mod/bulk", **sent, reason="abuse", **{field: typed})
    assert counted.status_code == 200
    assert typed in counted.text


async def test_many_without_anything_to_decide_about(house: House) -> None:
    mo = (await a_moderator(house)).person
    answer = await mo.submit("/mod/bulk/preview", site="newsroom", queue="pending")
    assert answer.status_code == 422
    assert "Nothing is selected." in answer.text
    assert 'href="/mod?site=newsroom&amp;queue=pending"' in answer.text


async def test_approving_many_gives_no_reason(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    sent = {"site": "newsroom", "queue": "pending", "selection": f"{posted['id']}:1", "verdict": "approve"}
    await onward(mo, await mo.submit("/mod/bulk", **sent, reason="spam", go="1"))
    assert (await lines_of(house, posted))[-1].reason == ""


async def test_why_a_discussion_is_closed_comes_back_with_a_sentence(house: House) -> None:
    mo = (await a_moderator(house)).person
    posted = await house.author.post("Something.")
    path = f"/mod/d/{(await row_of(house, posted)).discussion_id}"
    answer = await mo.submit(path, act="close", words="w" * 1001)
    assert answer.status_code == 422
    assert "1,000 characters at most" in answer.text
    assert "w" * 1001 in answer.text
