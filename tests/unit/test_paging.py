"""Cursors: read back as written, refused under another order, never more than an order and an id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.ids import MAX_ID
from forum.core.paging import BadCursor, Cursor, parse_cursor


@given(st.sampled_from(["newest", "oldest", "replies"]), st.integers(1, MAX_ID))
def test_a_cursor_is_read_back(order: str, last: int) -> None:
    cursor = Cursor(order, last)
    assert parse_cursor(str(cursor), order=order) == cursor


def test_a_cursor_of_another_order_is_refused() -> None:
    with pytest.raises(BadCursor):
        parse_cursor(str(Cursor("newest", 7)), order="oldest")


@pytest.mark.parametrize(
    "text", ["", ".", "newest", "newest.", ".7", "newest.0", "newest.-1", "newest.7.8", "newest.07", "NEWEST.7"]
)
def test_other_texts_are_no_cursors(text: str) -> None:
    with pytest.raises(BadCursor):
        parse_cursor(text, order="newest")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cursor = parse_cursor(text, order="newest")
    except BadCursor:
        return
    assert str(cursor) == text
