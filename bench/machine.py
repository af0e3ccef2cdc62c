"""What the benchmarks know about this machine: which core serves, which core loads, memory of a process."""

from __future__ import annotations

import os
import platform
import socket
import sqlite3
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SHOWN_PACKAGES = (
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "databases",
    "aiosqlite",
    "asyncpg",
    "sqlalchemy",
)


@dataclass(frozen=True, slots=True)
class Cores:
    """The processor for the server and the one for the load; the same number where there is only one."""

    server: int
    load: int
    everything: frozenset[int]


def choose_cores() -> Cores:
    """Give the server the last usable core and the load the first."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(server=usable[-1], load=usable[0], everything=frozenset(usable))


def pin(pid: int, core: int) -> None:
    """Keep a process (0 is this one), and the threads it starts from now on, on one core."""
    os.sched_setaffinity(pid, {core})


def unpin(cores: Cores) -> None:
    """Let this process, and what it starts from now on, use every core again."""
    os.sched_setaffinity(0, cores.everything)


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def memory_mb(pid: int) -> float:
    """Resident memory of a process and its children, in megabytes (10^6 bytes)."""
    total = _resident_kb(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            total += _resident_kb(int(child))
    return total * 1024 / 1e6


def _resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def describe() -> str:
    """One line of versions: interpreter, SQLite and the libraries that decide the figures."""
    parts = [f"CPython {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in SHOWN_PACKAGES:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return " · ".join(parts)


def processor() -> str:
    """The processor's name and how many cores this process may use."""
    name = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    return f"{name}, {len(os.sched_getaffinity(0))} cores usable"
