"""Markup made by hand: escaping, JSON in a script element, the shape of the tree."""

import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from forum.markup import html


def test_a_node_holds_a_comment_and_its_replies() -> None:
    inner = html.node("2", "1", 1, Markup("<article>b</article>"), Markup(""))
    outer = html.node("1", None, 0, Markup("<article>a</article>"), html.replies("1", [inner]))
    assert outer == (
        '<li id="c1" class="node" data-comment="1" data-parent="" data-depth="0"><article>a</article>'
        '<ol class="replies" data-replies="1">'
        '<li id="c2" class="node" data-comment="2" data-parent="1" data-depth="1"><article>b</article></li>'
        "</ol></li>"
    )


def test_no_replies_no_list() -> None:
    assert html.replies("1", []) == Markup("")


def test_identifiers_are_escaped() -> None:
    made = html.node('"><script>', "<", 0, Markup(""), Markup(""))
    assert "<script>" not in made
    assert made.count("<") == 2


def test_only_markup_is_joined() -> None:
    assert html.join([Markup("<b>"), Markup("</b>")]) == Markup("<b></b>")
    with pytest.raises(TypeError):
        html.join([cast(Markup, "<b>")])


def test_json_cannot_leave_its_script() -> None:
    value = {"a": "</script><!-- <script> & \u2028\u2029", "b": [1, None, "é😀"]}
    made = html.json_script(value)
    assert not any(character in made for character in "<>&\u2028\u2029")
    assert json.loads(made) == value


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4)))
def test_json_round_trips(value: object) -> None:
    made = html.json_script(value)
    assert json.loads(made) == value
    assert not any(character in made for character in "<>&")
