"""Word lists: what they find however it is disguised, what they leave alone, and that nothing stalls them."""

from __future__ import annotations

import string
import time
import unicodedata
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.comments.screening.entries import BLANK, MOST_ENTRIES, MOST_TYPED, WORD, Entry, entry_problem, read_entry
from forum.comments.screening.fold import fold
from forum.comments.screening.model import MOST_SPANS, Kind
from forum.comments.screening.words import WordLists
from forum.core.confusables import LETTERS
from forum.core.text import INVISIBLE

LISTS = WordLists(
    {
        Kind.REFUSE: ["scum", "sh!t"],
        Kind.HOLD: ["ferr*", "*lock", "gr*d", "*nast*", "get rich quick", "敏感", "كتاب", "straße", "шарлатан", "हिंदी"],
        Kind.FLAG: ["goat", "scum", "don't"],
    }
)
# Far above what any of it takes, on a machine that has other things to do.
SECONDS = 1.0


def found(text: str, lists: WordLists = LISTS) -> list[str]:
    return [hit.entry for hit in lists.find(text)]


@pytest.mark.parametrize(
    ("text", "entry", "part"),
    [
        ("A goat.", "goat", "goat"),
        ("(GOAT!)", "goat", "GOAT"),
        ("the ferryman", "ferr*", "ferryman"),
        ("a padlock", "*lock", "padlock"),
        ("lock", "*lock", "lock"),
        ("a grand day", "gr*d", "grand"),
        ("unnastily", "*nast*", "unnastily"),
        ("Get\nrich, QUICK!", "get rich quick", "Get\nrich, QUICK"),
        ("这是敏感词", "敏感", "这是敏感词"),
        ("auf der STRASSE", "straße", "STRASSE"),
        ("g\u200boa\u00adt", "goat", "g\u200boa\u00adt"),
        ("g\u0336o\u0336a\u0336t\u0336", "goat", "g\u0336o\u0336a\u0336t\u0336"),
        ("gòát", "goat", "gòát"),
        ("ｇｏａｔ", "goat", "ｇｏａｔ"),
        ("𝓰𝓸𝓪𝓽", "goat", "𝓰𝓸𝓪𝓽"),
        ("gоаt", "goat", "gоаt"),  # two letters are Cyrillic
        ("g\u0640o\u0640at", "goat", "g\u0640o\u0640at"),
        ("ك\u0640\u0640تاب", "كتاب", "ك\u0640\u0640تاب"),
        ("g0at", "goat", "g0at"),
        ("go@t", "goat", "go@t"),
        ("gooooat", "goat", "gooooat"),
        ("g o a t", "goat", "g o a t"),
        ("a g-o.a t b", "goat", "g-o.a t"),
        ("g.o.a.t", "goat", "g.o.a.t"),
        ("**g**oat", "goat", "g**oat"),
        ("sh!t!", "sh!t", "sh!t"),
        ("I don't", "don't", "don't"),
        ("I don’t", "don't", "don’t"),
        ("ШАРЛАТАН", "шарлатан", "ШАРЛАТАН"),
        ("वह हिंदी है", "हिंदी", "हिंदी"),
        ("g3t r1ch quick", "get rich quick", "g3t r1ch quick"),
        ("geeeet rich quiiiick!", "get rich quick", "geeeet rich quiiiick"),
        ("get ri-ch qu.ick", "get rich quick", "get ri-ch qu.ick"),
        ("so get r!ch quick, yes", "get rich quick", "get r!ch quick"),
        ("g e t r i c h q u i c k", "get rich quick", "g e t r i c h q u i c k"),
        ("get r i c h quick", "get rich quick", "get r i c h quick"),
        ("gеt riсh quick", "get rich quick", "gеt riсh quick"),  # two letters are Cyrillic
        ("get ri||ch|| quick", "get rich quick", "get ri||ch|| quick"),
        ("get\u0345 ric\u094dh quick", "get rich quick", "get\u0345 ric\u094dh quick"),
        ("what a\u2800goat\u2800that is", "goat", "goat"),
        ("get\u2800rich\u2800quick", "get rich quick", "get\u2800rich\u2800quick"),
        ("get \u2800 rich \u200b quick", "get rich quick", "get \u2800 rich \u200b quick"),
        ("get 😀 rich ❤️ quick", "get rich quick", "get 😀 rich ❤️ quick"),
        ("get r♥ich quick", "get rich quick", "get r♥ich quick"),
        ("get r♥iiiich quick", "get rich quick", "get r♥iiiich quick"),
        ("g€t rich quick", "get rich quick", "g€t rich quick"),
        ("you♥g-oat", "goat", "g-oat"),
        ("g♥o-at", "goat", "g♥o-at"),
        ("you.g♥oat", "goat", "g♥oat"),
        ("g-oooo-at", "goat", "g-oooo-at"),
        ("GOAT😀", "goat", "GOAT"),
        ("unn♥astily", "*nast*", "unn♥astily"),
        ("a pad♥lock►", "*lock", "lock"),
        ("这♥敏感♥词", "敏感", "敏感"),
        ("这敏♥感词", "敏感", "这敏♥感词"),
        ("ⓖⓞⓐⓣ", "goat", "ⓖⓞⓐⓣ"),
        ("ⓖⓔⓣ ⓡⓘⓒⓗ quick", "get rich quick", "ⓖⓔⓣ ⓡⓘⓒⓗ quick"),
        ("g◯at", "goat", "g◯at"),
        ("g ◯ a t", "goat", "g ◯ a t"),
        ("g\u2800o\u2800a\u2800t", "goat", "g\u2800o\u2800a\u2800t"),
        ("he said हिंदी। और", "हिंदी", "हिंदी"),
        ("what aʼgoatʼthat is", "goat", "goat"),
        ("youːgoat", "goat", "goat"),
        ("gʼoat", "goat", "gʼoat"),
        ("getʼrichʼquick", "get rich quick", "getʼrichʼquick"),
        ("get rʼich quick", "get rich quick", "get rʼich quick"),
        ("I donʼt", "don't", "donʼt"),
    ],
)
def test_it_is_found_where_it_stands(text: str, entry: str, part: str) -> None:
    hits = {hit.entry: hit.span for hit in LISTS.find(text)}
    assert entry in hits
    start, end = hits[entry]
    assert text[start:end] == part


