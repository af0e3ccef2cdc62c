"""`python -m forum` is the `aftershow` command."""

from __future__ import annotations

from forum.cli import main

main()
