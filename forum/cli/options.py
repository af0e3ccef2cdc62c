"""Commands with many options take them as one value."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


def taking(kind: type[T]) -> Callable[[Callable[[str, T], None]], Callable[..., None]]:
    """Make a command of one argument and a dataclass into one whose options are the dataclass's fields.

    The fields are annotated as parameters of a typer command are; typer reads the signature made here.
    """
    hints = get_type_hints(kind, include_extras=True)
    parameters = [
        inspect.Parameter(
            item.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if item.default is MISSING else item.default,
            annotation=hints[item.name],
        )
        for item in fields(kind)  # type: ignore[arg-type]
    ]

    def decorate(command: Callable[[str, T], None]) -> Callable[..., None]:
        key = next(iter(inspect.signature(command, eval_str=True).parameters.values()))

        @functools.wraps(command)
        def run(**given: Any) -> None:
            command(given.pop(key.name), kind(**given))

        run.__signature__ = inspect.Signature([key, *parameters])  # type: ignore[attr-defined]
        run.__annotations__ = {key.name: key.annotation, **hints}
        return run

    return decorate
