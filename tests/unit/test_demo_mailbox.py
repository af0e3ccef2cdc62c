"""The demo's mailbox: what would have been sent, with the link and the code at hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from forum.demo.newsroom import create_newsroom
from forum.settings import Settings
from forum.settings.mail import MailFolder
from forum.web.envelope import Words, enclose
from forum.web.mailer import FolderMailer
from tests.support.app import settings_for

pytestmark = pytest.mark.anyio
TALK, NEWS = "http://localhost:8000", "http://localhost:8001"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS: Settings = settings_for("sqlite:///unused.db", public_url=TALK)
LINK = f"{TALK}/auth/link/{'0' * 32}.{'f' * 32}"


async def deliver(folder: Path, number: int, text: str, subject: str = "Sign in") -> None:
    words = Words(subject, text, "<p>Hello</p>", "en")
    moment = NOON + timedelta(minutes=number)
    mail = enclose(SETTINGS, words, mail_id=f"mail.{number}", address="ada@reader.example", moment=moment)
    await FolderMailer(MailFolder(folder)).send(mail)


def newsroom(folder: Path | None) -> httpx.AsyncClient:
    app = create_newsroom(aftershow_url=TALK, own_url=NEWS, mail=folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=NEWS)


async def test_links_and_codes_are_at_hand_newest_first(tmp_path: Path) -> None:
    await deliver(tmp_path, 11, f"Open\n\n{LINK}\n\nOr type\n\nABCD-2345\n")
    await deliver(tmp_path, 12, "Grüße <b>&\nhttps://elsewhere.example/x\n", subject="<i>ثم</i>")
    (tmp_path / ".draft.1").write_text("half")
    async with newsroom(tmp_path) as http:
        answer = await http.get("/mailbox")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    page = LexborHTMLParser(answer.text)
    assert [node.text() for node in page.css(".letter h2")] == ["<i>ثم</i>", "Sign in"]
    assert [node.attributes["href"] for node in page.css(".letter a")] == [LINK]
    assert [node.text() for node in page.css(".letter .mail-code")] == ["ABCD-2345"]
    assert "12:12:00 UTC" in answer.text
    texts = [node.text() for node in page.css(".said-by-mail")]
    assert texts[0] == "Grüße <b>&\nhttps://elsewhere.example/x"
    assert texts[1] == f"Open\n\n{LINK}\n\nOr type\n\nABCD-2345"


async def test_an_empty_mailbox_and_the_way_to_it(tmp_path: Path) -> None:
    async with newsroom(tmp_path / "not-yet") as http:
        assert "No mail yet." in (await http.get("/mailbox")).text
        assert '<a href="/mailbox">Mailbox</a>' in (await http.get("/")).text


async def test_only_the_demo_has_one_and_only_under_its_own_name(tmp_path: Path) -> None:
    await deliver(tmp_path, 11, LINK)
    async with newsroom(tmp_path) as http:
        answer = await http.get("/mailbox", headers={"host": "rebound.example:8001"})
        assert (answer.status_code, LINK in answer.text) == (404, False)
    async with newsroom(None) as http:
        assert (await http.get("/mailbox")).status_code == 404
        assert "/mailbox" not in (await http.get("/")).text
