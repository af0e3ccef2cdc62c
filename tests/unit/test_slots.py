"""Slots: putting passages in, taking them out, and reading the marks."""

from hypothesis import given
from hypothesis import strategies as st

from forum.markup import slots
from forum.markup.slots import Mark

_TEXT = st.text(st.characters(exclude_characters="\ue000\ue001\ue002\ue003", exclude_categories=["Cs"]), max_size=20)


def test_a_slot_is_a_number_between_private_characters() -> None:
    assert slots.slot(7) == "\ue0007\ue001"
    assert slots.opening(7) == "\ue0027\ue001"
    assert slots.closing(7) == "\ue0037\ue001"


def test_a_passage_is_put_in_and_taken_out() -> None:
    html = f"<p>a {slots.slot(1)} b {slots.slot(12)}</p>"
    shown = slots.put_in(html, 1, "<em>x</em>")
    assert shown == f"<p>a {slots.opening(1)}<em>x</em>{slots.closing(1)} b {slots.slot(12)}</p>"
    assert slots.take_out(shown, 1) == html
    assert slots.take_out(html, 1) == html
    assert slots.put_in(html, 3, "x") == html


def test_one_that_is_inside_another_goes_out_with_it() -> None:
    shown = slots.put_in(slots.put_in(slots.slot(1), 1, f"a{slots.slot(2)}"), 2, "b")
    assert slots.take_out(shown, 2) == f"{slots.opening(1)}a{slots.slot(2)}{slots.closing(1)}"
    assert slots.take_out(shown, 1) == slots.slot(1)


def test_a_passage_without_its_end_goes_out_up_to_the_end() -> None:
    assert slots.take_out(f"a{slots.opening(1)}secret", 1) == f"a{slots.slot(1)}"


def test_marks_are_read_in_order() -> None:
    html = f"a{slots.slot(3)}{slots.opening(1)}b{slots.closing(1)}"
    assert slots.split(html) == ["a", Mark(3, "slot"), Mark(1, "open"), "b", Mark(1, "close")]
    assert slots.split("") == []
    assert slots.numbers(html) == (3,)
    assert slots.plain(html) == "a b"


def test_slots_are_filled_by_number() -> None:
    html = f"{slots.slot(1)} {slots.slot(2)} {slots.opening(1)}"
    assert slots.fill(html, {1: slots.slot(2), 3: "z"}) == f"{slots.slot(2)} {slots.slot(2)} {slots.opening(1)}"


def test_what_only_looks_like_a_mark_is_text() -> None:
    odd = "\ue000\ue001 \ue000x\ue001 \ue0001 \ue000١\ue001 \ue0000000000001\ue001"
    assert slots.split(odd) == [odd]
    assert slots.fill(odd, {1: "x"}) == odd


@given(_TEXT, _TEXT, _TEXT, st.integers(0, 500))
def test_put_in_and_take_out_are_opposites(before: str, inner: str, after: str, seq: int) -> None:
    html = before + slots.slot(seq) + after
    shown = slots.put_in(html, seq, inner)
    assert slots.plain(shown) == before + inner + after
    assert slots.take_out(shown, seq) == html
    assert "".join(part for part in slots.split(shown) if isinstance(part, str)) == before + inner + after
