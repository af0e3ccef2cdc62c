"""The second wall: an allow-list applied to finished HTML by an HTML parser, whatever made that HTML."""

from typing import Final

from nh3 import Cleaner

ELEMENTS: Final = frozenset(
    {"a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "ul"}
)
SCHEMES: Final = frozenset({"http", "https"})
LINK_REL: Final = "ugc nofollow noopener noreferrer"

# target: a link inside the embed must not navigate the frame away from the discussion.
_CLEANER: Final = Cleaner(
    tags=ELEMENTS,
    clean_content_tags=set(),
    attributes={"a": {"href"}, "ol": {"start"}},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel=LINK_REL,
    url_schemes=SCHEMES,
    url_relative="deny",
)


def sanitise(html: str) -> str:
    """Return `html` with nothing but the allowed elements, attributes and schemes in it."""
    return _CLEANER.clean(html)
