"""User text becomes safe HTML here and nowhere else: `render`, `excerpt` and hand-made Markup."""

from forum.markup.html import stored
from forum.markup.plain import excerpt
from forum.markup.render import Rendered, render

__all__ = ["Rendered", "excerpt", "render", "stored"]
