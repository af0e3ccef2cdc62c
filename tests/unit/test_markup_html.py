"""Markup made by hand: escaping, JSON in a script element, the shape of the tree."""

import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from forum.markup import html


def test_a_thread_is_nested_lists_of_ready_pieces() -> None:
    builder = html.ThreadBuilder()
    builder.open_item(1, None, 0)
    builder.add(html.drawn(Markup("<article>a</article>")))
    builder.open_replies(1)
    builder.open_item(2, 1, 1)
    builder.add(html.drawn(Markup("<article>b</article>")))
    builder.close_item()
    builder.close_replies()
    builder.close_item()
    assert builder.finish() == (
        b'<li id="c1" class="node" data-comment="1" data-parent="" data-depth="0"><article>a</article>'
        b'<ol class="replies" data-replies="1">'
        b'<li id="c2" class="node" data-comment="2" data-parent="1" data-depth="1"><article>b</article></li>'
        b"</ol></li>"
    )


def test_only_markup_and_numbers_enter_a_thread() -> None:
    builder = html.ThreadBuilder()
    with pytest.raises(TypeError):
        builder.add(cast(html.Drawn, b"<b>"))
    with pytest.raises(TypeError):
        html.drawn(cast(Markup, "<b>"))
    with pytest.raises(ValueError, match="format code 'd'"):
        builder.open_item(cast(int, '"><script>'), None, 0)


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
