"""The `aftershow` command: what an operator does with the product from a shell."""

from __future__ import annotations

from typing import Annotated

import typer

import forum
from forum.cli import catalogue, database, demo, doctor, provider, serve, site, site_sso, user
from forum.cli.output import EXIT_CODES, say

app = typer.Typer(
    name="aftershow",
    help="Self-hosted fan discussions and comments for the articles of a site.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    # Locals hold secrets and what people wrote: a traceback shows lines of code only.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"Aftershow {forum.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """Configure by environment variables (AFTERSHOW_…) or a TOML file named by AFTERSHOW_CONFIG."""


app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("demo")(demo.demo)
app.command("migrate")(database.migrate)
app.command("doctor")(doctor.doctor)
site.app.command("sso")(site_sso.sso)
app.add_typer(site.app, name="site")
app.add_typer(user.app, name="user")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(provider.app, name="provider")


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    app(prog_name="aftershow")