@pytest.mark.parametrize(
    "text",
    [
        "",
        "scummy goats",
        "a scapegoat",
        "locksmith",
        "gr",
        "gd",
        "get richer quick",
        "get rich. Not quick.",
        "get ri ch quick",
        "getrichquick",
        "g3t r1ch",
        "bum burn",
        "go at",
        "g o a",
        "ten 10 1234",
        "हिद",
        "scapⓔgoat",
        "a scape\u200bgoat",
        "get richer♥quick",
        "go♥atee",
    ],
)
def test_what_only_looks_a_little_like_it_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "mark", [0x345, 0x93C, 0x94D, 0x323, 0x5BF, 0x17B4, 0x20DD, 0x1DFA, 0xE3A, 0xA9B3, 0x302A, 0x3099], ids=hex
)
def test_a_mark_of_another_script_splits_no_word(mark: int) -> None:
    assert found(f"go{chr(mark)}at") == ["goat"]
    assert found(f"{chr(mark)}goat") == ["goat"]


SYMBOLS = "\u2800\u3164\uffa0\u115f\u1160\U00013441\U00013442♥►→¦×─│😀।፡་"
# Letters by category that look like apostrophes, stops, commas and colons.
STOPS = [chr(code) for code, letter in LETTERS.items() if not letter]


# The last three pass for letters.
@pytest.mark.parametrize("sign", [*SYMBOLS, *STOPS, *"€∣◯"], ids=lambda sign: hex(ord(sign)))
def test_a_symbol_ends_a_word(sign: str) -> None:
    assert found(f"what a{sign}goat{sign}that is") == ["goat"]
    assert found(f"{sign}goat{sign}") == ["goat"]
    assert found(f"so get{sign}rich{sign}quick, yes") == ["get rich quick"]


@pytest.mark.parametrize("sign", [*SYMBOLS, *STOPS], ids=lambda sign: hex(ord(sign)))
def test_a_symbol_hides_no_word(sign: str) -> None:
    assert found(f"g{sign}oat") == ["goat"]
    assert found(f"get {sign} rich {sign}quick") == ["get rich quick"]
    assert found(f"get r{sign}ich quick") == ["get rich quick"]


def test_what_is_drawn_as_a_space_is_a_blank() -> None:
    signs = [chr(code) for code in range(0x110000) if INVISIBLE.match(chr(code))]
    # What is newer than this Python knows has no category yet.
    newer = {"\U00013441", "\U00013442"}
    assert {sign for sign in signs if unicodedata.category(sign)[0] in "LS"} | newer == set(BLANK)


