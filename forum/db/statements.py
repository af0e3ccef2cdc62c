"""Statements built once and compiled once per engine.

A `Prepared` lives at module level in a feature's `queries.py`. Compiling SQLAlchemy Core per call costs more than
running the statement on SQLite; doing it once and binding by position keeps the price of a query near the engine's.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = Any  # a namedtuple with one attribute per selected column
Values = Mapping[str, Any]


class Bound(NamedTuple):
    """A statement with its values: what travels through `databases` to the engine."""

    prepared: Prepared
    values: Values


class Compiled:
    """A statement in one engine's words, with what its values and rows have to go through."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only statements with values can be prepared; schema changes belong to migrations")
        self._compiled = compiled
        self._names: list[str] = list(compiled.positiontup or [])
        self._defaults: dict[str, Any] = {
            name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
        }
        self._binders: dict[str, Callable[[Any], Any]] = {}
        for name, bind in compiled.binds.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if processor is not None:
                self._binders[name] = processor
        self._expanding = any(bind.expanding for bind in compiled.binds.values())
        columns = compiled._result_columns
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        # Most columns need nothing: only the others are touched, because a page reads hundreds of rows.
        self._readers = [(at, reader) for at, reader in enumerate(processors) if reader is not None]
        names = [column.keyname for column in columns]
        shape: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        self._make = shape._make
        self._sql = str(compiled)

    def bind(self, values: Values) -> tuple[str, tuple[Any, ...]]:
        """The text and positional parameters for these values; a missing value raises KeyError."""
        if self._expanding:
            return self._bind_expanding(values)
        binders, defaults = self._binders, self._defaults
        parameters = []
        for name in self._names:
            value = values[name] if name in values else defaults[name]
            binder = binders.get(name)
            parameters.append(value if binder is None else binder(value))
        return self._sql, tuple(parameters)

    def _bind_expanding(self, values: Values) -> tuple[str, tuple[Any, ...]]:
        processed: dict[str, Any] = {}
        for name, value in values.items():
            binder = self._binders.get(name)
            if binder is None:
                processed[name] = value
            elif isinstance(value, list | tuple):
                processed[name] = [binder(item) for item in value]
            else:
                processed[name] = binder(value)
        state = self._compiled.construct_expanded_state(processed)
        return state.statement, tuple(state.positional_parameters)

    def rows(self, fetched: Sequence[Sequence[Any]]) -> list[Row]:
        """Rows as namedtuples, every column through its type."""
        make, readers = self._make, self._readers
        if not readers:
            return [make(row) for row in fetched]
        made = []
        for row in fetched:
            values = list(row)
            for at, reader in readers:
                value = values[at]
                if value is not None:
                    values[at] = reader(value)
            made.append(make(values))
        return made


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
