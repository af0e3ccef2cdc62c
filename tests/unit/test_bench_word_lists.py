"""The benchmark of word lists looks for what it says it does."""

from bench.screening import LENGTH, a_look, word_lists
from forum.comments.screening.entries import MOST_ENTRIES


def test_it_is_as_much_as_there_can_be() -> None:
    look = a_look()
    assert (len(look.text), look.lists.size) == (LENGTH, MOST_ENTRIES)


def test_it_is_one_row() -> None:
    (row,) = word_lists()
    assert row.budget == "< 5 ms"
