"""What every test gets: asyncio only, no network beyond loopback, and databases of both engines on request."""

import pytest

from tests.support import session

pytest_plugins = [
    "tests.support.app",
    "tests.support.databases",
    "tests.support.mailing",
    "tests.support.network",
    "tests.support.spoilers",
]


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all workers of this run share; the process that made it also ends it."""
    session.begin(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what runs for the whole session, whatever way the session ended."""
    session.end(config)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop the server uses."""
    return "asyncio"
