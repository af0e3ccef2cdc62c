"""`aftershow demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table

from forum.cli.output import explaining, offer_owning, show
from forum.demo.run import Addresses, run_demo


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Aftershow's port; a free one if it is taken.")] = 8000,
    newsroom_port: Annotated[
        int, typer.Option(min=0, max=65535, help="The newsroom's port; a free one if it is taken.")
    ] = 8001,
    directory: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Keep the demo's database here and go on with it next time."),
    ] = None,
) -> None:
    """Start Aftershow with an example newsroom that embeds it, and say where to look. Ctrl-C stops both.

    Nothing has to be set up: the demo brings its own settings, a SQLite database and invented comments.
    """
    with explaining():
        run_demo(port=port, newsroom_port=newsroom_port, directory=directory, announce=_announce)


def _announce(where: Addresses) -> None:
    lines = Table.grid(padding=(0, 3))
    rows = {
        "Newsroom": f"{where.newsroom}/",
        "An article with its discussion": where.articles[0],
        "The same without scripts": where.plain,
        "A discussion to moderate": where.table,
        "Moderation, as its owner": where.console,
        "Mailbox": where.mailbox,
        "Aftershow": f"{where.aftershow}/",
        "HTTP API": f"{where.aftershow}/api/docs",
    }
    for name, url in rows.items():
        lines.add_row(name, url)
    # Not in the panel: there a narrow terminal would break the link in two.
    offer_owning(where.first_owner)
    show(Panel.fit(lines, title="Aftershow's demo is running", subtitle="Ctrl-C stops it", padding=(1, 2)))
