"""Where the files that are not Python live: templates, static files and migrations.

In a checkout (and an editable install) they stand at the top level beside the package; in an installed wheel
they are inside it, under `_data`. The folder inside the package wins: only an installed wheel has one.
"""

from pathlib import Path
from typing import Final

PACKAGE_DIR: Final = Path(__file__).resolve().parent


def _data_root(package_dir: Path) -> Path:
    """Return the folder that holds the three others; raise `FileNotFoundError` when there is none."""
    for root in (package_dir / "_data", package_dir.parent):
        if (root / "templates").is_dir() and (root / "migrations").is_dir():
            return root
    raise FileNotFoundError(f"Aftershow's templates and migrations are neither inside nor beside {package_dir}")


DATA_ROOT: Final = _data_root(PACKAGE_DIR)
TEMPLATES_DIR: Final = DATA_ROOT / "templates"
STATIC_DIR: Final = DATA_ROOT / "static"
MIGRATIONS_DIR: Final = DATA_ROOT / "migrations"
