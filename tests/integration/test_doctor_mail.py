"""`doctor --mail`: one mail now, and a sentence about what happened and what to do."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from urllib.parse import quote

import anyio
import pytest
from anyio import to_thread
from typer.testing import Result

from forum.core.clock import FixedClock
from forum.doctor.mail import look_at_mail, try_mail
from forum.doctor.model import Verdict
from forum.settings.mail import MailServer, Security
from forum.web.mailer import ServerMailer
from tests.support.app import START, settings_for
from tests.support.command import aftershow
from tests.support.smtp import HOST, PASSWORD, USER, Trust, mail_office, stage

pytestmark = pytest.mark.anyio
ADA = "ada@reader.example"


async def doctor(mail_url: str, address: str = ADA, *more: str) -> Result:
    """The command, in a thread of its own: the mail server lives in this one."""
    run = partial(aftershow, "doctor", "--mail", address, *more, mail_url=mail_url, public_url="https://talk.example")
    return await to_thread.run_sync(run)


def words(ended: Result) -> str:
    """What was said, however it was folded."""
    return " ".join(ended.output.split())


async def test_a_mail_that_is_taken() -> None:
    async with mail_office() as office:
        ended = await doctor(office.url)
    assert ended.exit_code == 0
    assert f"✓ Test mail the server took the mail for {ADA}; look whether it arrives" in words(ended)
    (mail,) = office.mails
    assert mail["Subject"] == "A test mail from talk.example"
    assert mail["To"] == ADA
    assert mail["Message-ID"].startswith("<test.")


async def test_no_database_is_needed_or_made(tmp_path: Path) -> None:
    async with mail_office() as office:
        run = partial(
            aftershow, "doctor", "--mail", ADA, mail_url=office.url, database_url=f"sqlite:///{tmp_path}/x.db"
        )
        assert (await to_thread.run_sync(run)).exit_code == 0
    assert not await anyio.Path(tmp_path / "x.db").exists()


@pytest.mark.parametrize(
    ("command", "answer", "said"),
    [
        ("RCPT", "550 5.1.1 no such user", "the server refused the recipient (550 5.1.1 no such user)"),
        ("MAIL", "553 not yours", "takes no mail from this sender (553 not yours) Set AFTERSHOW_MAIL_FROM"),
        ("DATA", "554 looks like spam", "the server refused the mail itself (554 looks like spam)"),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words(command: str, answer: str, said: str) -> None:
    async with mail_office() as office:
        office.answers[command] = answer
        ended = await doctor(office.url)
    assert ended.exit_code == 1
    assert said in words(ended)


async def test_a_server_that_is_none() -> None:
    async with stage(b"HTTP/1.1 400 Bad Request\x1b[31m\r\n") as actor:
        ended = await doctor(f"smtp://{HOST}:{actor.port}")
    assert ended.exit_code == 1
    assert "what answers there does not speak SMTP" in words(ended)
    assert "\x1b" not in ended.output
    assert "the mail server cannot be reached" in words(await doctor(f"smtp://{HOST}:{actor.port}"))


async def test_starttls_certificates_and_passwords_are_told_apart() -> None:
    trust = Trust()
    given = {"user": USER, "password": "wrong"}

    def look(port: int, security: Security, *, known: bool) -> str:
        server = MailServer(HOST, port, security, **given)
        sender = ServerMailer(server, hello="talk.example", tls=(trust if known else Trust()).of_client())
        settings = settings_for("sqlite:///unused.db", mail_url=f"smtps://{USER}:{quote(PASSWORD, safe='')}@{HOST}")
        report = try_mail(settings, FixedClock(START), ADA, mailer=sender)
        assert not report.healthy
        return report.findings[-1].detail

    async with mail_office(starttls=trust.of_server(), password=True) as office:
        look_at = partial(look, office.port, Security.STARTTLS)
        assert "the server refused user and password (535" in await to_thread.run_sync(partial(look_at, known=True))
        assert "certificate cannot be trusted (" in await to_thread.run_sync(partial(look_at, known=False))
    async with mail_office() as office:
        look_at = partial(look, office.port, Security.STARTTLS)
        assert "the server offers no STARTTLS" in await to_thread.run_sync(partial(look_at, known=True))


async def test_what_cannot_be_tried_is_said() -> None:
    ended = await doctor("none")
    assert ended.exit_code == 1
    assert "Name a mail server in AFTERSHOW_MAIL_URL" in ended.output
    assert (await doctor("none", "ada")).exit_code == 2
    assert (await doctor("none", ADA, "--verify")).exit_code == 2
    assert (await doctor("smtp://", ADA)).exit_code == 2


async def test_a_folder_is_written(tmp_path: Path) -> None:
    ended = await doctor(f"file:{tmp_path}/mail")
    assert ended.exit_code == 0
    assert "written into the folder" in ended.output
    assert [path.suffix async for path in anyio.Path(tmp_path / "mail").iterdir()] == [".eml"]


@pytest.mark.parametrize(
    ("mail_url", "verdict", "said"),
    [
        ("none", Verdict.NOTE, "nobody can sign in by mail"),
        ("file:mail", Verdict.NOTE, "not sent"),
        ("smtps://me:hunter2@mail.example", Verdict.GOOD, "mail.example, port 465, by TLS, with a password, from"),
        ("smtp://localhost", Verdict.GOOD, "localhost, port 25, in plain text on this machine, without a password"),
    ],
)
async def test_the_examination_says_how_mail_leaves(mail_url: str, verdict: Verdict, said: str) -> None:
    finding = look_at_mail(settings_for("sqlite:///unused.db", mail_url=mail_url))
    assert finding.verdict is verdict
    assert said in finding.detail
    assert "hunter2" not in f"{finding}"
