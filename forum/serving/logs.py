"""The log: one line per event on stderr, ours and the libraries' alike. It never holds bodies, tokens or addresses."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import Processor

from forum.settings import LogFormat, Settings

# Libraries that speak of their inner life at "info", and one that would print a reader's address.
QUIET = ("alembic", "httpx", "httpcore", "asyncio", "aiosqlite", "databases")
SILENT = ("uvicorn.access",)


class _Stderr(io.StringIO):
    """Whatever stderr is at the moment of writing; loggers outlive a redirected one."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logs(settings: Settings) -> None:
    """Send every log line of this process to stderr, in the format and from the level of the settings."""
    stderr = _Stderr()
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*_shared(), *_rendering(settings.log_format)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in SILENT:
        logging.getLogger(name).disabled = True


def _shared() -> list[Processor]:
    return [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]


def _rendering(wanted: LogFormat) -> list[Processor]:
    if wanted is LogFormat.JSON:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # Locals hold what people wrote: a traceback shows lines of code only.
            exception_formatter=structlog.dev.plain_traceback,
        )
    ]


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=repr).decode()
