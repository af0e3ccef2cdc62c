"""The table of a run: on the terminal, and as Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

MARKS = {True: "✓", False: "✗", None: ""}
COLOURS = {True: "green", False: "red", None: "default"}
EXPLANATION = (
    "Measured and written by `python -m bench --write`: the real server pinned to one core, the load on another,\n"
    "medians of at least three runs. The ratio to a reference measured in the same run is the result; absolute\n"
    "figures depend on the machine and are only context."
)
COLUMNS = ("#", "work", "measured", "reference", "ratio", "budget", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, what it is compared with, and whether the budget is `met` (None: no
    budget).
    """

    number: str
    work: str
    measured: str
    reference: str = ""
    ratio: float | None = None
    budget: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The line's texts, in the order of the columns."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return (self.number, self.work, self.measured, self.reference, ratio, self.budget, MARKS[self.met])


@dataclass(slots=True)
class Report:
    """Everything a run found out. `wrong` lists answers that cannot be right: they make the run worthless."""

    title: str
    context: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, rows: Sequence[Row]) -> None:
        """Append lines."""
        self.rows.extend(rows)

    def show(self, console: Console) -> None:
        """Print the table, the circumstances and what was wrong."""
        table = Table(title=self.title, title_justify="left", show_edge=False)
        for column in COLUMNS:
            table.add_column(column, justify="right" if column == "ratio" else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*row.cells(), style=COLOURS[row.met] if row.met is False else None)
        console.print(table)
        for line in self.context:
            console.print(line, style="dim", highlight=False)
        for line in self.wrong:
            console.print(f"WRONG: {line}", style="bold red", highlight=False)

    def markdown(self) -> str:
        """The same as a Markdown page."""
        lines = [f"# {self.title}", "", EXPLANATION, "", *(f"- {line}" for line in self.context), ""]
        lines.append("| # | work | measured | reference | ratio | budget | |")
        lines.append("|---|---|---|---|---:|---|---|")
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells()) + " |" for row in self.rows]
        lines += ["", *(f"**Wrong:** {line}  " for line in self.wrong)]
        return "\n".join(lines).rstrip() + "\n"
