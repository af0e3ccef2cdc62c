"""What a use case needs from the outside, made once by `forum.app` and handed down."""

from __future__ import annotations

from dataclasses import dataclass

from forum.core.clock import Clock
from forum.core.ids import IdMaker
from forum.db import Database
from forum.settings import Settings
from forum.web.cache import Pieces, TaggedCache
from forum.web.egress import Egress
from forum.web.limits import Limiter
from forum.web.mailer import Mailer
from forum.web.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Runtime:
    """The running product's parts. `cache` holds finished answers, `pieces` the fragments they are made of."""

    settings: Settings
    db: Database
    clock: Clock
    ids: IdMaker
    cache: TaggedCache
    pieces: Pieces
    renderer: Renderer
    egress: Egress
    limiter: Limiter
    mailer: Mailer
