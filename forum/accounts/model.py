"""A guest: someone known only by the capability that one browser holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest of one site. Their name belongs to each comment, not to them."""

    site_id: int
    id: int