@pytest.mark.parametrize("sign", "ʻʼʾʿˈꞌ", ids=lambda sign: hex(ord(sign)))
def test_a_letter_like_an_apostrophe_is_part_of_its_word_too(sign: str) -> None:
    lists = WordLists({Kind.HOLD: ["kaaba", f"ma{sign}mun", f"{sign}ohana nui", f"*{sign}ilima*", "huʼ*"]})
    assert found(f"die Ka{sign}aba, ja", lists) == found("die Kaaba", lists) == ["kaaba"]
    assert found(f"al-Ma{sign}mun", lists) == found("al-Mamun", lists) == [f"ma{sign}mun"]
    for text in (f"my {sign}Ohana Nui", f"my oha{sign}na nui", "my ohana nui"):
        assert found(text, lists) == [f"{sign}ohana nui"]
    assert set(found(f"re{sign}ilima", lists)) == {f"*{sign}ilima*"}
    assert set(found(f"hu{sign}min", lists)) == {"huʼ*"}


@given(
    words=st.lists(st.text(alphabet="abé", min_size=2, max_size=6), min_size=1, max_size=8),
    sign=st.characters() | st.sampled_from(STOPS),
)
def test_what_is_no_letter_ends_a_word(words: list[str], sign: str) -> None:
    lists = WordLists({Kind.HOLD: sorted({fold(word) for word in words})})
    is_sign = unicodedata.category(sign)[0] in "PSZ" and not sign.isalnum() and not fold(sign).isalnum()
    if sign in STOPS or (is_sign and not INVISIBLE.match(sign)):
        assert {fold(word) for word in words} <= {hit.entry for hit in lists.find(sign.join(words))}


def test_white_space_is_in_no_word() -> None:
    assert not any(WORD.match(chr(code)) for code in range(0x110000) if chr(code).isspace())


def test_where_words_stand_that_symbols_part() -> None:
    text = "◯ you♥goat€◯ €◯ goat ♥\u0301♥ goat"
    assert [text[slice(*hit.span)] for hit in LISTS.find(text) if hit.entry == "goat"] == ["goat"] * 3


def test_marks_of_a_script_make_its_words() -> None:
    lists = WordLists({Kind.HOLD: ["がき", "की"]})
    assert found("がき", lists) == ["がき"]
    assert found("か\u3099き", lists) == ["がき"]
    assert found("かき", lists) == []
    assert found("क", lists) == []


def test_a_list_hides_nothing_of_another() -> None:
    """However much of one list a text is filled with, what the other refuses is found."""
    flags = [f"*{first}{second}c*" for first in string.ascii_lowercase for second in string.ascii_lowercase]
    lists = WordLists({Kind.REFUSE: ["*goat*", "g*at"], Kind.FLAG: [*flags, *(f"x{n}*y" for n in range(200))]})
    noise = " ".join(entry.strip("*") + "." for entry in flags) + " " + " ".join(f"x{n}y" for n in range(200))
    assert {"*goat*", "g*at"} <= {hit.entry for hit in lists.find(f"{noise} goat")}


def test_a_sign_that_is_a_sentence_makes_no_text_long() -> None:
    assert len(fold("\ufdfa" * 10_000)) <= 60_000


def test_a_word_of_two_lists_is_in_the_first() -> None:
    assert [hit.kind for hit in LISTS.find("scum")] == [Kind.REFUSE]


def test_no_more_places_than_anybody_looks_at() -> None:
    assert len(LISTS.find("goat " * 500)) == MOST_SPANS


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("goat", None),
        ("  goat  ", None),
        ("*goat*", None),
        ("g*t", None),
        ("a b c d e f g h", None),
        ("", "empty"),
        (" . ", "empty"),
        ("\u200b", "empty"),
        ("*", "too_short"),
        ("**", "too_short"),
        ("a*", "too_short"),
        ("*ab*", "too_short"),
        ("x", "too_short"),
        ("a*b*c", "star"),
        ("*a*b*", "star"),
        ("some goat*", "star"),
        ("a b c d e f g h i", "too_long"),
        ("g" * 41, "too_long"),
        ("g " * 150, "too_long"),
    ],
)
def test_what_can_stand_in_a_list(typed: str, problem: str | None) -> None:
    assert entry_problem(typed) == problem


def test_an_entry_may_have_blanks_that_are_no_spaces() -> None:
    assert read_entry("\u3164get\u2800rich") == Entry("\u3164get\u2800rich", ("get", "rich"))


