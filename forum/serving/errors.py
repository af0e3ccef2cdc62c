"""Why a process can't start, as a sentence for the operator."""

from __future__ import annotations


class CannotStart(Exception):
    """This process can't do its work here; the message says why and what to do."""


def reason_of(error: BaseException) -> str:
    """What the engine itself said about a failure that was put into our words, on one line."""
    cause = error.__cause__ or error
    wrapped = getattr(cause, "orig", None)  # SQLAlchemy wraps what the driver raised, sometimes twice
    if isinstance(wrapped, BaseException):
        cause = wrapped.__cause__ or wrapped
    words = str(cause).strip() or type(cause).__name__
    return words.splitlines()[0].rstrip(".")
