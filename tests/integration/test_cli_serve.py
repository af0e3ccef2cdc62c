"""`serve` and `worker` as processes: they start, refuse, drain and stop."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.command import PATIENCE, SECRET, Started, aftershow, environment, started

HALF = b"POST /api/v1/preview HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:8000\r\nSec-Fetch-Site: same-origin\r\n"


@pytest.fixture
def env(empty_sqlite_url: str) -> dict[str, str]:
    """Settings of a server on a new SQLite file."""
    return environment(database_url=empty_sqlite_url)


@pytest.fixture
def server(tmp_path: Path, env: dict[str, str]) -> Iterator[Started]:
    """A server that is starting on a new SQLite file and a free port."""
    with started(tmp_path, "serve", "--port", "0", env=env) as process:
        yield process


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=PATIENCE)


def everything(connection: socket.socket) -> bytes:
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def wait_until_refused(address: str) -> None:
    """Return once nothing listens at the address any more."""
    pause = threading.Event()
    while True:
        try:
            connect(address).close()
        except ConnectionRefusedError:
            return
        pause.wait(0.01)  # polls a condition; the test's patience ends it


def test_it_serves_a_new_file_and_stops_with_a_clean_exit(server: Started) -> None:
    answer = httpx.get(f"{server.address()}/readyz")
    assert answer.json()["status"] == "ready"
    assert "server" not in answer.headers
    assert server.said[0].endswith("is new: its tables have been made.")
    assert server.stop(signal.SIGTERM) == 0
    assert "Traceback" not in server.log


def test_ctrl_c_stops_it_too(server: Started) -> None:
    server.address()
    assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.log


def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path, env: dict[str, str], server: Started) -> None:
    address = server.address()
    with started(tmp_path, "serve", "--port", "0", env=env) as second:
        assert second.process.wait(PATIENCE) == 3
        assert f"is being served by process {server.pid} already" in second.log
    assert httpx.get(f"{address}/healthz").status_code == 200
    assert server.stop(signal.SIGTERM) == 0
    with started(tmp_path, "serve", "--port", "0", env=env) as third:
        assert httpx.get(f"{third.address()}/healthz").status_code == 200


def test_the_lock_goes_with_a_killed_server(tmp_path: Path, env: dict[str, str], server: Started) -> None:
    server.address()
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    with started(tmp_path, "serve", "--port", "0", env=env) as next_one:
        assert httpx.get(f"{next_one.address()}/readyz").status_code == 200


def test_a_request_under_way_is_answered_before_it_stops(server: Started) -> None:
    address = server.address()
    body = json.dumps({"site": "nowhere", "body": "Hello"}).encode()
    head = HALF + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with connect(address) as connection:
        connection.sendall(head + body[:5])
        assert httpx.get(f"{address}/healthz").status_code == 200  # so the first half has been read
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(address)
        connection.sendall(body[5:])
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert server.process.wait(PATIENCE) == 0


def test_a_client_that_never_finishes_does_not_keep_it_up(tmp_path: Path, empty_sqlite_url: str) -> None:
    env = environment(database_url=empty_sqlite_url, drain_seconds="1")
    with started(tmp_path, "serve", "--port", "0", env=env) as server:
        address = server.address()
        with connect(address) as connection:
            connection.sendall(HALF + b"Content-Length: 100\r\n\r\n{")
            assert httpx.get(f"{address}/healthz").status_code == 200
            assert server.stop(signal.SIGTERM) == 0


def test_a_port_that_is_taken(sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = aftershow("serve", "--port", str(port), database_url=sqlite_url)
    assert (ended.exit_code, ended.stderr) == (
        3,
        f"Port {port} of 127.0.0.1 cannot be listened on: address already in use.\n",
    )


def test_several_workers_need_postgresql(sqlite_url: str) -> None:
    ended = aftershow("serve", "--workers", "2", database_url=sqlite_url)
    assert ended.exit_code == 2
    assert "--workers needs PostgreSQL" in ended.stderr


def test_several_processes_serve_from_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    env = environment(database_url=postgresql_url, secret_key=SECRET)
    with started(tmp_path, "serve", "--port", "0", "--workers", "2", env=env) as server:
        assert httpx.get(f"{server.address()}/readyz", timeout=PATIENCE).status_code == 200
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.log


def test_a_request_without_an_end_to_its_head_is_refused(server: Started) -> None:
    with connect(server.address()) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ")
        answer = b""
        try:
            while not answer:
                connection.sendall(b"a" * 65536)
                connection.settimeout(0.05)
                try:
                    answer = connection.recv(65536)
                except TimeoutError:
                    connection.settimeout(PATIENCE)
        except (BrokenPipeError, ConnectionResetError):
            answer = answer or b"closed"
    assert answer.startswith((b"HTTP/1.1 400 ", b"closed"))


def test_log_lines_are_json_when_asked_for(tmp_path: Path, empty_sqlite_url: str) -> None:
    env = environment(database_url=empty_sqlite_url, log_format="json")
    with started(tmp_path, "serve", "--port", "0", env=env) as server:
        httpx.get(f"{server.address()}/healthz?text=private")
        assert server.stop(signal.SIGTERM) == 0
        lines = [json.loads(line) for line in server.log.splitlines()]
    assert {"answer", "Application startup complete."} <= {line["event"] for line in lines}
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    assert "private" not in server.log
    assert "127.0.0.1" not in server.log


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_works_until_it_is_stopped(tmp_path: Path, engine_url: str, wanted: signal.Signals) -> None:
    env = environment(database_url=engine_url, worker="separate", secret_key=SECRET)
    with started(tmp_path, "worker", env=env) as worker:
        worker.wait_for("waiting for jobs")
        assert worker.stop(wanted) == 0
        assert "Traceback" not in worker.log
