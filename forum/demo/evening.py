"""What the demo's moderator finds: an evening at one table, read from `data/evening/*.toml`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from forum.comments.screening.rules import Rules, parse
from forum.demo.content import DATA_DIR

EVENING: Final = DATA_DIR / "evening" / "open-table.toml"
# What a step is, by the field that says about what.
KINDS: Final = ("says", "reports", "decides", "sanctions", "notes", "sets")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened so long ago. `kind` is one of KINDS, `about` the key of a comment or, where it is about
    the discussion, what is set; `by` is who did it ("": the moderator), `fields` everything else that is said."""

    kind: str
    about: str
    ago: timedelta
    by: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field of text, "" where it is not said."""
        return str(self.fields.get(name, ""))


@dataclass(frozen=True, slots=True)
class Evening:
    """An evening below one article: its rules, its moderator, and what happened, the earliest first."""

    slug: str
    moderator: str
    rules: Rules
    steps: tuple[Step, ...]


def load_evening() -> Evening:
    """Read it; raises ValueError for steps that are none or not in their order, and for rules that can't be kept."""
    table = tomllib.loads(EVENING.read_text(encoding="utf-8"))
    steps = tuple(_step(row) for row in table["step"])
    if list(steps) != sorted(steps, key=lambda step: step.ago, reverse=True):
        raise ValueError("the steps of the evening are not in their order")
    rules = parse(json.dumps(table["rules"]))
    return Evening(table["article"], table["moderator"], rules, steps)


def _step(row: Mapping[str, Any]) -> Step:
    kinds = [kind for kind in KINDS if kind in row]
    if len(kinds) != 1:
        raise ValueError(f"a step {row['ago']} minutes ago is {kinds or 'nothing'}")
    fields = {name: value for name, value in row.items() if name not in (*kinds, "ago", "by")}
    return Step(kinds[0], row[kinds[0]], timedelta(minutes=row["ago"]), row.get("by", ""), fields)
