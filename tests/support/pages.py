"""Pages as their readers find things in them."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode


def one(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """The first part of a page that a selector names, which must be there."""
    found = page.css_first(selector)
    assert found is not None, f"there is no {selector}"
    return found
