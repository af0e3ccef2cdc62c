"""The log as an operator has it, caught for a while."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import structlog

from forum.serving.logs import configure_logs
from forum.settings import LogFormat
from tests.support.app import settings_for


@contextmanager
def logged(database_url: str, *, log_format: LogFormat = LogFormat.JSON) -> Iterator[io.StringIO]:
    """Everything that is logged inside the block, down to the last detail; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    caught = io.StringIO()
    try:
        with redirect_stderr(caught):
            configure_logs(settings_for(database_url, log_format=log_format, log_level="debug"))
            structlog.configure(cache_logger_on_first_use=False)
            yield caught
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
