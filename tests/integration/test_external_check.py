"""A check from outside: what it is told, what becomes of the comment, and what happens when it does not answer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select

from forum.comments.review.model import By, Decision
from forum.comments.review.queries import log_decision
from forum.comments.review.tables import decision, queue_item
from forum.comments.review.tables import flag as flags
from forum.comments.screening import check as protocol
from forum.comments.screening.check import EXTERNAL_CHECK
from forum.comments.screening.queries import Version, insert_rules
from forum.comments.screening.rules import NO_RULES, Check, CheckKind, OnFailure, dump
from forum.comments.tables import comment
from forum.core.clock import FixedClock
from forum.db import Tx
from forum.moderation.deciding.service_claim import claim
from forum.moderation.rules.service_check import (
    CLEARED,
    DOUBTED,
    NO_CHECK,
    SUSPECTED,
    UNANSWERED,
    CheckFailed,
    check_comment,
)
from forum.outbox.tables import outbox
from tests.support.app import ARTICLE, House, open_house
from tests.support.flags import queues_of, regulars, report_all
from tests.support.moderating import a_moderator
from tests.support.spam_checks import Checker, checker
from tests.support.spoilers import UNSPEC

pytestmark = pytest.mark.anyio
KEY = "the-key-of-the-check"


@pytest.fixture
async def server() -> AsyncIterator[Checker]:
    async with checker() as running:
        yield running


@pytest.fixture
async def checking(engine_url: str) -> AsyncIterator[House]:
    """An installation that may ask a server on its own machine."""
    async with open_house(engine_url, egress_local=True) as house:
        yield house


async def use_check(
    house: House, url: str, kind: CheckKind = CheckKind.HOOK, on_failure: OnFailure = OnFailure.HOLD, **rules: Any
) -> None:
    """Set the site's check, and other rules."""
    found = replace(NO_RULES, check=Check(kind, url, KEY, on_failure), **rules)
    new = Version(1, dump(found), 0, house.clock.now())
    await house.rt.db.write(lambda tx: insert_rules(tx, house.site.id, new))


async def a_waiting(house: House, body: str = "Well, look at [this](https://shop.example/x).", **fields: Any) -> int:
    """A comment that is held until the check has answered."""
    posted = await house.author.post(body, **fields)
    assert posted["status"] == "held"
    return int(posted["id"])


async def status_of(house: House, comment_id: int) -> Any:
    (row,) = await house.rows(select(comment).where(comment.c.id == comment_id))
    return row


async def waits_in(house: House, comment_id: int) -> dict[str, str]:
    """The queues that a comment is in, with the sentence that says why."""
    rows = await house.rows(select(queue_item).where(queue_item.c.comment_id == comment_id))
    return {row.queue: next((one["sentence"] for one in json.loads(row.evidence)), "") for row in rows}


async def revision_of(posted: dict[str, Any], house: House) -> int:
    return int((await status_of(house, int(posted["id"]))).revision)


async def log_of(house: House, comment_id: int) -> list[Any]:
    return await house.rows(select(decision).where(decision.c.comment_id == comment_id).order_by(decision.c.id))


