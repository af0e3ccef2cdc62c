"""Lengths of time are said as people say them, and never shorter than they are."""

from datetime import timedelta

import pytest

from forum.web.languages import available

SPANS = {
    0.2: "1 second",
    59: "59 seconds",
    60: "1 minute",
    90: "90 seconds",
    120: "2 minutes",
    301: "6 minutes",
    3_600: "1 hour",
    5_400: "90 minutes",
    7_201: "3 hours",
    86_400: "1 day",
    90_000: "25 hours",
    172_800: "2 days",
}


@pytest.mark.parametrize(("seconds", "said"), SPANS.items())
def test_a_length_of_time(seconds: float, said: str) -> None:
    assert available()["en"].span(timedelta(seconds=seconds)) == said
