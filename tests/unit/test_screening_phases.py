"""The phases of screening: their order, who decides, and what makes two texts alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forum.comments.screening import phases
from forum.comments.screening.facts import Earlier, Facts, Known
from forum.comments.screening.likeness import NO_SKETCH, sketch
from forum.comments.screening.links import Link, domain_of, is_below, read_links
from forum.comments.screening.model import Kind, Rule, evidence_of
from forum.comments.screening.phases import PHASES, screen
from forum.comments.screening.reading import Case
from forum.comments.screening.rules import NO_RULES, Action, Rules
from forum.comments.screening.words import Hit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = Facts(NOW)
HELD = Hit(Kind.HOLD, "goat", (0, 4))
REFUSED = Hit(Kind.REFUSE, "ox", (5, 7))
FLAGGED = Hit(Kind.FLAG, "cow", (8, 11))
TALE = "The ferryman knew the way across the river from the first page on, and nobody else did."


def facts(**known: Any) -> Facts:
    return replace(FACTS, known=Known(**known))


def test_they_stand_in_the_order_that_they_were_asked_for() -> None:
    assert [phase.__name__ for phase in PHASES] == [
        *("length", "closed", "sanctioned", "trusted", "slow", "rate", "repeated", "words", "links", "first_ones"),
        *("media", "premoderated", "covered_words", "spam", "checked"),
    ]


def test_nothing_is_said_about_an_ordinary_text() -> None:
    assert screen(Case("A goat."), FACTS, NO_RULES).deciding is None


def test_the_first_that_holds_decides_and_all_are_told() -> None:
    rules = Rules(first_comments=1, premoderate=True)
    outcome = screen(Case("goat", (HELD,)), FACTS, rules)
    assert outcome.deciding is not None
    assert [verdict.rule for verdict in outcome.all] == [Rule.WORDS, Rule.NEW_PERSON, Rule.PREMODERATED]
    assert outcome.deciding.rule is Rule.WORDS
    assert outcome.held
    assert not outcome.flagged


def test_a_later_refusal_is_the_last_word() -> None:
    outcome = screen(Case("goat", (HELD,)), FACTS, replace(NO_RULES, media=Action.REFUSE))
    assert outcome.held
    film = Link("https://a.example/x.mp4", "a.example", None)
    outcome = screen(Case("goat", (HELD,), (film,)), FACTS, replace(NO_RULES, media=Action.REFUSE))
    assert outcome.refused
    assert [verdict.rule for verdict in outcome.all] == [Rule.MEDIA]


def test_of_the_lists_the_strictest_decides() -> None:
    outcome = screen(Case("goat ox cow", (HELD, REFUSED, FLAGGED)), FACTS, NO_RULES)
    assert outcome.refused
    assert outcome.deciding is not None
    assert outcome.deciding.args == {"word": "ox"}
    assert screen(Case("goat cow", (FLAGGED, HELD)), FACTS, NO_RULES).held
    assert screen(Case("cow", (FLAGGED,)), FACTS, NO_RULES).flagged


def test_what_holds_comes_before_what_only_flags() -> None:
    outcome = screen(Case("cow", (FLAGGED,)), FACTS, replace(NO_RULES, premoderate=True))
    assert outcome.held
    assert [verdict.kind for verdict in outcome.all] == [Kind.HOLD, Kind.FLAG]


def test_evidence_has_all_for_moderators_and_nothing_of_the_text_for_the_log() -> None:
    outcome = screen(Case("goat", (HELD,)), FACTS, NO_RULES)
    assert '"spans":[[0,4]],"details":["goat"]' in evidence_of(outcome.all)
    assert '"spans":[],"details":[]' in evidence_of(outcome.all, whole=False)


@pytest.mark.parametrize(("minutes", "waits"), [(0, 600), (5, 300), (9, 60), (10, None)])
def test_a_rate_says_when_to_come_back(minutes: int, waits: int | None) -> None:
    recent = (Earlier(NOW), Earlier(NOW - timedelta(minutes=minutes)))
    verdict = phases.rate(Case("x"), facts(recent=recent), Rules(rate_comments=2, rate_minutes=10))
    assert (None if verdict is None else verdict.retry_after) == waits


@pytest.mark.parametrize("changed", ["", " Indeed.", " https://other.example/2"])
def test_texts_that_are_nearly_the_same_share_a_number(changed: str) -> None:
    one, other = sketch(f"{TALE} https://one.example/1", "k"), sketch(f"{TALE} https://one.example/1{changed}", "k")
    assert one != NO_SKETCH
    assert one[0] == other[0] or one[1] == other[1]


def test_other_texts_share_none_and_keys_matter() -> None:
    one, other = sketch(TALE, "k"), sketch("What a strange lighthouse that is, said the goat to the ox and left.", "k")
    assert not set(one) & set(other)
    assert not set(one) & set(sketch(TALE, "another"))
    assert sketch("Thank you so much", "k") == NO_SKETCH


def test_domains_have_what_is_below_them() -> None:
    assert domain_of("www.bad.example", {"bad.example"}) == "bad.example"
    assert is_below("bad.example", {"bad.example"})
    assert not is_below("notbad.example", {"bad.example"})
    assert not is_below("bad.example.org", {"bad.example"})
    assert not is_below("." * 5_000 + "x", {"bad.example"})


def test_links_are_found_where_they_stand() -> None:
    source = "See https://a.example/x?y=1&z=2 and [it](https://B.example/x.png)."
    html = '<a href="https://a.example/x?y=1&amp;z=2">…</a> <a href="https://B.example/x.png">it</a>'
    first, second = read_links(source, [html])
    assert (first.host, first.is_media, second.host, second.is_media) == ("a.example", False, "b.example", True)
    assert [source[slice(*link.span)] for link in (first, second) if link.span] == [first.url, second.url]
