"""Statements built once and compiled once per engine.

A `Prepared` lives at module level in a feature's `queries.py`. Compiling SQLAlchemy Core per call costs more than
running the statement on SQLite; doing it once and binding by position keeps the price of a query near the engine's.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Float
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Row = Any  # a namedtuple with one attribute per selected column
Values = Mapping[str, Any]
Processor = Callable[[Any], Any]
# How many texts of one statement are kept that differ only in how many items their IN lists have.
MAX_LIST_TEXTS = 256


class Bound(NamedTuple):
    """A statement with its values: what travels through `databases` to the engine."""

    prepared: Prepared
    values: Values


class _ListText(NamedTuple):
    """The text for IN lists of certain lengths; each parameter is a value, or an item of a list."""

    sql: str
    parameters: tuple[tuple[str, int | None], ...]


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    """What a value of a row has to go through. Both drivers give floats as floats."""
    return None if isinstance(kind, Float) else kind.dialect_impl(dialect).result_processor(dialect, None)


class Compiled:
    """A statement in one engine's words, with what its values and rows have to go through."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only statements with values can be prepared; schema changes belong to migrations")
        self._compiled = compiled
        self._sql = str(compiled)
        self._names: list[str] = list(compiled.positiontup or [])
        binds = compiled.binds
        self._defaults = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        self._lists = [name for name, bind in binds.items() if bind.expanding]
        self._list_texts: dict[tuple[int, ...], _ListText] = {}
        self._binders: dict[str, Processor] = {}
        for name, bind in binds.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if processor is not None:
                self._binders[name] = processor
        self._readers = [_reader(column.type, dialect) for column in compiled._result_columns]
        self._plain = not any(self._readers)
        self.returns_rows = bool(self._readers)
        names = [column.keyname for column in compiled._result_columns]
        shape: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._make = shape._make

    def bind(self, values: Values) -> tuple[str, tuple[Any, ...]]:
        """The text and positional parameters for these values; a missing value raises KeyError."""
        if self._lists:
            return self._bind_lists(values)
        binders, defaults = self._binders, self._defaults
        parameters = []
        for name in self._names:
            value = values[name] if name in values else defaults[name]
            binder = binders.get(name)
            parameters.append(value if binder is None else binder(value))
        return self._sql, tuple(parameters)

    def _bind_lists(self, values: Values) -> tuple[str, tuple[Any, ...]]:
        given = {**self._defaults, **values}
        lengths = tuple(len(given[name]) for name in self._lists)
        text = self._list_texts.get(lengths)
        if text is None:
            if len(self._list_texts) >= MAX_LIST_TEXTS:
                self._list_texts.clear()
            text = self._list_texts[lengths] = self._expand(given)
        parameters = []
        for name, index in text.parameters:
            value = given[name] if index is None else given[name][index]
            binder = self._binders.get(name)
            parameters.append(value if binder is None else binder(value))
        return text.sql, tuple(parameters)

    def _expand(self, given: Values) -> _ListText:
        state = self._compiled.construct_expanded_state(given)
        items = {
            item: (name, index)
            for name, expanded in state.parameter_expansion.items()
            for index, item in enumerate(expanded)
        }
        return _ListText(state.statement, tuple(items.get(name, (name, None)) for name in state.positiontup or ()))

    def rows(self, fetched: Sequence[Sequence[Any]]) -> list[Row]:
        """Rows as namedtuples, every column through its type."""
        if self._plain:
            return [self._make(row) for row in fetched]
        readers = self._readers
        return [self._make([v if r is None else r(v) for r, v in zip(readers, row, strict=True)]) for row in fetched]


class Prepared:
    """A statement written once with `bindparam`s, for both engines."""

    __slots__ = ("_compiled", "statement")

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        """This statement for an engine, compiled on first use."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = Compiled(self.statement, dialect)
        return compiled

    def changing(self, dialect: Dialect) -> Compiled:
        """The same, for `execute`; raises TypeError when rows come back, which the engines count differently."""
        compiled = self.compiled(dialect)
        if compiled.returns_rows:
            raise TypeError("a statement that returns rows is fetched, not executed")
        return compiled
