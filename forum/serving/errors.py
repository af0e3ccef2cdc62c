"""Why a process can't start, as a sentence for the operator."""

from __future__ import annotations


class CannotStart(Exception):
    """This process can't do its work here; the message says why and what to do."""
