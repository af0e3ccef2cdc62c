"""Carving: every spelling and its label, nesting, quotes, and how skeleton and passages are drawn."""

import pytest

from forum.markup import carve, render_carved
from forum.markup.carve_model import Carved, Cut, Quote

_LINK = ' target="_blank" rel="ugc nofollow noopener noreferrer"'


def _known(label: str) -> bool:
    return all(part.split()[0] in ("JJ", "LC", "Jessica") for part in label.split(" + "))


def _carve(source: str, *forced: tuple[int, int]) -> Carved:
    return carve(source, strict=True, is_label=_known, forced=forced)


def _only(source: str) -> Cut:
    (cut,) = _carve(source).passages
    return cut


def _drawn(source: str, *forced: tuple[int, int]) -> tuple[str, dict[int, str]]:
    """Return the skeleton's HTML with slots as {1}, and that of the passages."""
    rendered = render_carved(_carve(source, *forced))
    return _shown(rendered.html), {seq: _shown(html) for seq, (html, _) in rendered.passages.items()}


def _shown(html: str) -> str:
    return html.replace("\ue000", "{").replace("\ue001", "}").replace(_LINK, "")


@pytest.mark.parametrize(
    ("source", "skeleton", "passage"),
    [
        ("a ||b c|| d", "<p>a {1} d</p>", "b c"),
        ("|| b ||", "<p>{1}</p>", "b"),
        ("a >!b!< c", "<p>a {1} c</p>", "b"),
        ("a >! b !< c", "<p>a {1} c</p>", "b"),
        (">!b!< c\nd", "<p>{1} c<br>d</p>", "b"),
        ("a ~!b!~ c", "<p>a {1} c</p>", "b"),
        ("a [spoiler]b[/spoiler] c", "<p>a {1} c</p>", "b"),
        ("a [Spoiler]b[/SPOILER] c", "<p>a {1} c</p>", "b"),
        ("a <spoiler>b</spoiler> c", "<p>a {1} c</p>", "b"),
        ("a <SPOILER >b</ Spoiler> c", "<p>a {1} c</p>", "b"),
        ("a ||b\n\nc|| d", "<p>a</p>{1}<p>d</p>", "<p>b</p><p>c</p>"),
        ("||- b\n- c||", "{1}", "<ul><li>b</li><li>c</li></ul>"),
        ("||b\n> c\n\nd||", "{1}", "<p>b</p><blockquote><p>c</p></blockquote><p>d</p>"),
        ("[spoiler]\nb\n\nc\n[/spoiler]", "{1}", "<p>b</p><p>c</p>"),
        ("<spoiler>\n# b\n</spoiler>\na", "{1}<p>a</p>", "<h4>b</h4>"),
        (":::spoiler\nb\n:::\na", "{1}<p>a</p>", "<p>b</p>"),
        ("::: spoiler\n- b\n- c\n:::\n\na", "{1}<p>a</p>", "<ul><li>b</li><li>c</li></ul>"),
        ("a\n:::: spoiler\nb\n::::", "<p>a</p>{1}", "<p>b</p>"),
        ("a\n\n>! b\n>! c\n\nd", "<p>a</p>{1}<p>d</p>", "<p>b<br>c</p>"),
        (">! b\nlazy\n\nd", "{1}<p>d</p>", "<p>b<br>lazy</p>"),
        (">! b\n>!\n>! c\n\nd", "{1}<p>d</p>", "<p>b</p><p>c</p>"),
        (">! - b\n>! - c", "{1}", "<ul><li>b</li><li>c</li></ul>"),
        (">!one\ntwo!<\n\nd", "{1}<p>d</p>", "<p>one<br>two</p>"),
        ("> >! b\n> >! c\n>\n> d", "<blockquote>{1}<p>d</p></blockquote>", "<p>b<br>c</p>"),
        ("> a ||b\n>\n> c|| d", "<blockquote><p>a</p>{1}<p>d</p></blockquote>", "<p>b</p><p>c</p>"),
        ("> a\n:::spoiler\nb\n:::\nd", "<blockquote><p>a</p></blockquote>{1}<p>d</p>", "<p>b</p>"),
        ("- a ||b\n\n  c|| d\n- e", "<ul><li>a {1} d</li><li>e</li></ul>", "<p>b</p><p>c</p>"),
        ("a >!b~!< c", "<p>a {1} c</p>", "b~"),
        ("- *a ||b\n\n  c|| d*", "<ul><li><em>a </em>{1}<em> d</em></li></ul>", "<p>b</p><p>c</p>"),
        ("1. ||b|| c", "<ol><li>{1} c</li></ol>", "b"),
        ("# a ||b||", "<h4>a {1}</h4>", "b"),
        ("# a ||b\n\nc|| d", "<h4>a</h4>{1}<h4>d</h4>", "<p>b</p><p>c</p>"),
        ("**||b||** d", "<p><strong>{1}</strong> d</p>", "b"),
        ("_||b||_ ~~d~~", "<p><em>{1}</em> <del>d</del></p>", "b"),
        ("**a ||b\n\nc|| d**", "<p><strong>a </strong></p>{1}<p><strong> d</strong></p>", "<p>b</p><p>c</p>"),
        ("||*b* `c||d`||", "<p>{1}</p>", "<em>b</em> <code>c||d</code>"),
        ("||1. b||", "<p>{1}</p>", "1. b"),
        ("||# b||", "<p>{1}</p>", "# b"),
    ],
)
def test_spelling(source: str, skeleton: str, passage: str) -> None:
    assert _drawn(source) == (skeleton, {1: passage})


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("[JJ S1E13]||b||", "JJ S1E13"),
        ("[JJ S1E13] ||b||", "JJ S1E13"),
        ("[JJ S1E13]: ||b||", "JJ S1E13"),
        ("[ JJ S1 ]>!b!<", "JJ S1"),
        ("[JJ S1] >! b", "JJ S1"),
        ("[JJ] ~!b!~", "JJ"),
        ("[JJ S1]\n>! b", "JJ S1"),
        ("> [JJ S1]\n> >! b", "JJ S1"),
        ("[JJ S1]\n||b\n\nc||", "JJ S1"),
        ("[JJ S1]\n:::spoiler\nb\n:::", "JJ S1"),
        ("[JJ S1] :::spoiler\nb\n:::", "JJ S1"),
        (":::spoiler JJ S1\nb\n:::", "JJ S1"),
        (":::spoiler [JJ S1]\nb\n:::", "JJ S1"),
        ("[JJ] [spoiler]b[/spoiler]", "JJ"),
        ("[spoiler=JJ S1]b[/spoiler]", "JJ S1"),
        ('[spoiler="JJ S1"]b[/spoiler]', "JJ S1"),
        ("[spoiler=“JJ S1”]b[/spoiler]", "JJ S1"),
        ('<spoiler for="JJ S1">b</spoiler>', "JJ S1"),
        ("<Spoiler For='JJ S1'>b</spoiler>", "JJ S1"),
        ("<spoiler for=JJ>b</spoiler>", "JJ"),
        ("[JJ][spoiler=LC]b[/spoiler]", "JJ + LC"),
        ("[JJ S1] [||b||](https://e.org)", "JJ S1"),
    ],
)
def test_label(source: str, label: str) -> None:
    carved = _carve(source)
    assert [(cut.label, cut.quiet) for cut in carved.passages] == [(label, False)]
    assert _shown(carved.source).removeprefix("> ") == "{1}"


