"""What a sanction stops, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from forum.comments.review.model import Sanction, SanctionRow
from forum.comments.review.policy import Act, is_in_force, premoderates, stops

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_row(kind: Sanction, *, until: datetime | None = None, row_id: int = 1) -> SanctionRow:
    return SanctionRow(1, row_id, "guest", 7, kind.value, until, "abuse", "", "", 2, 3, NOW - HOUR)


@pytest.mark.parametrize(
    ("kind", "stopped"),
    [
        (Sanction.WARN, set()),
        (Sanction.PREMODERATE, set()),
        (Sanction.MUTE, {Act.POST}),
        (Sanction.SUSPEND, {Act.POST, Act.EDIT, Act.FLAG}),
        (Sanction.BAN, {Act.POST, Act.EDIT, Act.FLAG}),
    ],
)
def test_each_sanction_stops_what_it_says(kind: Sanction, stopped: set[Act]) -> None:
    assert {act for act in Act if stops([a_row(kind)], act, NOW) is not None} == stopped


def test_it_stops_nothing_once_it_is_over_or_lifted() -> None:
    over = a_row(Sanction.SUSPEND, until=NOW)
    lifted = a_row(Sanction.BAN)._replace(lifted_at=NOW)
    assert stops([over, lifted], Act.POST, NOW) is None
    assert stops([over], Act.POST, NOW - timedelta(seconds=1)) == over


def test_the_heaviest_is_named_and_of_two_the_longer() -> None:
    mute = a_row(Sanction.MUTE)
    short, long = (a_row(Sanction.SUSPEND, until=NOW + n * HOUR, row_id=n) for n in (1, 2))
    assert stops([mute, short, long], Act.POST, NOW) == long
    ban = a_row(Sanction.BAN)
    assert stops([mute, short, ban, long], Act.FLAG, NOW) == ban


def test_a_warning_counts_until_it_is_read() -> None:
    warning = a_row(Sanction.WARN)
    assert is_in_force(warning, NOW)
    assert not is_in_force(warning._replace(seen_at=NOW), NOW)


def test_who_is_premoderated_is_found() -> None:
    watched = a_row(Sanction.PREMODERATE, until=NOW + HOUR)
    assert premoderates([a_row(Sanction.WARN), watched], NOW) == watched
    assert premoderates([watched], NOW + HOUR) is None
