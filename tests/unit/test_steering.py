"""What moderators set for a discussion, and how it is put back: the pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from forum.articles.model import Article, Discussion, DiscussionState
from forum.articles.policy import is_over
from forum.comments.review.model import By, Decision, Verdict
from forum.core.ids import first_id, time_of
from forum.moderation.discussions.steering import (
    DISCUSSION_VERDICTS,
    THING,
    Steer,
    Thing,
    dump_change,
    look,
    put_back,
    steered,
    undone,
    verdicts_about,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEGUN = first_id(NOW)
ARTICLE = Article(1, BEGUN, "https://news.example/a", "https://news.example/a", "A title")
PLAIN = Discussion(ARTICLE, DiscussionState.OPEN, 3, 7, NOW)

ASKED = {
    Verdict.CLOSE: Steer(Verdict.CLOSE),
    Verdict.SLOW: Steer(Verdict.SLOW, seconds=60),
    Verdict.PIN: Steer(Verdict.PIN),
    Verdict.RETITLE: Steer(Verdict.RETITLE, title="Another"),
    Verdict.FEATURE: Steer(Verdict.FEATURE, comment_id=9, revision=1),
    Verdict.WATCH: Steer(Verdict.WATCH),
}
BACK = {
    Verdict.OPEN: Verdict.CLOSE,
    Verdict.UNPIN: Verdict.PIN,
    Verdict.UNFEATURE: Verdict.FEATURE,
    Verdict.UNWATCH: Verdict.WATCH,
}


def decided(before: Discussion, after: Discussion, verdict: Verdict, *, by: By = By.MODERATOR) -> Decision:
    by_id = 0 if by is By.TIME else 5
    change = dump_change(before, after, THING[verdict])
    return Decision(
        *(
            1,
            2,
            None,
            BEGUN,
            "",
            0,
            verdict.value,
            "",
            7,
            by.value,
            by_id,
            "",
            "",
            "",
            "",
            "[]",
            change,
            None,
            None,
            NOW,
        )
    )


def test_every_verdict_about_discussions_is_about_one_thing() -> None:
    assert {*ASKED, *BACK} == DISCUSSION_VERDICTS
    assert sorted(v for thing in Thing for v in verdicts_about(thing)) == sorted(DISCUSSION_VERDICTS)


@pytest.mark.parametrize("verdict", ASKED)
def test_each_sets_its_thing_alone_and_is_put_back(verdict: Verdict) -> None:
    after = steered(PLAIN, ASKED[verdict], NOW)
    changed = {thing for thing in Thing if look(after, thing) != look(PLAIN, thing)}
    assert changed == {THING[verdict]}
    assert undone(after, decided(PLAIN, after, verdict)) == PLAIN
    # Asked again, nothing changes: a second pin does not move it.
    assert steered(after, ASKED[verdict], NOW + timedelta(hours=1)) == after


@pytest.mark.parametrize("verdict", BACK)
def test_the_opposite_takes_it_away(verdict: Verdict) -> None:
    before = steered(PLAIN, ASKED[BACK[verdict]], NOW)
    after = steered(before, Steer(verdict), NOW)
    assert after == (replace(PLAIN, kept_open=True) if verdict is Verdict.OPEN else PLAIN)
    assert undone(after, decided(before, after, verdict)) == before
    assert steered(PLAIN, Steer(verdict), NOW) == PLAIN


@pytest.mark.parametrize("verdict", ASKED)
def test_what_was_set_otherwise_since_stays(verdict: Verdict) -> None:
    after = steered(PLAIN, ASKED[verdict], NOW)
    others = {
        Thing.STATE: ["open", True],
        Thing.SLOW: 30,
        Thing.PINNED: None,
        Thing.TITLE: ["A third", True],
        Thing.FEATURED: "10",
        Thing.WATCHED: False,
    }
    since = put_back(after, THING[verdict], others[THING[verdict]])
    assert undone(since, decided(PLAIN, after, verdict)) is None


def test_a_title_given_back_is_the_pages_again() -> None:
    after = steered(PLAIN, ASKED[Verdict.RETITLE], NOW)
    assert (after.article.title, after.article.locked) == ("Another", frozenset({"title"}))
    back = undone(after, decided(PLAIN, after, Verdict.RETITLE))
    assert back is not None
    assert (back.article.title, back.article.locked) == ("A title", frozenset())


def test_time_closes_once() -> None:
    end = time_of(BEGUN) + timedelta(days=7)
    assert not is_over(PLAIN, days=None, now=end)
    assert not is_over(PLAIN, days=7, now=end - timedelta(seconds=1))
    assert is_over(PLAIN, days=7, now=end)
    assert not is_over(replace(PLAIN, kept_open=True), days=7, now=end)
    assert not is_over(replace(PLAIN, state=DiscussionState.CLOSED), days=7, now=end)
    closed = replace(PLAIN, state=DiscussionState.CLOSED)
    opened = undone(closed, decided(PLAIN, closed, Verdict.CLOSE, by=By.TIME))
    assert opened == replace(PLAIN, kept_open=True)
    # Who takes back their own mistake leaves it as it was.
    assert undone(closed, decided(PLAIN, closed, Verdict.CLOSE)) == PLAIN


def test_other_verdicts_are_not_about_discussions() -> None:
    with pytest.raises(ValueError, match="not about discussions"):
        steered(PLAIN, Steer(Verdict.REMOVE), NOW)
