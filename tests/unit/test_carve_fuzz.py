"""Whatever stands around and inside: a word that was put into a spoiler is in no part that everybody sees."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forum.core.text import neutralise, unify_line_ends
from forum.markup import Carved, RenderedCarved, SpoilerProblem, carve, may_carve, render, render_carved
from forum.markup.slots import numbers, slot
from tests.support.allowed import assert_allow_listed

bounded = settings(max_examples=250, deadline=None, derandomize=True, database=None)

_SECRET = "kilgravedies"
_KINDS = {
    "pipe": ("||", "||"),
    "angle": (">!", "!<"),
    "tilde": ("~!", "!~"),
    "bracket": ("[spoiler]", "[/spoiler]"),
    "labelled": ("[spoiler=JJ S1]", "[/spoiler]"),
    "tag": ('<spoiler for="JJ">', "</spoiler>"),
    "colon": ("\n\n:::spoiler JJ\n", "\n:::\n\n"),
    "lines": ("\n\n>! ", "\n\n"),
}
# What a delimiter of the kind could be mistaken for, so that the word would rightly be outside.
_OWN = {
    "pipe": "|",
    "angle": "!<>~",
    "tilde": "!~<>",
    "bracket": "[]/sS",
    "labelled": "[]/sS",
    "tag": "<>/sS!",
    "colon": ":<",
    "lines": "!<>",
}
_MARKS = [
    *"*_()[]!<>#-+&;:/|\"'=~ \n", "\n\n", "**", "> ", "\n> ", "\n- ", "\n1. ", "](", "![", "](https://e.org/x)",
    "https://e.org/", "[a]: https://e.org/", "||", " || ", ">!", "!<", "~!", "!~", "[spoiler]", "[/spoiler]",
    "<spoiler>", "</spoiler>", "\n:::spoiler x\n", "\n:::\n", "[JJ S1]", "[Foo]", "[? JJ]", "&#124;", "&gt;!",
    "!&lt;", "&#124;&#124;", "> @ana#c42\n> ", "\n\n> @ana#c42\n> ", "\u200b", "\u200d", "\ue000", "\ue0001\ue001",
    "\u202e", "\u2067", "x", "word", " word ", "é", "字", "\U0001f600",
]  # fmt: skip
_CALM = [
    "\n", "\n\n", "> ", "\n> ", "\n- ", "\n1. ", "](", "](https://e.org/x)", "[", "![", "*", "**", "_", "word",
    " word ", "x", " ", "# ", "\n# ", "https://e.org/a", "<https://e.org/", ">", "[JJ S1]", "[Foo] ",
    "\n> @ana#c42\n> ", "\n\n> @ana#c42\n> q\n\n", "&amp;", "(", ")", "é", "\n---\n", "\n===\n",
    "[a]: https://e.org/\n", "[a]",
]  # fmt: skip
_CODE = ["`", "``", "\n```\n", "\n~~~\n", "\n    ", "\t", "\\", "\\|", "\\>"]


def _without(kind: str) -> st.SearchStrategy[str]:
    """Anything around a spoiler but what could be one of its own delimiters."""
    marks = [mark for mark in _MARKS if not set(mark) & set(_OWN[kind])]
    return st.lists(st.sampled_from(marks), max_size=14).map("".join)


@st.composite
def _covered(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted(_KINDS)))
    opener, closer = _KINDS[kind]
    parts = [draw(_without(kind)) for _ in range(4)]
    if kind in ("lines", "angle"):
        parts[1:3] = [part.replace("\n", " ") for part in parts[1:3]]
    return f"{parts[0]}{opener}{parts[1]}{_SECRET}{parts[2]}{closer}{parts[3]}"


@st.composite
def _calm(draw: st.DrawFn) -> tuple[str, bool]:
    """Fewer delimiters, more Markdown: mostly well formed. True: by a stretch instead of a delimiter."""
    kind = draw(st.sampled_from(sorted(_KINDS)))
    forced = draw(st.booleans())
    opener, closer = ("", "") if forced else _KINDS[kind]
    parts = ["".join(draw(st.lists(st.sampled_from(_CALM + (_CODE if forced else [])), max_size=12))) for _ in range(4)]
    if kind in ("lines", "angle"):
        parts[1:3] = [part.replace("\n", " ") for part in parts[1:3]]
    return f"{parts[0]}{opener}{parts[1]}{_SECRET}{parts[2]}{closer}{parts[3]}", forced


def _is_known(label: str) -> bool:
    return label.startswith(("JJ", "LC"))


def _carved(source: str, *, forced: bool = False) -> list[Carved]:
    """Return the source carved leniently, and strictly where it is not refused."""
    start = source.find(_SECRET)
    stretches = [(start, start + len(_SECRET))] if forced else []
    out = [carve(source, strict=False, is_label=_is_known, forced=stretches)]
    try:
        out.append(carve(source, strict=True, is_label=_is_known, forced=stretches))
    except SpoilerProblem as problem:
        position = problem.position
        assert 0 <= position <= _length(source)
    return out


def _length(source: str) -> int:
    """Return how long a source is after what every text goes through that is kept."""
    return len(neutralise(unify_line_ends(source)))


def assert_whole(carved: Carved, rendered: RenderedCarved) -> None:
    """Every passage has its slot once, where it belongs, in HTML and in text, and never inside a tag."""
    inside: dict[int | None, list[int]] = {cut.seq: [] for cut in carved.passages} | {None: []}
    for cut in carved.passages:
        inside[cut.parent].append(cut.seq)
    blocks = {cut.seq for cut in carved.passages if not cut.inline}
    pieces = [(None, (rendered.html, rendered.text)), *rendered.passages.items()]
    for seq, (html, text) in pieces:
        assert sorted(numbers(html)) == sorted(numbers(text)) == inside[seq]
        assert_allow_listed(html)
        assert not re.search("<[^>]*[\ue000-\ue00f]", html)
        assert not re.search("[\ue004-\ue00f]", html + text)
        assert not any(_is_in_line(html, child) for child in inside[seq] if child in blocks)
        if seq is not None and seq not in blocks:
            assert not re.search("<(?:p|ul|ol|li|blockquote|pre|h[4-6])>", html)


def _is_in_line(html: str, seq: int) -> bool:
    before = html[: html.index(slot(seq))]
    return any(before.count(f"<{name}>") != before.count(f"</{name}>") for name in ("p", "h4", "h5", "h6", "em"))


@bounded
@given(_covered())
@example(f"||{_SECRET}\n\n> @ana#c42\n> x||")
@example(f"[spoiler]a\n\n>! [/spoiler] {_SECRET}\n\nb")
@example(f"> || a\n\n{_SECRET}\n\n[||b")
def test_a_covered_word_is_never_shown(source: str) -> None:
    for carved in _carved(source):
        rendered = render_carved(carved)
        assert _SECRET not in rendered.html + rendered.text
        assert any(_SECRET in cut.source for cut in carved.passages)
        assert_whole(carved, rendered)


@bounded
@given(_calm())
@example((f"a [x](https://e.org/{_SECRET})", True))
@example((f"```\n{_SECRET}", True))
def test_not_in_ordinary_text_either(case: tuple[str, bool]) -> None:
    source, forced = case
    for carved in _carved(source, forced=forced):
        rendered = render_carved(carved)
        assert _SECRET not in rendered.html + rendered.text
        assert any(_SECRET in cut.source for cut in carved.passages)
        assert_whole(carved, rendered)


@bounded
@given(st.lists(st.sampled_from(_MARKS + _CODE) | st.text(max_size=4), max_size=60).map("".join))
@example("\ud800||\ud800||")
def test_any_text_is_carved(source: str) -> None:
    for carved in _carved(source):
        assert_whole(carved, render_carved(carved))
        assert 0 <= carved.share <= 1
        if not may_carve(source):
            assert not carved.passages
        for cut in carved.passages:
            assert 0 <= cut.start <= cut.label_at <= cut.end <= _length(source)
            assert cut.parent is None or cut.parent < cut.seq


@bounded
@given(st.lists(st.sampled_from([*_CALM, *_CODE, " || ", "||"]), max_size=30).map("".join))
def test_without_passages_nothing_is_changed(source: str) -> None:
    carved = carve(source, strict=False, is_label=_is_known)
    if not carved.passages:
        assert render_carved(carved).html == str(render(source).html)


@pytest.mark.parametrize(
    "unit",
    [
        "||", "|| ", "||a", "||a|| ", "a || b\n", "||\n\n", "|\u200b", "\u200b|", ">!", ">! a\n", ">!a!<", ">!a\n\n",
        "> >! a\n", "> ", "> || ", "!<", "~!", "!~", "[", "[]", "[[||", "[\u200b", "[spoiler]", "[/spoiler]",
        "[spoiler", "[spoiler=", "[spoiler]x[/spoiler]", "<", "<spoiler>", "<spoiler ", "</spoiler>", ":", ":::\n",
        ":::spoiler\n", "\\", "\\|", "\\||", "\\>!", "`", "`||`", "```\n||\n", "> @a#c1\n", "> @a#c1\n> b\n\n",
        "- ||", "* * * ", "1. ||a||\n", "*a ", "[a](||b||)", "[a](b) ", "[JJ]||x||", "[JJ] ", "&#124;", "&",
        "http://a||b||", "https://x ", "[a]: ||b||\n", " ", "\t", "\ue000", "é||a|| ", "a~!b!~ [JJ] >!c d!<\n",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length(unit: str) -> None:
    """Forty thousand characters take some 0.1 s at the worst; anything quadratic would take many times as long."""
    for source in ((unit * 40_000)[:40_000], (unit * 40_000)[:40_000] + "||x||"):
        began = time.process_time()
        carve(source, strict=False, is_label=_is_known)
        assert time.process_time() - began < 1
