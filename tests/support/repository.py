"""The files of this checkout as the contract tests read them: what is written here, not what is made or installed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("forum", "templates", "static", "migrations", "tests", "docs", "bench", "requirements", ".ci")
BINARY: Final = {".png", ".jpg", ".webp", ".ico", ".woff2", ".mo", ".db", ".gz"}


def files(*folders: str, suffix: str = "") -> Iterator[Path]:
    """Give the files below some top-level folders, sorted; without folders every file of the project, text or not."""
    places = [ROOT / folder for folder in folders or FOLDERS]
    found = [path for place in places for path in place.rglob(f"*{suffix}") if path.is_file()]
    if not folders:
        found += [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".git")]
    return (path for path in sorted(found) if "__pycache__" not in path.parts)


def texts(*folders: str, suffix: str = "") -> Iterator[tuple[str, str]]:
    """Give the path (relative to the checkout) and the text of each file that is text."""
    for path in files(*folders, suffix=suffix):
        if path.suffix not in BINARY:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
