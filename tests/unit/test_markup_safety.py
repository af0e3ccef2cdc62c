"""Nothing that goes in comes out as anything but the allow-list, as an HTML parser sees it."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from forum.core.text import neutralise
from forum.markup import render
from forum.markup.links import safe_destination
from forum.markup.sanitise import sanitise
from tests.support.allowed import assert_allow_listed

_VECTORS: list[str] = json.loads((Path(__file__).parent / "corpora" / "xss.json").read_text(encoding="utf-8"))
_MARKS = [
    *"*_~`[]()!<>#-+&;:\\/|\"'= \t\n",
    "\n\n", "**", "```\n", "> ", "- ", "1. ", "](", "![", "https://", "https://a.example/_b_", "javascript:",
    "<script>", "</p>", "<!--", "&lt;", "&#x202e;", "&#0;", "\u202e", "\u2067", "\u2069", "\u200d", "\ufdd0",
    "\ud800", "\x00", "x", "é", "字", "\U0001f600",
]  # fmt: skip
_SOUP = st.lists(st.sampled_from(_MARKS) | st.text(max_size=4), max_size=60).map("".join)
# Any code point at all, lone surrogates included.
_ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@pytest.mark.parametrize("vector", _VECTORS, ids=range(len(_VECTORS)))
def test_vector(vector: str) -> None:
    rendered = render(vector)
    assert_allow_listed(rendered.html)
    assert_allow_listed(render(f"before {vector} after").html)
    assert_allow_listed(render(f"> - **{vector}**").html)
    assert neutralise(rendered.text) == rendered.text


def test_the_corpus_is_not_shrinking() -> None:
    assert len(set(_VECTORS)) >= 150


@pytest.mark.parametrize("vector", _VECTORS, ids=range(len(_VECTORS)))
def test_the_second_wall_holds_alone(vector: str) -> None:
    assert_allow_listed(sanitise(f'<a href="https://x.example">{vector.encode("utf-8", "replace").decode()}</a>'))


@given(_SOUP | _ANY_TEXT)
@example("\ud800")
@example("a\x00b")
def test_any_text_is_rendered_safely(source: str) -> None:
    rendered = render(source)
    assert_allow_listed(rendered.html)
    assert render(source) == rendered
    assert not any(character in rendered.html + rendered.text for character in "\x00\ufdd0\ufdd1\ufdd2\ufdd5\uffff")


@given(_SOUP | st.text(max_size=100))
def test_code_is_kept_exactly(code: str) -> None:
    cleaned = neutralise(code.replace("\r", "")).replace("`", "").replace("\t", " ")
    rendered = render(f"````\n{cleaned}\n````")
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{rendered.html}</body>").body
    assert body is not None
    element = body.css_first("pre > code")
    assert element is not None
    assert element.text() == cleaned + "\n"


@given(st.text(st.characters(categories=["L", "N", "So"]), min_size=1, max_size=60))
def test_plain_words_come_back_as_they_were(words: str) -> None:
    assert render(f"x{words}").text == f"x{words}"


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "HTTP://Example.com/a?b=c#d", "https://example.com:8443/", "https://bücher.example/ß",
     "https://xn--bcher-kva.example", "https://[2001:db8::1]/", "https://example.com/(a)[b]'c'"],
)  # fmt: skip
def test_good_destinations_stay_as_typed(url: str) -> None:
    assert safe_destination(url) == url
