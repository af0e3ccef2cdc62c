"""The Markdown dialect: what each construct becomes, as HTML and as plain text."""

import json
from pathlib import Path

import pytest
from markupsafe import Markup

from forum.markup import render
from forum.markup.render import MAX_BLOCKS, MAX_INLINES

_CASES: list[dict[str, str]] = json.loads(
    (Path(__file__).parent / "corpora" / "dialect.json").read_text(encoding="utf-8")
)
_LINK = ' target="_blank" rel="ugc nofollow noopener noreferrer"'


def test_it_works() -> None:
    rendered = render("Loved it.\n\n*Really* loved it: https://example.com/review")
    assert isinstance(rendered.html, Markup)
    assert rendered.html == (
        "<p>Loved it.</p><p><em>Really</em> loved it: "
        f'<a href="https://example.com/review"{_LINK}>https://example.com/review</a></p>'
    )
    assert rendered.text == "Loved it.\n\nReally loved it: https://example.com/review"


@pytest.mark.parametrize("case", _CASES, ids=[case["name"] for case in _CASES])
def test_dialect(case: dict[str, str]) -> None:
    rendered = render(case["source"])
    assert rendered.html.replace(_LINK, "") == case["html"]
    assert rendered.text == case["text"]


def test_the_corpus_is_not_shrinking() -> None:
    assert len(_CASES) >= 120


def test_rendering_twice_gives_the_same() -> None:
    assert all(render(case["source"]) == render(case["source"]) for case in _CASES)


def test_every_link_leaves_the_frame_and_carries_no_weight() -> None:
    html = render("[a](https://a.example) <https://b.example> https://c.example ![d](https://d.example)").html
    assert html.count("<a ") == html.count(_LINK) == 4


@pytest.mark.parametrize("line", ["> " * 200 + "x", "- " * 200 + "x", "1. " * 200 + "x", "> - " * 100 + "x"])
def test_deep_blocks_are_drawn_at_the_last_depth(line: str) -> None:
    html = render(line).html
    opened = html.count("<blockquote>") + html.count("<ul>") + html.count("<ol>")
    assert opened == MAX_BLOCKS
    assert "x" in html


def test_items_too_deep_for_an_element_stay_on_their_own_lines() -> None:
    source = "\n".join("  " * depth + f"- n{depth}" for depth in range(MAX_BLOCKS + 3))
    rendered = render(source)
    assert f"n{MAX_BLOCKS - 1}<br>n{MAX_BLOCKS}<br>n{MAX_BLOCKS + 1}" in rendered.html
    assert rendered.text.split("\n")[-1] == f"n{MAX_BLOCKS + 2}"


def test_deep_emphasis_ends_at_a_limit() -> None:
    html = render("*a _b " * 50 + "x" + " b_ a*" * 50).html
    assert html.count("<em>") + html.count("<strong>") == MAX_INLINES
    assert "x" in html


@pytest.mark.parametrize(
    "unit",
    [
        "[", "[](", "![", "![[]()", "](", "[a](", "[a][", "*a ", "*_", "**", "a**b", "_a_", "~~a ", "`a", "``a`",
        ">", "> ", "- ", "1. ", ">- ", ">\n", "<", "<!--", "<?", "<a ", "<https://", "\\", "\\<", "&", "&#", "&#1;",
        "http://", "https://x)", "https://x_*~", "[a](<b", "|", "#", "```\n", "\n\n", "a\n", "[a]: b\n", "\u202e",
        "\u2067a\n", "\ufdd0", "\U0001f600", "\t",
    ],
)  # fmt: skip
def test_a_flood_of_one_mark_stays_proportional(unit: str) -> None:
    source = (unit * 10_000)[:10_000]
    rendered = render(source)
    assert len(rendered.html) <= 20 * len(source)
    assert len(rendered.text) <= 3 * len(source)


def test_reference_floods_stay_proportional() -> None:
    source = "[a]: https://example.com/" + "x" * 4_000 + "\n\n" + "[a] " * 1_400
    assert len(render(source).html) < 400_000


def test_an_empty_heading_leaves_no_mark_behind() -> None:
    assert render("> #\n> #\n\na").text == "a"


def test_an_empty_result_is_visible_to_the_caller() -> None:
    assert render("[a]: https://example.com").text == ""
    assert render("&#8203;").text == ""
