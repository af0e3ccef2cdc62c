"""The order in which people number things: 6 before 10, 3 before 3.5, 1 before 1b."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_NUMBER: Final = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,30})?)")


def natural(text: str) -> tuple[tuple[int, Decimal, str], ...]:
    """A key that sorts as people number; words stand behind numbers."""
    parts = (part.strip().casefold() for part in _NUMBER.split(text))
    return tuple((0, Decimal(part), "") if part[0] in "0123456789" else (1, Decimal(0), part) for part in parts if part)