def test_a_quiet_label_applies_and_is_not_shown() -> None:
    cut = _only("see [? JJ S1E13]||b||")
    assert (cut.label, cut.quiet, cut.label_at, cut.start, cut.end) == ("JJ S1E13", True, 5, 4, 21)


@pytest.mark.parametrize(
    ("source", "skeleton", "passage"),
    [
        ("[Foo]||b||", "[Foo]{1}", "b"),
        ("[Foo]: ||b||", "[Foo\\]: {1}", "b"),
        ("[Foo]\n\n:::spoiler\nb\n:::", "[Foo]\n\n{1}", "b"),
        ("\\[JJ]||b||", "\\[JJ]{1}", "b"),
        ("`[JJ]`||b||", "`[JJ]`{1}", "b"),
        ("[JJ]  . ||b||", "[JJ]  . {1}", "b"),
        # What an opener itself names is covered with the rest when nobody knows it.
        ("[spoiler=the end]b[/spoiler]", "{1}", "the end: b"),
        ('<spoiler for="the end">b</spoiler>', "{1}", "the end: b"),
        (":::spoiler the end\nb\n:::", "{1}", "the end\nb"),
    ],
)
def test_words_that_name_nothing_known_are_no_label(source: str, skeleton: str, passage: str) -> None:
    carved = _carve(source)
    assert _shown(carved.source) == skeleton
    assert [(cut.label, cut.source) for cut in carved.passages] == [(None, passage)]


