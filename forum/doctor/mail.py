"""Mail: which way it leaves, and one mail sent right away to see whether it does."""

from __future__ import annotations

import asyncio
from typing import Final

from forum.core.clock import Clock
from forum.core.ids import IdMaker
from forum.doctor.model import Finding, Report, Verdict, good, note, wrong
from forum.settings import Settings
from forum.settings.mail import MailFolder, MailServer, Security, mail_route
from forum.web.envelope import enclose, sender_of
from forum.web.languages import choose
from forum.web.mailer import Mailer, MailError, make_mailer
from forum.web.mails import draw_test
from forum.web.rendering import Renderer

ROUTE, SENDING = "Mail", "Test mail"
SET_IT: Final = "Name a mail server in AFTERSHOW_MAIL_URL: until then people cannot sign in by mail."
LONGEST_ANSWER: Final = 200
# What happened, and what to do about it.
OUTCOMES: Final = {
    "not_configured": ("no way to send mail is set", SET_IT),
    "unresolved": ("the mail server's name is not known", "Is the host in AFTERSHOW_MAIL_URL spelt right?"),
    "unreachable": (
        "the mail server cannot be reached",
        "Are host and port right? Many networks block port 25: use 587 or 465, and look at the firewall.",
    ),
    "bad_certificate": (
        "connected, but the server's certificate cannot be trusted",
        "Use the name in its certificate as the host, and see that this machine knows who signed it (SSL_CERT_FILE).",
    ),
    "no_tls": (
        "connected, but TLS could not be begun",
        "smtps:// is for servers that begin with TLS (465), smtp:// for those with STARTTLS (587).",
    ),
    "no_starttls": (
        "connected, but the server offers no STARTTLS, and nothing is sent in plain text",
        "Use smtps:// if it has TLS from the beginning (465). Something on the way may also have taken STARTTLS out.",
    ),
    "timed_out": (
        "the server took too long to answer",
        "Is it a mail server, and does smtp:// (587) or smtps:// (465) fit the port?",
    ),
    "closed": ("the server closed the connection", "Its own log says why; it may not want mail from this machine."),
    "broken_answer": ("what answers there does not speak SMTP", "Are host and port those of a mail server?"),
    "turned_away": ("the server turned this machine away", "Does it take mail from this address, and this often?"),
    "no_sign_in": (
        "the server offers no way to sign in that is known here",
        "Leave user and password out if it wants none.",
    ),
    "sign_in_refused": (
        "the server refused user and password",
        "Check both in AFTERSHOW_MAIL_URL (write @ as %40, : as %3A, / as %2F). Some providers want an app password.",
    ),
    "sender_refused": (
        "signed in, but the server takes no mail from this sender",
        "Set AFTERSHOW_MAIL_FROM to an address that belongs to you there.",
    ),
    "recipient_refused": (
        "the server refused the recipient",
        "Does the address exist? A server that wants a password for mail to others refuses like this without one.",
    ),
    "content_refused": ("the server refused the mail itself", "Its answer should say why: often a rule against spam."),
    "bad_address": ("the server takes no address with such letters", "Try one in ASCII."),
    "folder_unusable": ("the folder cannot be written", "Give it to the user that runs Aftershow."),
}


def look_at_mail(settings: Settings, *, trying: bool = False) -> Finding:
    """Which way mail would leave; nothing is tried here."""
    route = mail_route(settings.mail_url)
    if route is None:
        return note(ROUTE, "not set: nobody can sign in by mail", SET_IT)
    if isinstance(route, MailFolder):
        return note(ROUTE, f"written into {route.path.resolve()}, not sent", "For development only.")
    hint = "" if trying else "aftershow doctor --mail ADDRESS tries it."
    return Finding(ROUTE, Verdict.GOOD, f"{_described(route)}, from {sender_of(settings)}", hint)


def try_mail(settings: Settings, clock: Clock, address: str, *, mailer: Mailer | None = None) -> Report:
    """Send one mail now and say what happened. Raises ValueError when this is no address."""
    words = draw_test(settings, Renderer(settings.public_url), choose("en"))
    mail_id = f"test.{IdMaker(clock).next()}"
    message = enclose(settings, words, mail_id=mail_id, address=address, moment=clock.now())
    findings = [look_at_mail(settings, trying=True)]
    try:
        asyncio.run((mailer or make_mailer(settings)).send(message))
    except MailError as error:
        findings.append(_failure(error))
    else:
        findings.append(good(SENDING, _success(settings, address)))
    return Report(tuple(findings), usable=True)


def _described(server: MailServer) -> str:
    how = {Security.PLAIN: "in plain text on this machine"}.get(server.security, f"by {server.security.value}")
    return f"{server.host}, port {server.port}, {how}, {'with' if server.user else 'without'} a password"


def _success(settings: Settings, address: str) -> str:
    if isinstance(mail_route(settings.mail_url), MailFolder):
        return "written into the folder"
    return f"the server took the mail for {address}; look whether it arrives, in the spam folder too"


def _failure(error: MailError) -> Finding:
    what, advice = OUTCOMES[error.code]
    answer = " ".join("".join(c if c.isprintable() else " " for c in error.answer).split())[:LONGEST_ANSWER]
    said = " ".join(part for part in (str(error.reply or ""), answer) if part)
    return wrong(SENDING, f"{what} ({said})" if said else what, advice)
