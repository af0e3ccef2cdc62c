"""Bodies and lines as they are kept: what stays, what goes, what is refused."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forum.core.text import TextProblem, clean_body, clean_line, is_unwanted, is_visible, neutralise, skeleton

_ALLOWED = st.characters(exclude_categories=["Cs"]).filter(lambda c: not is_unwanted(c) and c != "\r")


def _code(text: str, *, limit: int = 100) -> tuple[str, int]:
    with pytest.raises(TextProblem) as caught:
        clean_body(text, max_length=limit)
    return caught.value.code, caught.value.position


def test_it_works() -> None:
    assert clean_body("\r\n\n  first\r\nsecond\rthird \n \n", max_length=100) == "  first\nsecond\nthird "


@given(st.text(_ALLOWED, max_size=80))
def test_allowed_text_round_trips_exactly(text: str) -> None:
    kept = f"x{text}x"
    assert clean_body(kept, max_length=100) == kept


@given(st.text(st.characters(codec=None, exclude_categories=["Cs"]), max_size=80))
def test_cleaning_is_idempotent_and_leaves_nothing_unwanted(text: str) -> None:
    assume(is_visible(neutralise(text)))
    cleaned = clean_body(text, max_length=1000)
    assert clean_body(cleaned, max_length=1000) == cleaned
    assert neutralise(cleaned) == cleaned
    assert not set(cleaned) & {"\r", "\u202e"}


@pytest.mark.parametrize(
    "text",
    [
        "e\u0301 and \u00e9 stay two",
        "\ufb01 \u2126 \uff21",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f4\U000e0067\U000e0062\U000e007f \u2764\ufe0f",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0915\u094d\u200d\u0937",
        "\u200frtl mark \u200e",
        "private \ue000 \U000f0000",
        "a\u2028b\u2029c",
        "\u2067closed\u2069 \u202bclosed\u202c",
    ],
)
def test_honest_text_is_untouched(text: str) -> None:
    assert clean_body(text, max_length=100) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\x1bc\x7fd\x9fe\x0bf", "abcdef"),
        ("a\tb", "a\tb"),
        ("a\x85b", "a\nb"),
        ("a\ufdd0b\ufffec\U0001ffffd\ufff9e", "abcde"),
        ("\ufeffa\ufeffb", "a\ufeffb"),
        ("a\u202eb\u202cc", "abc"),
        ("a\u202eb", "ab"),
        ("a\u202ab", "a\u202ab\u202c"),
        ("a\u2067b\nc", "a\u2067b\u2069\nc"),
        ("a\u2067\u202bb\u2069c", "a\u2067\u202bb\u202c\u2069c"),
        ("a\u202c\u2069b", "ab"),
        ("\u2067\u202eb\u202cc\u2069", "\u2067bc\u2069"),
        ("\u2067a\u202cb\u2069", "\u2067ab\u2069"),
    ],
)
def test_what_goes_and_what_is_closed(text: str, kept: str) -> None:
    assert clean_body(text, max_length=100) == kept


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\u200d\ufeff", "\u00ad", "\u2800\u3164", "\u0301", "\x00"])
def test_nothing_to_see_is_refused(text: str) -> None:
    assert _code(text) == ("empty", 0)


def test_length_counts_code_points_after_cleaning() -> None:
    assert clean_body("\n😀😀😀\n", max_length=3) == "😀😀😀"
    assert _code("😀😀😀😀", limit=3) == ("too_long", 3)


def test_a_lone_surrogate_is_refused_where_it_stands() -> None:
    assert _code("ab\ud83dc") == ("bad_character", 2)


def test_neutralise_never_raises() -> None:
    assert neutralise("a\ud800b\x00") == "a\ufffdb"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("  A \n title\t here ", "A title here"), ("a\u202eb\u2067c", "abc"), ("می\u200cخواهم", "می\u200cخواهم")],
)
def test_a_line_is_one_line(text: str, kept: str) -> None:
    assert clean_line(text, 40) == kept


def test_a_line_has_the_same_problems() -> None:
    for text, code in [("\u200b \n", "empty"), ("abcd", "too_long"), ("\udc00", "bad_character")]:
        with pytest.raises(TextProblem) as caught:
            clean_line(text, 3)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "name",
    ["Jessica", "JESSICA", "Jеssіса", "ｊｅｓｓｉｃａ", "J e-s.s_i ca", "Jes\u200bsica", "Jéssicà", "je55ica",
     "𝕁𝕖𝕤𝕤𝕚𝕔𝕒", "ᴊᴇꜱꜱɪᴄᴀ", "Ⓙⓔⓢⓢⓘⓒⓐ", "Jessica!!"],
)  # fmt: skip
def test_look_alikes_share_a_skeleton(name: str) -> None:
    # "!" stands for a letter inside a word, so trailing marks may add to the key; the rest is equal.
    assert skeleton(name).rstrip("l") == skeleton("jessica")


def test_different_names_keep_different_skeletons() -> None:
    names = ["Ana", "Anna", "Ben", "Иван", "Мария", "محمد", "小明", "Ζωή", "Zoe2"]
    assert len({skeleton(name) for name in names}) == len(names)


def test_a_skeleton_may_be_empty() -> None:
    assert skeleton("... \u200b") == ""
