"""User text becomes safe HTML here and nowhere else: `carve` takes the spoilers out, `render` draws what is left."""

from forum.markup import slots
from forum.markup.carve import Carved, Cut, Quote, SpoilerProblem, carve, is_spoiler_free, may_carve
from forum.markup.carve_render import RenderedCarved, render_carved
from forum.markup.html import stored
from forum.markup.render import Rendered, render

__all__ = [
    "Carved", "Cut", "Quote", "Rendered", "RenderedCarved", "SpoilerProblem",
    "carve", "is_spoiler_free", "may_carve", "render", "render_carved", "slots", "stored",
]  # fmt: skip
