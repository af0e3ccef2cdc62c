"""`demo`: both origins answer, the threads are sound, a second run goes on with the first one's data."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from forum.core.clock import SystemClock
from forum.doctor.examine import examine
from tests.support.app import settings_for
from tests.support.command import PATIENCE, Started, environment, started

FIRST_OWNER = "/auth/first/"
COMMENTS = "/api/v1/sites/newsroom/discussion"


def start(folder: Path, *options: str) -> Any:
    return started(folder, "demo", "--port", "0", "--newsroom-port", "0", *options, env=environment())


def addresses(demo: Started) -> dict[str, str]:
    """The URLs of the panel, by what it calls them."""
    demo.wait_for("Ctrl-C stops it")
    return {match[1]: match[2] for line in demo.said if (match := re.match(r"│ +(\S.*?) {2,}(http://\S+)", line))}


def wait_until(holds: Callable[[], bool]) -> None:
    end = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    while not holds():
        assert datetime.now(UTC) < end, "it never became so"


@pytest.mark.slow
def test_it_runs_and_a_second_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with start(tmp_path, "--directory", str(folder)) as demo:
        where = addresses(demo)
        newsroom, aftershow = where["Newsroom"].rstrip("/"), where["Aftershow"].rstrip("/")
        with httpx.Client() as http:
            for url in where.values():
                assert http.get(url, follow_redirects=True).status_code == 200, url
            assert f"{aftershow}/static/embed.js" in http.get(newsroom).text
            article = where["An article with its discussion"]
            seen = http.get(f"{aftershow}{COMMENTS}", params={"url": article}).json()
            assert seen["discussion"]["comment_count"] >= 120
            # The newsroom's own pages are read and found to carry the embed; two jobs are for tomorrow: what readers
            # have covered, and what they have hidden, is as before then.
            wait_until(lambda: http.get(f"{aftershow}/readyz").json()["outbox"] == {"jobs": 2, "dead": 0})
            # Whoever started it may become its owner, once.
            [link] = [line for line in demo.said if FIRST_OWNER in line]
            ours = {"origin": aftershow, "sec-fetch-site": "same-origin"}
            assert http.get(link).status_code == 200
            assert http.post(link, data={"name": "Olive Owner"}, headers=ours).status_code == 303
            http.cookies.clear()
            # Whoever signs in finds the mail in the mailbox.
            http.post(f"{aftershow}/auth/email", data={"email": "ada@reader.example"}, headers=ours)
            wait_until(lambda: f'<a href="{aftershow}/auth/link/' in http.get(where["Mailbox"]).text)
        assert demo.stop(signal.SIGTERM) == 0
        assert demo.log == ""
    report = examine(settings_for(f"sqlite:///{folder}/demo.db"), SystemClock(), repair=False)
    assert report.healthy, report.findings
    ports = [url.rpartition(":")[2] for url in (aftershow, newsroom)]
    options = ["--port", ports[0], "--newsroom-port", ports[1], "--directory", str(folder)]
    with started(tmp_path, "demo", *options, env=environment()) as again:
        assert addresses(again) == where
        assert not any(FIRST_OWNER in line for line in again.said)
        repeated = httpx.get(f"{aftershow}{COMMENTS}", params={"url": article}).json()
        assert repeated["comments"] == seen["comments"]
        assert again.stop(signal.SIGINT) == 0
        assert again.log == ""


@pytest.mark.slow
def test_a_port_that_is_taken_is_replaced_and_nothing_is_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment() | {"TMPDIR": str(tmp_path)}
        with started(tmp_path, "demo", "--port", str(port), "--newsroom-port", "0", env=env) as demo:
            where = addresses(demo)
            assert f":{port}" not in where["Aftershow"]
            assert httpx.get(where["Aftershow"]).status_code == 200
            assert list(tmp_path.glob("aftershow-demo-*"))
            assert demo.stop(signal.SIGINT) == 0
            assert demo.log == ""
    assert not list(tmp_path.glob("aftershow-demo-*"))
