"""The Chromium that browser tests drive: AFTERSHOW_TEST_CHROMIUM, or the first one on PATH."""

import os
import shutil
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox, because a test machine may run as root; nothing that would leave the machine on the browser's own account.
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def path() -> str:
    """Return the program's path; raises `FileNotFoundError` that says what to do when there is none."""
    named = os.environ.get("AFTERSHOW_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError("no Chromium: `make chromium` installs it or says how")
    return found
