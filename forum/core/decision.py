"""What a policy answers: yes, or no with a stable reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allow:
    """The rule permits it."""


@dataclass(frozen=True, slots=True)
class Deny:
    """The rule refuses it; `code` is one of the codes of `forum.errors`."""

    code: str


Decision = Allow | Deny
ALLOW = Allow()