async def test_it_works(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    found = await status_of(checking, comment_id)
    assert (found.status, found.marked, found.reviewed) == ("published", False, False)
    assert await waits_in(checking, comment_id) == {}
    last = (await log_of(checking, comment_id))[-1]
    assert (last.verdict, last.status, last.by_kind, last.rule) == ("approve", "published", "rule", "check")
    assert last.revision == found.revision
    assert json.loads(last.evidence)[0]["sentence"] == CLEARED
    assert (await checking.replier.read(f"/api/v1/comments/{comment_id}"))["status"] == "published"
    await checking.recount()


async def test_what_a_hook_is_told_is_signed(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, f"{server.url}/hook")
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert asked.headers["content-type"] == "application/json"
    fields = dict(part.split("=", 1) for part in asked.headers["aftershow-signature"].split(","))
    assert fields["t"] == str(int(checking.clock.now().timestamp()))
    made = hmac.new(KEY.encode(), fields["t"].encode() + b"." + asked.body, hashlib.sha256).hexdigest()
    assert fields["v1"] == made
    assert KEY.encode() not in asked.body
    assert json.loads(asked.body) == {
        "type": "comment.check",
        "site": "newsroom",
        "comment": {
            "id": str(comment_id),
            "revision": 1,
            "author_name": "Ada",
            "text": "Well, look at this.",
            "links": ["https://shop.example/x"],
            "is_reply": False,
            "url": f"https://talk.example/c/{comment_id}",
            "created_at": "2026-03-01T12:00:00Z",
        },
        "article_url": ARTICLE,
        "language": "en",
    }


async def test_what_an_akismet_service_is_told(checking: House, server: Checker) -> None:
    await use_check(checking, f"{server.url}/", CheckKind.AKISMET)
    await a_waiting(checking)
    await checking.run_jobs()
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/1.1/comment-check")
    assert dict(parse_qsl(asked.body.decode())) == {
        "api_key": KEY,
        "blog": "https://news.example",
        "user_ip": "0.0.0.0",  # noqa: S104
        "permalink": ARTICLE,
        "comment_type": "comment",
        "comment_author": "Ada",
        "comment_content": "Well, look at this.\nhttps://shop.example/x",
        "comment_date_gmt": "2026-03-01T12:00:00+00:00",
        "blog_lang": "en",
        "blog_charset": "UTF-8",
    }


async def test_what_was_pointed_out_still_is(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url, flag_words=("look",))
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    assert (await status_of(checking, comment_id)).status == "published"
    (item,) = await checking.rows(select(queue_item).where(queue_item.c.comment_id == comment_id))
    assert (item.queue, item.rule) == ("reported", "words")
    assert json.loads(item.evidence)[0]["details"] == ["look"]


async def test_nobody_outside_is_told_what_is_covered(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url)
    await a_waiting(checking, "Before >!he was the lantern all along, see https://hidden.example/!< after")
    await a_waiting(checking, "The butler is a goat.", scope=[UNSPEC])
    await checking.run_jobs()
    texts = {json.loads(asked.body)["comment"]["text"] for asked in server.asked}
    assert texts == {"Before […] after", "[…]"}
    assert not any(
        b"lantern" in one.body or b"hidden.example" in one.body or b"goat" in one.body for one in server.asked
    )


@pytest.mark.parametrize(
    ("kind", "body", "queue", "sentence"),
    [
        (CheckKind.HOOK, b'{"verdict": "spam", "reason": "seen 40 times"}', "spam", SUSPECTED),
        (CheckKind.HOOK, b'{"verdict": "hold", "reason": "seen 40 times"}', "pending", DOUBTED),
        (CheckKind.AKISMET, b"true", "spam", SUSPECTED),
    ],
)
async def test_what_is_not_clean_waits_for_a_moderator(
    checking: House, server: Checker, kind: CheckKind, body: bytes, queue: str, sentence: str
) -> None:
    server.body = body
    await use_check(checking, server.url, kind)
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    assert (await status_of(checking, comment_id)).status == "held"
    assert await waits_in(checking, comment_id) == {queue: sentence}
    last = (await log_of(checking, comment_id))[-1]
    assert (last.verdict, last.status, last.by_kind, last.about_rule) == ("hold", "held", "rule", "check")
    (item,) = await checking.rows(select(queue_item).where(queue_item.c.comment_id == comment_id))
    said = ["seen 40 times"] if kind is CheckKind.HOOK else []
    # The log holds no words of others: they may repeat the text.
    assert (json.loads(item.evidence)[0]["details"], json.loads(last.evidence)[0]["details"]) == (said, [])
    await checking.recount()


HOSTILE = {
    "an error": Checker(status="500 Oops"),
    "not found": Checker(status="404 Not Found"),
    "a redirect": Checker(status="302 Found", headers=("Location: http://127.0.0.1:9/",)),
    "nothing": Checker(body=b""),
    "another word": Checker(body=b'{"verdict": "obliterate"}'),
    "a list": Checker(body=b"[1, 2]"),
    "a number": Checker(body=b"7"),
    "no verdict": Checker(body=b"{}"),
    "a nested verdict": Checker(body=b'{"verdict": {"a": 1}}'),
    "deep": Checker(body=b"[" * 10_000),
    "bytes": Checker(body=b"\xff\xfe\x00"),
    "a flood": Checker(body=b'{"verdict": "publish", "reason": "' + b"a" * 100_000 + b'"}'),
    "no http": Checker(raw=b"SSH-2.0-OpenSSH_9\r\n"),
    "half an answer": Checker(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"verdict": "publish"}'),
    "a bad length": Checker(raw=b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", list(CheckKind))
async def test_an_answer_that_means_nothing_is_none(
    checking: House, server: Checker, answer: Checker, kind: CheckKind
) -> None:
    server.body, server.status, server.headers, server.raw = answer.body, answer.status, answer.headers, answer.raw
    await use_check(checking, server.url, kind)
    comment_id = await a_waiting(checking)
    await _three_tries(checking)
    assert (await status_of(checking, comment_id)).status == "held"
    assert await waits_in(checking, comment_id) == {"pending": UNANSWERED}
    assert await checking.rows(select(outbox).where(outbox.c.kind == EXTERNAL_CHECK)) == []


async def _three_tries(house: House) -> None:
    for _ in range(3):
        await house.run_jobs()
        assert isinstance(house.clock, FixedClock)
        house.clock.advance(timedelta(minutes=2))


async def test_by_its_setting_a_site_publishes_when_nobody_answers(checking: House, server: Checker) -> None:
    server.status = "503 Later"
    await use_check(checking, server.url, on_failure=OnFailure.PUBLISH)
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    assert (await status_of(checking, comment_id)).status == "held"
    await _three_tries(checking)
    assert (await status_of(checking, comment_id)).status == "published"
    assert len(server.asked) == protocol.MOST_TRIES
    assert json.loads((await log_of(checking, comment_id))[-1].evidence)[0]["sentence"] == UNANSWERED
    await checking.recount()


async def test_an_answer_after_a_failure_counts(checking: House, server: Checker) -> None:
    server.status = "503 Later"
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    server.status, server.body = "200 OK", b'{"verdict": "publish"}'
    await _three_tries(checking)
    assert (await status_of(checking, comment_id)).status == "published"


async def test_who_does_not_answer_is_not_waited_for(
    checking: House, server: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.05)
    server.waits = True
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    with pytest.raises(CheckFailed, match="timed_out"):
        await check_comment(checking.rt, checking.site.id, comment_id, attempt=1)
    await check_comment(checking.rt, checking.site.id, comment_id, attempt=3)
    assert await waits_in(checking, comment_id) == {"pending": UNANSWERED}


async def test_nobody_there(checking: House, server: Checker) -> None:
    await use_check(checking, "http://127.0.0.1:9")
    comment_id = await a_waiting(checking)
    await _three_tries(checking)
    assert await waits_in(checking, comment_id) == {"pending": UNANSWERED}


async def test_addresses_inside_are_never_asked(house: House, server: Checker) -> None:
    """Without the development setting the address of an own machine is refused at once, and for good."""
    await use_check(house, server.url)
    comment_id = await a_waiting(house)
    await house.run_jobs()
    assert server.asked == []
    assert await waits_in(house, comment_id) == {"pending": UNANSWERED}


async def test_a_check_that_is_gone_leaves_it_to_moderators(checking: House) -> None:
    await use_check(checking, "https://check.example")
    comment_id = await a_waiting(checking)
    gone = Version(2**31 - 1, dump(NO_RULES), 0, checking.clock.now())
    await checking.rt.db.write(lambda tx: insert_rules(tx, checking.site.id, gone))
    await checking.run_jobs()
    assert await waits_in(checking, comment_id) == {"pending": NO_CHECK}


async def test_asked_twice_it_is_settled_once(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "spam"}'
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    before = await log_of(checking, comment_id)
    await check_comment(checking.rt, checking.site.id, comment_id, attempt=1)
    assert len(server.asked) == 1
    assert await log_of(checking, comment_id) == before


async def test_two_at_once_settle_it_once(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    before = len(await log_of(checking, comment_id))
    await asyncio.gather(*(check_comment(checking.rt, checking.site.id, comment_id, attempt=1) for _ in range(4)))
    assert len(await log_of(checking, comment_id)) == before + 1
    await checking.recount()


async def test_a_moderator_who_was_first_is_not_overruled(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    (waiting,) = [line for line in await log_of(checking, comment_id) if line.rule == "check"]

    async def work(tx: Tx) -> None:
        said = Decision._make(waiting)._replace(id=checking.rt.ids.next(), by_kind=By.MODERATOR.value, rule="")
        await log_decision(tx, said)

    await checking.rt.db.write(work)
    await checking.run_jobs()
    assert server.asked == []
    assert (await status_of(checking, comment_id)).status == "held"


async def test_an_edited_text_is_asked_about_anew(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    await checking.author.edit(str(comment_id), "Something else.")
    await checking.run_jobs()
    assert json.loads(server.asked[-1].body)["comment"]["text"] == "Something else."
    assert (await status_of(checking, comment_id)).status == "published"


async def test_an_edit_before_anybody_was_asked_is_asked_about_once(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "publish"}'
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    for revision, text in enumerate(("Something else.", "Something else again."), 1):
        assert (await checking.author.edit(str(comment_id), text, revision)).status_code == 200
    assert len(await checking.rows(select(outbox).where(outbox.c.kind == EXTERNAL_CHECK))) == 1
    await checking.run_jobs()
    assert [json.loads(asked.body)["comment"]["text"] for asked in server.asked] == ["Something else again."]
    assert (await status_of(checking, comment_id)).status == "published"


async def test_an_edit_after_a_failure_is_asked_about_at_once(checking: House, server: Checker) -> None:
    server.status = "503 Later"
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    await checking.run_jobs()
    server.status, server.body = "200 OK", b'{"verdict": "publish"}'
    await checking.author.edit(str(comment_id), "Something else.")
    await checking.run_jobs()
    assert (await status_of(checking, comment_id)).status == "published"


SAID = [("publish", set()), ("hold", {"pending"}), ("spam", {"spam"})]


@pytest.mark.parametrize(("verdict", "beside"), SAID)
async def test_what_readers_have_said_waits_on(
    checking: House, server: Checker, verdict: str, beside: set[str]
) -> None:
    server.body = json.dumps({"verdict": verdict}).encode()
    people = await regulars(checking, 3)
    posted = await checking.author.post("The ferryman knew the way.")
    await report_all(people[:2], posted, "illegal")
    await report_all(people[2:], posted, "untagged_spoiler", scope=[UNSPEC])
    said = await queues_of(checking, posted)
    assert set(said) == {"reported", "spoilers"}
    await use_check(checking, server.url, flag_words=("goat",))
    edited = await checking.author.edit(
        posted["id"], "The ferryman knew the goat.", await revision_of(posted, checking)
    )
    assert edited.json()["status"] == "held"
    await checking.run_jobs()
    found = await queues_of(checking, posted)
    assert set(found) == {"reported", "spoilers"} | beside
    assert {name: found[name] for name in said} == said
    items = await checking.rows(select(queue_item).where(queue_item.c.comment_id == int(posted["id"])))
    pointed_out = {item.queue for item in items if "goat" in item.evidence}
    assert pointed_out == (beside or {"reported"})
    undecided = select(flags).where(flags.c.comment_id == int(posted["id"]), flags.c.outcome.is_(None))
    assert len(await checking.rows(undecided)) == 3


async def test_whoever_looks_at_it_still_does(checking: House, server: Checker) -> None:
    server.body = b'{"verdict": "hold"}'
    chair = await a_moderator(checking)
    await use_check(checking, server.url)
    comment_id = await a_waiting(checking)
    await claim(checking.rt, await chair.mod(), comment_id)
    await checking.run_jobs()
    (item,) = await checking.rows(select(queue_item).where(queue_item.c.comment_id == comment_id))
    assert (item.queue, item.claimed_by) == ("pending", (await chair.mod()).actor.id)


async def test_the_key_is_in_no_job_and_no_log(
    checking: House, server: Checker, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = "500 Oops"
    await use_check(checking, server.url, CheckKind.AKISMET)
    await a_waiting(checking)
    await checking.run_jobs()
    jobs = await checking.rows(select(outbox).where(outbox.c.kind == EXTERNAL_CHECK))
    assert [job.last_error for job in jobs] == ["CheckFailed: status_500"]
    said = capsys.readouterr()
    assert KEY not in said.out + said.err + str(jobs)
