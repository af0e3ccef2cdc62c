"""What discussions assume, as it is written: tidied, never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.articles.assumed import MAX_ASSUMES, MAX_WORKS, UNREADABLE, parts_of, tidy, works_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        (" \n ", ()),
        ("jessica-jones:S1E13", ("jessica-jones:S1E13",)),
        ("jessica-jones:S1E13 civil-war-2006:#7", ("jessica-jones:S1E13", "civil-war-2006:#7")),
        ("civil-war-2006:#7,ca-civil-war:;\njj:S1E13", ("civil-war-2006:#7", "ca-civil-war:", "jj:S1E13")),
        ("a:1+b:2 + a:1", ("a:1", "b:2")),
        ("Jessica Jones S1E13", ("Jessica", "Jones", "S1E13")),
        ("a:1 b\x00:2 c\u202e:3", ("a:1", UNREADABLE)),
    ],
)  # fmt: skip
def test_parts(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text) == parts


def test_what_does_not_fit_is_not_forgotten() -> None:
    text = " ".join(f"work-{n}:S1E1" for n in range(60))
    short = tidy(text)
    assert len(short) <= MAX_ASSUMES
    assert short.startswith("work-0:S1E1 work-1:S1E1 ")
    assert short.endswith(f"S1E1 {UNREADABLE}")
    assert tidy("x" * 500) == UNREADABLE


def test_ids_of_works() -> None:
    assert works_in("jessica-jones, Luke-Cage jessica-jones -no ä a:b?") == ("jessica-jones", "luke-cage")
    assert len(works_in(" ".join(f"w{n}" for n in range(100)))) == MAX_WORKS


@given(st.text(alphabet="a?: ,+\x00\u202eé", max_size=400))
def test_tidy_text_stays_as_it_is(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert len(once) <= MAX_ASSUMES
    assert bool(once) is bool(parts_of(text))
