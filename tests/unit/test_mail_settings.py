"""How mail leaves, as operators say it: what is understood, what is refused, and that no password is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from forum.doctor.mail import OUTCOMES
from forum.settings import SettingsError, load_settings
from forum.settings.mail import MailFolder, MailRoute, MailServer, Security, mail_address, mail_route
from forum.web import mailer
from forum.web.envelope import mail_domain, sender_of
from tests.support.app import settings_for

KEY = {"AFTERSHOW_SECRET_KEY": "k" * 32}


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("none", None),
        ("smtp://mail.example", MailServer("mail.example", 587, Security.STARTTLS)),
        ("smtp://mail.example:2525", MailServer("mail.example", 2525, Security.STARTTLS)),
        ("smtp://me:p%40ss%3A%2F@mail.example", MailServer("mail.example", 587, Security.STARTTLS, "me", "p@ss:/")),
        (
            "smtp://me%40x.example:pw@mail.example",
            MailServer("mail.example", 587, Security.STARTTLS, "me@x.example", "pw"),
        ),
        ("smtps://me:pw@mail.example", MailServer("mail.example", 465, Security.TLS, "me", "pw")),
        ("smtp://localhost", MailServer("localhost", 25, Security.PLAIN)),
        ("smtp://[::1]:2525", MailServer("::1", 2525, Security.PLAIN)),
        ("smtp://me:pw@127.0.0.1", MailServer("127.0.0.1", 25, Security.STARTTLS, "me", "pw")),
        ("smtp://10.0.0.1:25", MailServer("10.0.0.1", 25, Security.STARTTLS)),
        ("file:mail", MailFolder(Path("mail"))),
        ("file:/srv/mail", MailFolder(Path("/srv/mail"))),
        ("file:///srv/mail", MailFolder(Path("/srv/mail"))),
    ],
)
def test_a_way_is_understood(text: str, route: MailRoute) -> None:
    assert mail_route(text) == route
    assert load_settings({**KEY, "AFTERSHOW_MAIL_URL": text}).mail_url == text


@pytest.mark.parametrize(
    "text",
    [
        *("NONE", "mail.example", "http://mail.example", "smtp:mail.example", "smtp://", "smtp://me@mail.example"),
        *("smtp://:pw@mail.example", "smtp://mail.example/x", "smtp://mail.example?tls=no", "smtp://mail.example:0"),
        *("smtp://mail.example:99999", "smtp://mail example", "smtp://me:%0d%0aQUIT@mail.example", "smtp://a\nb"),
        *("file:", "file:/", "file://host/mail", "file:a\0b", "smtp://-x"),
    ],
)
def test_what_is_no_way_stops_the_start_and_is_not_shown(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({**KEY, "AFTERSHOW_MAIL_URL": text})
    (problem,) = caught.value.problems
    assert problem.startswith("AFTERSHOW_MAIL_URL is a value that is not shown here; allowed: smtp://")


def test_no_password_is_shown() -> None:
    settings = load_settings({**KEY, "AFTERSHOW_MAIL_URL": "smtps://me:hunter2@mail.example"})
    assert "hunter2" not in repr(settings) + repr(mail_route(settings.mail_url))


@pytest.mark.parametrize(
    "text", ["", "Ada", "a@b, c@d", "a@b\nBcc: c@d", "<a@b> <c@d>", "Ada <a@b", "Ada a@b", "a@b@c"]
)
def test_who_mail_is_from_is_one_address(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        mail_address(text)
    if text:
        with pytest.raises(SettingsError, match="AFTERSHOW_MAIL_FROM"):
            load_settings({**KEY, "AFTERSHOW_MAIL_FROM": text})


@pytest.mark.parametrize(
    ("public_url", "domain", "sender"),
    [
        ("https://talk.example", "talk.example", '"talk.example" <no-reply@talk.example>'),
        ("https://talk.example:8443", "talk.example", '"talk.example:8443" <no-reply@talk.example>'),
        ("https://bücher.example", "xn--bcher-kva.example", '"bücher.example" <no-reply@xn--bcher-kva.example>'),
        ("http://localhost:8000", "localhost", '"localhost:8000" <no-reply@localhost>'),
        ("http://127.0.0.1:8000", "localhost", '"127.0.0.1:8000" <no-reply@localhost>'),
        ("http://[::1]:8000", "localhost", '"[::1]:8000" <no-reply@localhost>'),
    ],
)
def test_mail_is_from_the_public_address_unless_said_otherwise(public_url: str, domain: str, sender: str) -> None:
    settings = settings_for("sqlite:///unused.db", public_url=public_url)
    assert mail_domain(settings) == domain
    assert str(sender_of(settings)) == sender


def test_doctor_has_advice_for_everything_that_can_happen() -> None:
    said = f"{mailer.MailRefused.__doc__} {mailer.MailFailed.__doc__}"
    assert all(f"{code}" in said for code in OUTCOMES)
    codes = {word.strip(".,\n") for part in said.split("Codes:")[1:] for word in part.split("\n\n")[0].split()}
    assert {code for code in codes if "_" in code} <= set(OUTCOMES)
