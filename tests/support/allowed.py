"""What HTML made of user text may hold, as an HTML parser sees it."""

from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from forum.markup.sanitise import ELEMENTS, LINK_REL, SCHEMES

_ATTRIBUTES = {"a": {"href", "rel", "target"}, "ol": {"start"}}


def assert_allow_listed(html: str) -> None:
    """Parse as a browser would and look at every element and attribute that comes to be."""
    # The parser takes UTF-8 and strings with a lone surrogate are none: proving there is none comes first.
    html.encode("utf-8")
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}</body>").body
    assert body is not None
    for element in body.traverse(include_text=False):
        if element.tag in ("body", "-comment"):
            assert element.tag == "body", html
            continue
        assert element.tag in ELEMENTS, html
        assert set(element.attributes) <= _ATTRIBUTES.get(element.tag, set()), html
        # The sanitiser leaves a link without destination when it cannot read the host: inert, and safe.
        if "href" in element.attributes:
            url = urlsplit(element.attributes["href"] or "")
            assert url.scheme in SCHEMES, html
            assert url.hostname, html
            assert "@" not in url.netloc, html
            assert element.attributes["rel"] == LINK_REL
            assert element.attributes["target"] == "_blank"