ODD = st.sampled_from("aaaabbb01!@$* .,-_\n\u200b\u0301\u0336аоᴀ敏感ß\u202e😀𝓰\u1160é♥\u2800€◯Ⓐ")
TEXTS = st.text(alphabet=ODD | st.characters(blacklist_categories=["Cs"]), max_size=200)
ENTRIES = st.lists(st.text(alphabet=st.sampled_from("ab*! o0é敏"), min_size=1, max_size=8), max_size=30)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, entries=ENTRIES)
def test_any_text_and_any_list_are_taken(text: str, entries: list[str]) -> None:
    hits = WordLists({Kind.HOLD: entries}).find(text)
    assert all(0 <= hit.span[0] < hit.span[1] <= len(text) and hit.entry in entries for hit in hits)
    assert hits == sorted(hits, key=lambda hit: hit.span)


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.text(alphabet="abé", min_size=1, max_size=6), max_size=30), entries=ENTRIES)
def test_plain_words_are_found_as_one_would_by_hand(words: list[str], entries: list[str]) -> None:
    """Each entry tried against each word, one after the other."""
    lists = WordLists({Kind.HOLD: entries})
    for word in words:
        for typed in entries:
            entry = read_entry(typed)
            if isinstance(entry, Entry) and _is(entry, fold(word)):
                assert {hit.entry for hit in lists.find(word)}, (word, typed)


def _is(entry: Entry, word: str) -> bool:
    if entry.words:
        return entry.words == (word,)
    if entry.inside:
        return entry.inside in word
    long = len(word) >= len(entry.before) + len(entry.after)
    return long and word.startswith(entry.before) and word.endswith(entry.after)


@given(text=st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert all(unicodedata.category(c) != "Cf" for c in fold(text))


def hard_lists() -> list[list[str]]:
    """Lists that are made to take long: all alike, all stars, all lengths, all of a few letters."""
    random = Random(5)
    few = ["".join(random.choices("ab", k=random.randint(3, 40))) for _ in range(MOST_ENTRIES)]
    lengths = ["a" * length + "b" for length in range(2, 40)]
    return [
        [f"*{one}*" for one in few],
        [f"{one[:20]}*{one[20:40]}" for one in few if len(one) > 24],
        [f"{one}*" for one in few],
        [*(f"*{one}*" for one in lengths), *lengths, *(f"*{one[::-1]}" for one in lengths)],
        [f"{'a' * head}*{'b' * tail}" for head in range(1, 40) for tail in range(1, 40)],
        [" ".join(random.choices("ab", k=random.randint(2, 8))) for _ in range(MOST_ENTRIES)],
        [f"{'a' * head}*{'a' * tail}" for head in range(1, 41) for tail in range(1, 41)],
        [" ".join(random.choices(["ala", "aia", "alla", "aa", "la"], k=7)) + " zz" for _ in range(MOST_ENTRIES)],
    ]


HARD_TEXTS = (
    "a" * 10_000,
    "ab" * 5_000,
    "a " * 5_000,
    "a b " * 2_500,
    "a!" * 5_000,
    "a\u0301" * 5_000,
    "\u200b" * 10_000,
    "g\u0336" * 5_000,
    "*" * 10_000,
    "!@$" * 3_300,
    "а" * 10_000,
    "敏" * 10_000,
    "".join(Random(6).choices("ab", k=10_000)),
    " ".join("".join(Random(n).choices("ab", k=39)) for n in range(250)),
    " ".join("".join(Random(n).choices(string.ascii_lowercase, k=4)) for n in range(2_000)),
    "".join(map(chr, range(0x3400, 0x3400 + 10_000))),
    "\ufdfa" * 10_000,
    "\ufdfa " * 5_000,
    "a1a " * 2_500,
    "a-1-a " * 1_600,
    "aaa111aaa " * 1_000,
    " ".join("a" * 40 + str(n) + "a" * 40 for n in range(110)),
    "♥" * 10_000,
    "a♥" * 5_000,
    "a\u2800" * 5_000,
    "a1♥b0 " * 1_600,
    "a-1♥a " * 1_600,
    "aaa♥" * 2_500,
    "a€" * 5_000,
    "◯ " * 5_000,
    "रि♥" * 3_333,
    "aʼ" * 5_000,
    "".join(f"a{chr(code)}" for code in range(0x2190, 0x2190 + 5_000)),
)


@pytest.mark.parametrize(
    "entries", hard_lists(), ids=["inside", "around", "before", "lengths", "grid", "phrases", "square", "disguised"]
)
def test_nothing_stalls_it(entries: list[str]) -> None:
    lists = WordLists({Kind.HOLD: entries[:MOST_ENTRIES]})
    for text in HARD_TEXTS:
        began = time.process_time()
        lists.find(text)
        assert time.process_time() - began < SECONDS, text[:20]


def test_an_entry_is_never_a_pattern() -> None:
    lists = WordLists({Kind.HOLD: ["(a+)+$", ".*", "[a-z]+", "\\w+", "a{1,9}"]})
    assert found("aaaa harmless", lists) == []
    assert MOST_TYPED < 1_000
