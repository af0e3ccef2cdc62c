"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """good: as it should be. note: worth knowing, nothing to do at once. wrong: somebody has to act."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report: what was looked at, what was seen, and what to do about it."""

    name: str
    verdict: Verdict
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole examination. Not `usable`: the database could not be examined at all."""

    findings: tuple[Finding, ...]
    usable: bool

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.usable and all(finding.verdict is not Verdict.WRONG for finding in self.findings)


def good(name: str, detail: str) -> Finding:
    """As it should be."""
    return Finding(name, Verdict.GOOD, detail)


def note(name: str, detail: str, advice: str = "") -> Finding:
    """Worth knowing."""
    return Finding(name, Verdict.NOTE, detail, advice)


def wrong(name: str, detail: str, advice: str = "") -> Finding:
    """Somebody has to act."""
    return Finding(name, Verdict.WRONG, detail, advice)
