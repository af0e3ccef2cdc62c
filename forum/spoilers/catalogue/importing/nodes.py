"""JSON with addresses: every value knows its place, so that whatever is wrong can be said there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

import orjson

from forum.spoilers.catalogue.drafts import CatalogueProblem
from forum.spoilers.catalogue.importing.files import text_of

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})")
_POSITION: Final = re.compile(r": line (\d+) column (\d+) \(char \d+\)$")
_NO_DAY: Final = "0000-00-00"
_KINDS: Final = {dict: "an object", list: "a list", str: "text", bool: "a flag", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and where it stands ("works[0].units[3]"); None stands for what is absent or null."""

    value: Any
    place: str = ""

    def __bool__(self) -> bool:
        return self.value is not None

    def get(self, name: str) -> Node:
        """A field of an object."""
        return Node(self._object().get(name), f"{self.place}.{name}" if self.place else name)

    def has(self, name: str) -> bool:
        """Whether this is an object with this field."""
        return isinstance(self.value, dict) and name in self.value

    def items(self) -> Iterator[Node]:
        """The members of a list; of nothing when it is absent."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.unexpected("expected_list")
        for number, item in enumerate(self.value):
            yield Node(item, f"{self.place}[{number}]")

    def fields(self) -> Iterator[tuple[str, Node]]:
        """Names and values of an object; of nothing when it is absent."""
        if self.value is None:
            return
        for name in self._object():
            yield name, self.get(name)

    def allow(self, names: Iterable[str]) -> None:
        """Refuse an object that has other fields than these."""
        known = frozenset(names)
        for name in self._object():
            if name not in known:
                raise CatalogueProblem("unknown_field", self.place, found=repr(name[:40]))

    def require(self, name: str) -> Node:
        """A field that must be there."""
        found = self.get(name)
        if not found:
            raise CatalogueProblem("missing", self.place, found=name)
        return found

    def text(self) -> str:
        """The text that this must be; "" when it is absent."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.unexpected("expected_text")
        return self.value

    def number(self) -> int | None:
        """The whole number that this must be, None when it is absent."""
        if self.value is None:
            return None
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.unexpected("expected_number")
        return self.value

    def flag(self) -> bool:
        """The truth value that this must be; false when it is absent."""
        if self.value is None:
            return False
        if not isinstance(self.value, bool):
            raise self.unexpected("expected_flag")
        return self.value

    def identifier(self) -> str:
        """Text or a whole number, as text; "" when it is absent."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        return self.text()

    def moment(self) -> datetime | None:
        """A date (its first moment in UTC) or a moment with its offset; None when it is absent or empty."""
        return parse_moment(self.text(), self.place)

    def unexpected(self, code: str) -> CatalogueProblem:
        """The problem that this is something else."""
        return CatalogueProblem(code, self.place, found=self.shown)

    @property
    def shown(self) -> str:
        """What this is, in a word or two."""
        if isinstance(self.value, str) and self.value:
            return repr(self.value[:40])
        return "nothing" if self.value is None else _KINDS.get(type(self.value), "something else")

    def _object(self) -> Mapping[str, Any]:
        if not isinstance(self.value, dict):
            raise self.unexpected("expected_object")
        return self.value


def parse_json(data: bytes) -> Node:
    """A JSON document; raises CatalogueProblem that names line and column."""
    text = text_of(data)
    try:
        return Node(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        found = _POSITION.search(str(error))
        place = f"line {found[1]}, column {found[2]}" if found else ""
        raise CatalogueProblem("bad_json", place, found=_POSITION.sub("", str(error))) from error


def parse_moment(text: str, place: str) -> datetime | None:
    """A date or a moment written as ISO 8601 has it, in UTC; None when there is none."""
    text = text.strip()
    if not text or text == _NO_DAY:
        return None
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise CatalogueProblem("bad_date", place, found=repr(text[:40]))
