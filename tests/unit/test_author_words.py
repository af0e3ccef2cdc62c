"""Everything that can happen to what somebody wrote, or to them, has its sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from forum.comments.review import words
from forum.comments.review.model import By, Decision, Reason, Sanction, SanctionRow, Verdict
from forum.comments.review.words import Said, about_comment, about_cover, about_sanction, ended, refusal
from forum.web.languages import available

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE_SENTENCE = "It holds the word “%(word)s”."
EVIDENCE = orjson.dumps([{"rule": "words", "sentence": RULE_SENTENCE, "args": {"word": "cheap"}, "spans": [[0, 5]]}])


def a_line(verdict: Verdict, status: str, by: By = By.MODERATOR, **changes: object) -> Decision:
    base = Decision(1, 1, 5, 6, "guest", 7, verdict, status, 2, by, 9, "", "", "", "", "[]", "", None, None, NOW)
    return base._replace(**changes)  # type: ignore[arg-type]


def written(said: Said | None) -> str:
    return "" if said is None else available()["en"].text(said.sentence, said.params)


HOLD = a_line(Verdict.HOLD, "held", By.RULE, rule="words", evidence=EVIDENCE.decode())
HIDE = a_line(Verdict.HIDE, "held", By.READERS, reason=Reason.ABUSE)
REMOVE = a_line(Verdict.REMOVE, "removed", reason=Reason.SPAM, rule="Be kind", words="Twice now.")
APPROVE = a_line(Verdict.APPROVE, "published")
UNDO = a_line(Verdict.UNDO, "published")


@pytest.mark.parametrize(
    ("status", "decisions", "code", "what"),
    [
        ("held", [HOLD], "held", words.HELD),
        ("held", [], "held", words.HELD),
        ("held", [a_line(Verdict.UNDO, "held"), APPROVE, HOLD], "held", words.HELD_AGAIN),
        ("held", [HIDE], "hidden", words.HIDDEN),
        ("removed", [REMOVE, HOLD], "removed", words.REMOVED),
        ("removed", [], "removed", words.REMOVED),
        ("spam", [a_line(Verdict.SPAM, "spam", reason=Reason.SPAM)], "spam", words.SPAM),
        ("spam", [a_line(Verdict.SPAM, "spam", By.RULE)], "spam", words.SPAM_BY_RULE),
        ("published", [UNDO, REMOVE], "restored", words.RESTORED),
        ("published", [APPROVE, HIDE], "restored", words.RESTORED),
        ("published", [a_line(Verdict.APPROVE, "published", By.TIME), HIDE], "returned", words.RETURNED),
    ],
)
def test_where_a_comment_stands_is_said(status: str, decisions: list[Decision], code: str, what: str) -> None:
    told = about_comment(status, decisions)
    assert told is not None
    assert (told.code, told.what.sentence) == (code, what)
    assert status == "published" or told.now is not None


@pytest.mark.parametrize("decisions", [[], [APPROVE], [APPROVE, HOLD]])
def test_of_what_was_never_out_of_sight_nothing_is_said(decisions: list[Decision]) -> None:
    assert about_comment("published", decisions) is None


def test_a_held_comment_says_what_the_rule_found() -> None:
    told = about_comment("held", [HOLD])
    assert told is not None
    assert written(told.why) == "It holds the word “cheap”."


def test_a_removed_one_says_reason_house_rule_and_words() -> None:
    told = about_comment("removed", [REMOVE])
    assert told is not None
    assert (written(told.why), told.house_rule, told.words) == (words.REASONS[Reason.SPAM], "Be kind", "Twice now.")


def test_covers_say_who_put_them_there() -> None:
    pending = about_cover("covered_pending", [])
    confirmed = about_cover("covered_confirmed", [a_line(Verdict.COVER, "", words="See the rules.")])
    assert pending is not None
    assert confirmed is not None
    assert (pending.what.sentence, confirmed.what.sentence) == (words.COVERED_BY_READERS, words.COVERED)
    assert confirmed.words == "See the rules."
    assert about_cover("open", []) is None


ENDLESS = (Sanction.WARN, Sanction.BAN)


@pytest.mark.parametrize(
    ("kind", "until"), [(kind, until) for kind in Sanction for until in (None, NOW) if not (until and kind in ENDLESS)]
)
def test_every_sanction_has_a_sentence_with_and_without_an_end(kind: Sanction, until: datetime | None) -> None:
    row = SanctionRow(1, 1, "guest", 7, kind, until, Reason.ABUSE, "", "", 2, 3, NOW)
    told = about_sanction(row)
    assert written(told.what)
    assert ("Mar 1, 2026" in written(told.what)) == (until is not None)
    assert written(told.now)
    assert written(told.why) == words.REASONS[Reason.ABUSE]
    assert refusal(row)[:2] == (told.code, told.what.sentence)


def test_an_ended_sanction_says_how_it_ended() -> None:
    row = SanctionRow(1, 1, "guest", 7, Sanction.MUTE, NOW, "", "", "", 2, 3, NOW)
    assert ended(row).sentence == words.SANCTION_OVER
    assert ended(row._replace(lifted_at=NOW)).sentence == words.LIFTED
    assert ended(row._replace(kind=Sanction.WARN, seen_at=NOW)).sentence == words.READ