def test_offsets_are_those_of_what_was_given() -> None:
    source = "x\ue000\ue00f [JJ]|\u200b|b|\u200b| y"
    cut = _only(source)
    assert source[cut.start : cut.end] == "[JJ]|\u200b|b|\u200b|"
    assert source[cut.label_at :].startswith("JJ]")
    assert (cut.seq, cut.parent, cut.inline, cut.source) == (1, None, True, "b")


def test_spoilers_inside_each_other() -> None:
    carved = _carve("a [spoiler]b ||c|| [LC]>!d ~!e!~!<[/spoiler] f")
    assert [(cut.seq, cut.parent, cut.label) for cut in carved.passages] == [
        (1, None, None), (2, 1, None), (3, 1, "LC"), (4, 3, None),
    ]  # fmt: skip
    assert [_shown(cut.source) for cut in carved.passages] == ["b {2} {3}", "c", "d {4}", "e"]
    assert _shown(carved.source) == "a {1} f"


def test_neighbours_are_two() -> None:
    assert [cut.source for cut in _carve("||a||||b||").passages] == ["a", "b"]
    assert [cut.source for cut in _carve("||a|| ||b||").passages] == ["a", "b"]
    assert [cut.source for cut in _carve("||||a||||").passages] == ["a"]


@pytest.mark.parametrize(
    ("source", "share"),
    [
        ("", 0),
        ("a b", 0),
        ("||a||", 1),
        ("aaa ||b||", 0.25),
        ("> @ana#c1\n> ab\n\ncd", 0),
        ("[spoiler]a||b||[/spoiler]cc", 0.5),
    ],
)
def test_how_much_is_covered(source: str, share: float) -> None:
    assert _carve(source).share == pytest.approx(share)


def test_a_quote_that_says_whom_it_quotes_is_a_passage() -> None:
    carved = _carve("> @ana b#c42\n> one\n> ||two||\n\nreply")
    quote, inner = carved.passages
    assert (quote.quote, quote.inline, quote.label) == (Quote("ana b", 42), False, None)
    assert (inner.parent, inner.source) == (1, "two")
    html, passages = _drawn("> @ana b#c42\n> one\n> ||two||\n\nreply")
    assert (html, passages[1]) == ("{1}<p>reply</p>", "<blockquote><p>one<br>{2}</p></blockquote>")


