"""What the commands say, and the code they leave with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console, RenderableType

from forum.db.migrate import SchemaTooNew
from forum.errors import AftershowError, Unavailable
from forum.serving.errors import CannotStart, reason_of
from forum.serving.logs import configure_logs
from forum.settings import Settings, SettingsError, load_settings
from forum.web.languages import choose

OK, PROBLEM, WRONG_USE, CANNOT_START = 0, 1, 2, 3
EXIT_CODES = (
    "[bold]Exit codes[/bold]  0 done · 1 a problem was found, or the request was refused · 2 wrong use or wrong "
    "settings · 3 the database, the port or the lock could not be had"
)
# Tables for pipes and log files: wide enough that addresses stay whole.
PIPE_WIDTH = 160


def console(*, stderr: bool = False) -> Console:
    """A console for this moment's stdout or stderr."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else PIPE_WIDTH, highlight=False)


def say(text: str) -> None:
    """One line on stdout, as it is: never wrapped, nothing in it is markup."""
    console().print(text, markup=False, soft_wrap=True)
    sys.stdout.flush()


def offer_owning(link: str | None) -> None:
    """How to become the owner of a server that has none; nothing for one that has."""
    if link is not None:
        say(f"This server has no owner yet. Whoever opens this link becomes it; it works once, within an hour:\n{link}")


def show(what: RenderableType) -> None:
    """A table or panel on stdout."""
    console().print(what)
    sys.stdout.flush()


def complain(text: str) -> None:
    """One line on stderr."""
    console(stderr=True).print(text, markup=False, soft_wrap=True, style="red")


def read_settings() -> Settings:
    """The settings of the environment; the log is configured by them. Raises SettingsError."""
    settings = load_settings(os.environ)
    configure_logs(settings)
    return settings


@contextmanager
def explaining() -> Iterator[None]:
    """Turn refusals and failures that operators can do something about into a sentence and an exit code."""
    try:
        yield
    except SettingsError as error:
        for problem in error.problems:
            complain(problem)
        raise typer.Exit(WRONG_USE) from error
    except CannotStart as error:
        complain(str(error))
        raise typer.Exit(CANNOT_START) from error
    except SchemaTooNew as error:
        complain("The database was made by a newer version of Aftershow; nothing was changed. Install that version.")
        raise typer.Exit(CANNOT_START) from error
    except Unavailable as error:
        complain(f"The database cannot be used: {reason_of(error)}.")
        raise typer.Exit(CANNOT_START) from error
    except AftershowError as error:
        english = choose("en")
        complain(english.text(error.detail or error.title, error.params))
        raise typer.Exit(PROBLEM) from error
