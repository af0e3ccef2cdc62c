"""Mail servers: good ones, strict ones, wrong ones, slow and hostile ones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from forum.settings import Settings
from forum.settings.mail import MailServer, Security, mail_route
from forum.web.envelope import Words, enclose
from forum.web.mailer import FolderMailer, MailError, MailFailed, MailRefused, NoMailer, ServerMailer, make_mailer
from tests.support.app import settings_for
from tests.support.smtp import HOST, PASSWORD, USER, Trust, mail_office, stage

pytestmark = pytest.mark.anyio
ADA = "ada@reader.example"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS: Settings = settings_for("sqlite:///unused.db")
GREETING, HELLO = b"220 mail.test\r\n", b"250 mail.test\r\n"


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust()


def a_mail(address: str = ADA, subject: str = "Grüße", text: str = "Hello.\n.\nثم\n") -> EmailMessage:
    words = Words(subject, text, "<p>Hello</p>", "en")
    return enclose(SETTINGS, words, mail_id="mail.17", address=address, moment=NOON)


def mailer(port: int, security: Security = Security.PLAIN, *, trust: Trust | None = None, **given: str) -> ServerMailer:
    server = MailServer(HOST, port, security, **given)
    return ServerMailer(
        server, hello="talk.example", tls=trust.of_client() if trust else None, whole_seconds=8, step_seconds=4
    )


async def fails(sender: ServerMailer, message: EmailMessage | None = None) -> MailError:
    with pytest.raises(MailError) as caught:
        await sender.send(message or a_mail())
    return caught.value


async def test_a_relay_on_this_machine_gets_it_in_plain_text() -> None:
    async with mail_office() as office:
        sender = make_mailer(settings_for("sqlite:///unused.db", mail_url=office.url))
        assert sender.can_send
        await sender.send(a_mail())
    (mail,) = office.mails
    assert office.envelopes == [("no-reply@talk.example", [ADA])]
    assert mail["From"] == '"talk.example" <no-reply@talk.example>'
    assert mail["Subject"] == "Grüße"
    assert mail["Message-ID"] == "<mail.17@talk.example>"
    assert mail["Date"].datetime == NOON
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["Hello.", ".", "ثم"]


async def test_nothing_but_ascii_travels() -> None:
    assert a_mail().as_bytes().isascii()
    assert a_mail("ada@bücher.example")["To"] == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize("given", [{}, {"user": USER, "password": PASSWORD}])
async def test_starttls_comes_before_everything(trust: Trust, given: dict[str, str]) -> None:
    async with mail_office(starttls=trust.of_server(), password=bool(given)) as office:
        await mailer(office.port, Security.STARTTLS, trust=trust, **given).send(a_mail())
    assert (office.encrypted, office.signed_in) == ([True], [bool(given)])


async def test_tls_from_the_beginning(trust: Trust) -> None:
    async with mail_office(tls=trust.of_server(), password=True) as office:
        await mailer(office.port, Security.TLS, trust=trust, user=USER, password=PASSWORD).send(a_mail())
    assert office.signed_in == [True]


async def test_a_password_never_travels_in_plain_text() -> None:
    url = f"smtp://{USER}:{quote(PASSWORD, safe='')}@{HOST}:2525"
    route = mail_route(url)
    assert isinstance(route, MailServer)
    assert (route.security, route.password) == (Security.STARTTLS, PASSWORD)
    async with stage(GREETING, HELLO, stays=True) as actor:
        error = await fails(mailer(actor.port, Security.STARTTLS, user=USER, password=PASSWORD))
    assert error.code == "no_starttls"
    assert [line.split()[0] for line in actor.heard] == [b"EHLO"]


async def test_who_takes_starttls_out_on_the_way_gets_nothing() -> None:
    async with stage(GREETING, b"250-mail.test\r\n250 STARTTLS\r\n", b"454 not now\r\n", stays=True) as actor:
        error = await fails(mailer(actor.port, Security.STARTTLS))
    assert isinstance(error, MailFailed)
    assert (error.code, error.reply) == ("no_starttls", 454)
    assert [line.strip() for line in actor.heard] == [b"EHLO talk.example", b"STARTTLS"]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_of_somebody_else_is_not_believed(trust: Trust, security: Security) -> None:
    for shown in (trust.of_server("elsewhere.test"), Trust().of_server()):
        begun = security is Security.TLS
        async with mail_office(tls=shown if begun else None, starttls=None if begun else shown) as office:
            error = await fails(mailer(office.port, security, trust=trust, user=USER, password=PASSWORD))
        assert isinstance(error, MailFailed)
        assert error.code == "bad_certificate"
        assert office.mails == []


async def test_tls_where_there_is_none(trust: Trust) -> None:
    async with stage(GREETING, stays=True) as actor:
        assert (await fails(mailer(actor.port, Security.TLS, trust=trust))).code == "no_tls"


async def test_a_wrong_password_may_be_mended(trust: Trust) -> None:
    async with mail_office(starttls=trust.of_server(), password=True) as office:
        error = await fails(mailer(office.port, Security.STARTTLS, trust=trust, user=USER, password="wrong"))
    assert isinstance(error, MailFailed)
    assert (error.code, error.reply) == ("sign_in_refused", 535)


async def test_a_server_without_sign_in(trust: Trust) -> None:
    async with mail_office(tls=trust.of_server()) as office:
        given = {"user": USER, "password": PASSWORD}
        assert (await fails(mailer(office.port, Security.TLS, trust=trust, **given))).code == "no_sign_in"


@pytest.mark.parametrize(
    ("command", "answer", "kind", "code"),
    [
        ("RCPT", "550 5.1.1 nobody of that name: ada", MailRefused, "recipient_refused"),
        ("RCPT", "450 4.2.0 greylisted, ada", MailFailed, "recipient_refused"),
        ("MAIL", "550 not as you", MailFailed, "sender_refused"),
        ("MAIL", "451 later", MailFailed, "sender_refused"),
        ("DATA", "554 spam", MailRefused, "content_refused"),
        ("DATA", "452 full", MailFailed, "content_refused"),
    ],
)
async def test_a_refusal_is_for_good_or_for_now(command: str, answer: str, kind: type[MailError], code: str) -> None:
    async with mail_office() as office:
        office.answers[command] = answer
        error = await fails(mailer(office.port))
    assert type(error) is kind
    assert (error.code, error.reply) == (code, int(answer[:3]))
    # For the log: the code alone. The server's own words may name somebody.
    assert str(error) == f"{code} ({answer[:3]})"
    assert error.answer == answer[4:]


async def test_an_address_the_server_cannot_write() -> None:
    async with mail_office() as office:
        error = await fails(mailer(office.port), a_mail("zoë@reader.example"))
    assert isinstance(error, MailRefused)
    assert error.code == "bad_address"


TO_DATA = (GREETING, HELLO, b"250 sender\r\n", b"250 recipient\r\n")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "closed"),
        ((b"\x00\xfe\xff what is this?\r\n",), "broken_answer"),
        ((b"220-" + b"x" * 60_000 + b"\r\n",), "broken_answer"),
        ((b"554 no service for you\r\n",), "turned_away"),
        ((GREETING, b"421 go away\r\n", b"421 go away\r\n"), "turned_away"),
        ((GREETING, b"nonsense\r\n", b"nonsense\r\n"), "broken_answer"),
        ((GREETING, HELLO), "closed"),
        (TO_DATA[:3], "closed"),
        ((*TO_DATA, b"354 go on\r\n"), "closed"),
        ((*TO_DATA, b"999 neither yes nor no\r\n"), "content_refused"),
        ((GREETING, b"250-on and on\r\n" * 4_000), "broken_answer"),
    ],
)
async def test_a_server_that_misbehaves_is_tried_again(lines: tuple[bytes, ...], code: str) -> None:
    async with stage(*lines) as actor:
        error = await fails(mailer(actor.port))
    assert isinstance(error, MailFailed)
    assert error.code == code


@pytest.mark.parametrize("lines", [(), (GREETING,), (b"220-wait\r\n",), TO_DATA, (*TO_DATA, b"354 go on\r\n")])
async def test_a_server_that_never_answers_is_left(lines: tuple[bytes, ...]) -> None:
    async with stage(*lines, stays=True) as actor:
        server = MailServer(HOST, actor.port, Security.PLAIN)
        error = await fails(ServerMailer(server, hello="talk.example", step_seconds=0.05))
        assert isinstance(error, MailFailed)
        assert error.code == "timed_out"
        whole = ServerMailer(server, hello="talk.example", whole_seconds=0.05)
        assert (await fails(whole)).code == "timed_out"


async def test_what_happens_after_the_mail_was_taken_does_not_matter() -> None:
    async with stage(*TO_DATA, b"354 go on\r\n") as actor:
        # The lines of the mail are heard one by one; the answer comes after the one with the dot alone.
        lines = a_mail().as_bytes().count(b"\n")
        actor.lines = [*actor.lines, *[b""] * lines, b"250 taken\r\n"]
        await mailer(actor.port).send(a_mail())
    assert actor.heard[-1].strip() in (b".", b"QUIT")


async def test_nobody_is_there() -> None:
    async with stage(stays=True) as actor:
        _, writer = await asyncio.open_connection(HOST, actor.port)
        writer.close()
    assert (await fails(mailer(actor.port))).code == "unreachable"


async def test_without_a_way_out_nothing_is_sent() -> None:
    sender = make_mailer(SETTINGS)
    assert isinstance(sender, NoMailer)
    assert not sender.can_send
    with pytest.raises(MailRefused, match="not_configured"):
        await sender.send(a_mail())


@pytest.mark.parametrize(
    "bad", ["", "ada", "ada@", "@x.example", "a\r\nBcc: b@x.example", "a@b@c", "a@x, b@y", "<a@x>"]
)
async def test_what_is_no_address_is_said(bad: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        a_mail(bad)


async def test_a_subject_stays_one_line() -> None:
    mail = a_mail(subject="Hello\r\nBcc: everybody@reader.example\r\n\r\nBuy this")
    assert mail["Subject"] == "Hello Bcc: everybody@reader.example Buy this"
    assert mail["Bcc"] is None


async def test_the_sender_may_be_named() -> None:
    words = Words("s", "t", "h", "en")
    for given, shown in {
        "Talk <talk@mail.example>": "Talk <talk@mail.example>",
        "talk@mail.example": "talk@mail.example",
    }.items():
        settings = settings_for("sqlite:///unused.db", mail_from=given)
        assert enclose(settings, words, mail_id="mail.1", address=ADA, moment=NOON)["From"] == shown


async def test_a_folder_gets_a_file_for_each_mail(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "mail"
    sender = make_mailer(settings_for("sqlite:///unused.db", mail_url=f"file:{folder}"))
    assert isinstance(sender, FolderMailer)
    assert sender.can_send
    await sender.send(a_mail())
    await sender.send(a_mail())  # the same one again
    (file,) = folder.iterdir()
    assert file.name == "mail.17.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert b"Message-ID: <mail.17@talk.example>\r\n" in file.read_bytes()


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sender = make_mailer(settings_for("sqlite:///unused.db", mail_url=f"file:{tmp_path}/file"))
    with pytest.raises(MailFailed, match="folder_unusable"):
        await sender.send(a_mail())
