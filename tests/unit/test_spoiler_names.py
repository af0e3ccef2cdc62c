"""Names of works: one form for all the ways people write one, in any script, and never nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.spoilers.names import MOST, normalise


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("Jessica Jones", "jessica jones"),
        ("  JESSICA\tjones ", "jessica jones"),
        ("Marvel's Jessica Jones", "jessica jones"),
        ("Marvel’s The Defenders", "defenders"),
        ("The Office", "office"),
        ("A Series of Unfortunate Events", "series of unfortunate events"),
        ("An Education", "education"),
        ("The The", "the"),
        ("A", "a"),
        ("The Marvels", "marvels"),
        ("Another Life", "another life"),
        ("Agents of S.H.I.E.L.D.", "agents of shield"),
        ("Spider-Man", "spiderman"),
        ("Cloak & Dagger", "cloak and dagger"),
        ("Cloak＆Dagger", "cloak and dagger"),
        ("Amélie", "amelie"),
        ("Amelie\u0301", "amelie"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Ｃｉｖｉｌ　Ｗａｒ", "civil war"),
        ("Civil\u200b War\ufeff", "civil war"),
        ("Ocean's 8", "oceans 8"),
        ("Oceanʼs 8", "oceans 8"),
        ("2001: A Space Odyssey", "2001 a space odyssey"),
        ("進撃の巨人", "進撃の巨人"),
        ("ガンダム", "ガンダム"),
        ("がんばれ", "がんばれ"),
        ("미생", "미생"),
        ("मिर्ज़ापुर", "मिर्ज़ापुर"),
        ("شَمس", "شمس"),
        ("Игра престолов", "игра престолов"),
        ("Ёлки", "елки"),
        ("???", "???"),
        ("!!!", "!!!"),
        ("♥", "♥"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_one_form(written: str, form: str) -> None:
    assert normalise(written) == form


def test_sounds_are_not_accents() -> None:
    assert normalise("が") != normalise("か")
    assert normalise("कि") != normalise("क")


@given(st.text(max_size=60))
def test_twice_is_once(text: str) -> None:
    form = normalise(text)
    assert normalise(form) == form
    assert (form == "") == (not text.split())


@given(st.sampled_from(["ﷺ", "㍿", "ff", "ß", "가", "a b "]), st.integers(1, 300))
def test_never_longer_than_what_is_stored(piece: str, times: int) -> None:
    assert len(normalise(piece * times)) <= MOST
