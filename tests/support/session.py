"""One temporary folder for the whole test run, shared by its workers, and an end that is reached however the run ends.

The process that starts the run (with xdist, the controller) holds a lock on `alive` in that folder. What runs beside
the tests, PostgreSQL's keeper, waits for that lock: it gets it when the run is over or was killed, and then stops.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import pytest

FOLDER_NAME: Final = "AFTERSHOW_TEST_SESSION"
ALIVE: Final = "alive"
KEEPER: Final = "keeper"

_held = pytest.StashKey[IO[str]]()


def folder() -> Path:
    """Return the folder of this run."""
    return Path(os.environ[FOLDER_NAME])


@contextmanager
def exclusive(name: str) -> Iterator[Path]:
    """Hold the run's lock `name` across all workers; gives the path of the lock file."""
    path = folder() / name
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path


def begin(config: pytest.Config) -> None:
    """In the starting process: make the folder and hold its lock. In a worker: nothing, the folder is inherited."""
    if hasattr(config, "workerinput"):
        return
    made = Path(tempfile.mkdtemp(prefix="aftershow-tests-"))
    made.chmod(0o711)  # a server that runs as another user finds its own folder inside
    os.environ[FOLDER_NAME] = str(made)
    file = (made / ALIVE).open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    config.stash[_held] = file


def end(config: pytest.Config) -> None:
    """In the starting process: let go of the lock, wait until the keeper is gone, remove the folder."""
    file = config.stash.get(_held, None)
    if file is None:
        return
    file.close()
    with exclusive(KEEPER):
        shutil.rmtree(folder(), ignore_errors=True)
    del os.environ[FOLDER_NAME]