@pytest.mark.parametrize(
    ("source", "skeleton", "passages"),
    [
        ("||a\n> @ana#c42\n> b\n\nc||", "{1}", ["a\n\n{2}\n\nc", "b"]),
        (">! a\n\n> @ana#c42\n> b", "{1}\n\n{2}", ["a", "b"]),
        ("> @ana#c42\n> > @bob#c41\n> > a\n>\n> b", "{1}", ["{2}\n\nb", "a"]),
        # A spoiler that goes over the edge of a quote takes the quote with it.
        ("> @ana#c42\n> ||a\n\nb||", "{1}", ["{2}\n\nb", "a"]),
        ("- > @ana#c42\n  > a", "- {1}", ["a"]),
        ("> ana#c42\n> a", "> ana#c42\n> a", []),
        ("> @ana#c42", "> @ana#c42", []),
        ("> a\n> @ana#c42\n> b", "> a\n> @ana#c42\n> b", []),
        ("```\n> @ana#c42\n> b\n```", "```\n> @ana#c42\n> b\n```", []),
    ],
)
def test_quotes_and_spoilers(source: str, skeleton: str, passages: list[str]) -> None:
    carved = _carve(source)
    assert (_shown(carved.source), [_shown(cut.source) for cut in carved.passages]) == (skeleton, passages)


@pytest.mark.parametrize(
    ("source", "stretch", "passages"),
    [
        ("one two three", "two", ["two"]),
        ("one `two three` four", "two", ["`two three`"]),
        ("one [two](https://e.org/x) four", "two", ["[two](https://e.org/x)"]),
        ("one https://e.org/two four", "two", ["https://e.org/two"]),
        ("- one\n- two\n- three\n- four", "wo\n- th", ["- two\n- three"]),
        ("one\n\ntwo\n\nthree", "ne\n\nt", ["one\n\ntwo"]),
        ("```\none\ntwo\n```\nx", "two", ["```\none\ntwo\n```"]),
        ("one [JJ]||two|| three", "wo|| thr", ["{2} thr", "two"]),
        ("one ||two three||", "three", ["{2}", "two three"]),
        ("> @ana#c42\n> one\n\ntwo", "one", ["{2}", "one"]),
    ],
)
def test_a_stretch_is_covered_whatever_the_markup_says(source: str, stretch: str, passages: list[str]) -> None:
    start = source.index(stretch)
    carved = _carve(source, (start, start + len(stretch)))
    assert [_shown(cut.source) for cut in carved.passages] == passages
    assert [cut.forced for cut in carved.passages] == [0, *[None] * (len(passages) - 1)]
    rendered = render_carved(carved)
    assert stretch not in rendered.html + rendered.text


def test_several_stretches_keep_their_numbers() -> None:
    carved = _carve("one two three four", (14, 18), (0, 3), (5, 5), (1, 7))
    assert [(cut.forced, cut.parent) for cut in carved.passages] == [(1, None), (3, 1), (0, None)]
    assert _shown(carved.source) == "{1} three {3}"


def test_plain_text_and_html_are_drawn_apart() -> None:
    rendered = render_carved(_carve("a **b** ||c *d*||\n\n- e"))
    assert rendered.text == "a b \ue0001\ue001\n\n• e"
    assert rendered.passages[1] == ("c <em>d</em>", "c d")


@pytest.mark.parametrize(
    "source", ["https://e.org/ ||a||", "https://e.org/a,||b||", "(https://e.org/)||b||", "x ||a||https://e.org/"]
)
def test_a_slot_is_in_no_address(source: str) -> None:
    html = render_carved(_carve(source)).html
    assert "\ue0001\ue001" in html
    assert not any("\ue000" in part.split('"')[0] for part in html.split('="')[1:])


def test_nobody_can_type_a_slot() -> None:
    typed = "\ue0001\ue001 &#xE000;1&#xe001; &#57344; `\ue0001\ue001` [a](https://e.org/\ue000)"
    for source in (typed, typed.replace("&", "") + " ||b||"):
        rendered = render_carved(carve(source, strict=False, is_label=_known))
        assert rendered.html.count("\ue000") == len(carve(source, strict=False, is_label=_known).passages)
