"""User text becomes safe HTML here and nowhere else: `render` and hand-made Markup."""

from forum.markup.html import stored
from forum.markup.render import Rendered, render

__all__ = ["Rendered", "render", "stored"]
