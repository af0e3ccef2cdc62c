"""`aftershow doctor`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from forum.cli.output import CANNOT_START, OK, PROBLEM, explaining, read_settings, say, show
from forum.core.clock import SystemClock
from forum.doctor.examine import examine
from forum.doctor.mail import try_mail
from forum.doctor.model import Report, Verdict

MARKS = {Verdict.GOOD: ("✓", "green"), Verdict.NOTE: ("–", "yellow"), Verdict.WRONG: ("✗", "red")}


def doctor(
    verify: Annotated[
        bool, typer.Option("--verify", help="Recount all counters and repair those that differ.")
    ] = False,
    mail: Annotated[
        str | None,
        typer.Option("--mail", metavar="ADDRESS", help="Only send a test mail there, now, and say how it went."),
    ] = None,
) -> None:
    """Examine the installation and the promises about what is stored.

    Looks at settings, files, sites, jobs and the database: durable writes (I1), one comment per idempotency key (I2),
    nothing half done (I3), counters (I4), threads (I5), the engine's own checks (I12). There are no votes in this
    version, so I6 has nothing to look at. May run while servers are running; without --verify nothing is changed.
    With --mail nothing of that is looked at.
    Exit code 0: nothing is wrong. 1: something is. 3: the database cannot be examined.
    """
    if mail is not None and verify:
        raise typer.BadParameter("--mail looks at nothing else: leave --verify out.")
    with explaining():
        report = examine(read_settings(), SystemClock(), repair=verify) if mail is None else _try_mail(mail)
    show(_table(report))
    wrong = sum(finding.verdict is Verdict.WRONG for finding in report.findings)
    say("Nothing is wrong." if report.healthy else f"{wrong} of {len(report.findings)} checks found something wrong.")
    if not report.usable:
        raise typer.Exit(CANNOT_START)
    raise typer.Exit(OK if report.healthy else PROBLEM)


def _try_mail(address: str) -> Report:
    try:
        return try_mail(read_settings(), SystemClock(), address)
    except ValueError as error:
        raise typer.BadParameter(f"{address} is no e-mail address.") from error


def _table(report: Report) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        mark, colour = MARKS[finding.verdict]
        table.add_row(Text(mark, style=colour), Text(finding.name), Text(finding.detail))
        if finding.advice:
            table.add_row("", "", Text(finding.advice, style="dim"))
    return table
