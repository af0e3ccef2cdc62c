"""Mail about accounts: what it says, that it is sent once, not after its time, and that nothing of it stays."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from forum.accounts import links
from forum.accounts.flows import begin_flow
from forum.accounts.mail import jobs
from forum.accounts.mail.jobs import KEPT_FOR, send_mail, sweep_mail
from forum.accounts.mail.post import Letter, LetterKind, send_later
from forum.accounts.model import Flow, FlowKind, State
from forum.accounts.queries import update_account
from forum.accounts.queries_flow import drop_flow, put_flow
from forum.accounts.tables import mail as waiting
from forum.db import Tx
from forum.errors import Unavailable
from forum.outbox.tables import outbox
from forum.web.languages import available
from tests.support.app import START, House, open_house
from tests.support.logs import logged
from tests.support.people import an_account
from tests.support.smtp import Office, mail_office

pytestmark = pytest.mark.anyio
ADA, NEW = "ada@reader.example", "new@reader.example"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with mail_office() as opened:
        yield opened


@pytest.fixture
async def posted(engine_url: str, office: Office) -> AsyncIterator[House]:
    """A house that posts its mail in `office`."""
    async with open_house(engine_url, mail_url=office.url) as opened:
        yield opened


async def post(house: House, letter: Letter) -> None:
    await house.rt.db.write(lambda tx: send_later(tx, house.rt, letter))


async def asked(house: House, kind: LetterKind = LetterKind.SIGN_IN, *, address: str = ADA, locale: str = "") -> Flow:
    """Begin something that a mail finishes, and have the mail sent."""
    flow = begin_flow(house.rt, FlowKind.MAIL, timedelta(minutes=10), purpose="sign_in")._replace(email=address)

    async def work(tx: Tx) -> None:
        await put_flow(tx, flow)
        await send_later(tx, house.rt, Letter(kind, address, locale=locale, data={"flow": flow.handle}))

    await house.rt.db.write(work)
    return flow


async def told(house: House, kind: LetterKind, address: str = ADA, name: str = "Ada & <Co>") -> None:
    """Have somebody with an account told about a new address."""
    account = await an_account(house, name, email=ADA)
    await post(house, Letter(kind, address, account.id, data={"new": NEW}))


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def addresses_in(html: str) -> set[str]:
    """Everything a mail program could fetch or follow."""
    parsed = LexborHTMLParser(html)
    names = ("href", "src", "srcset", "action", "background", "poster", "data")
    found = {node.attributes[name] or "" for name in names for node in parsed.css(f"[{name}]")}
    return found | set(re.findall(r"url\(|@import|https?://[^\s\"<]+", html))


async def jobs_of(house: House) -> list[Any]:
    return await house.rows(select(outbox.c.kind, outbox.c.dead_at, outbox.c.last_error, outbox.c.run_at))


async def left(house: House) -> int:
    return len(await house.rows(select(waiting)))


async def test_a_sign_in_mail_says_whose_it_is_and_has_link_and_code(posted: House, office: Office) -> None:
    flow = await asked(posted)
    assert await left(posted) == 1
    assert await posted.run_jobs() == 1
    (mail,) = office.mails
    link = links.mail_link(posted.rt.settings, flow.handle)
    code = links.shown_code(links.mail_code(posted.rt.settings, flow.handle))
    assert office.envelopes == [("no-reply@talk.example", [ADA])]
    assert mail["Subject"] == "Sign in to talk.example"
    assert mail["To"] == ADA
    assert mail["Date"].datetime == START
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    assert body(mail, "plain") == (
        "Somebody asked to sign in to talk.example with this e-mail address. If that was you, open this page and "
        f"confirm:\n\n{link}\n\nOr type this code on the page where you asked for it:\n\n{code}\n\n"
        "Link and code work once, and for 10 minutes after you asked.\n\n"
        "If it was not you, ignore this mail: nothing happens, and nobody gets in without the link or the code. Never "
        "pass them on.\n\n"
        "-- \nSent automatically by talk.example, a server for comments and discussions. Please do not reply.\n"
    )
    html = body(mail, "html")
    assert addresses_in(html) == {link}
    assert code in html
    assert "<script" not in html
    assert "<img" not in html
    # Nothing is left, and the link is what it says.
    assert (await left(posted), await jobs_of(posted)) == (0, [])
    assert links.verify_link(posted.rt.settings, link.rpartition("/")[2]) == flow.handle


async def test_a_mail_to_a_new_address_names_nobody(posted: House, office: Office) -> None:
    account = await an_account(posted, "Buy at spam.example", email=ADA)
    flow = begin_flow(posted.rt, FlowKind.MAIL, timedelta(minutes=10), purpose="connect")

    async def work(tx: Tx) -> None:
        await put_flow(tx, flow._replace(account_id=account.id))
        letter = Letter(LetterKind.CHANGE_EMAIL, NEW, account.id, data={"flow": flow.handle})
        await send_later(tx, posted.rt, letter)

    await posted.rt.db.write(work)
    await posted.run_jobs()
    (mail,) = office.mails
    assert mail["To"] == NEW
    assert mail["Subject"] == "Confirm your e-mail address for talk.example"
    text = body(mail, "plain")
    assert "Somebody who has an account on talk.example wants to use this e-mail address for it." in text
    assert links.mail_link(posted.rt.settings, flow.handle) in text
    assert "the address is not used" in text
    assert "spam.example" not in mail.as_string() + text + body(mail, "html")


async def test_the_old_address_hears_of_a_change_that_was_asked_for(posted: House, office: Office) -> None:
    await told(posted, LetterKind.EMAIL_CHANGE_ASKED)
    posted.clock.advance(timedelta(minutes=20))
    await posted.run_jobs()
    (mail,) = office.mails
    text, html = body(mail, "plain"), body(mail, "html")
    assert mail["Subject"] == "Another e-mail address was asked for on talk.example"
    assert (
        "On Mar 1, 2026, 12:00\u202fPM UTC somebody who is signed in as Ada & <Co> on talk.example asked to use "
        f"{NEW} for this account instead of your address. It changes only when the new address is confirmed." in text
    )
    assert "If it was not you, somebody else is using your account." in text
    assert "https://talk.example/settings/sessions" in text
    assert addresses_in(html) == {"https://talk.example/settings/sessions"}
    assert "Ada &amp; &lt;Co&gt;" in html


async def test_both_addresses_hear_of_a_change_that_was_made(posted: House, office: Office) -> None:
    account = await an_account(posted, "Ada", email=ADA)
    for address in (ADA, NEW):
        await post(posted, Letter(LetterKind.EMAIL_CHANGED, address, account.id, data={"new": NEW}))
    assert await posted.run_jobs() == 2
    assert {str(mail["To"]) for mail in office.mails} == {ADA, NEW}
    for mail in office.mails:
        assert mail["Subject"] == "Your e-mail address on talk.example was changed"
        assert f"the e-mail address of the account Ada on talk.example was changed to {NEW}." in body(mail, "plain")
        assert "write to the people who run talk.example" in body(mail, "plain")


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl"), ("xx", "ltr")])
async def test_mail_is_written_in_its_readers_language(
    posted: House, office: Office, locale: str, direction: str
) -> None:
    flow = await asked(posted, locale=locale)
    await posted.run_jobs()
    (mail,) = office.mails
    language = available().get(locale, available()["en"])
    assert mail["Content-Language"] == language.code
    assert mail["Subject"] == language.text("Sign in to %(host)s", {"host": "talk.example"})
    assert f'<html lang="{language.code}" dir="{direction}">' in body(mail, "html")
    assert language.text("Or type this code on the page where you asked for it:") in body(mail, "plain")
    assert links.mail_link(posted.rt.settings, flow.handle) in body(mail, "plain")


async def test_nothing_is_sent_once_it_is_over(posted: House, office: Office) -> None:
    used = await asked(posted)
    await posted.rt.db.write(lambda tx: drop_flow(tx, used.handle))
    assert await posted.run_jobs() == 1
    await asked(posted)
    posted.clock.advance(timedelta(minutes=10))
    assert await posted.run_jobs() == 1
    account = await an_account(posted, "Ada", email=ADA)
    await post(posted, Letter(LetterKind.EMAIL_CHANGED, ADA, account.id, data={"new": NEW}))
    await posted.rt.db.write(lambda tx: update_account(tx, account._replace(state=State.ERASING)))
    await post(posted, Letter(LetterKind.EMAIL_CHANGED, ADA, 17, data={"new": NEW}))
    assert await posted.run_jobs() == 2
    assert office.mails == []
    assert (await left(posted), await jobs_of(posted)) == (0, [])


async def test_a_server_that_is_full_is_asked_again_and_the_mail_comes_once(posted: House, office: Office) -> None:
    await asked(posted)
    office.answers["DATA"] = "452 full"
    await posted.run_jobs()
    (job,) = await jobs_of(posted)
    assert (job.dead_at, job.last_error) == (None, "MailFailed: content_refused (452)")
    assert await left(posted) == 1
    assert await posted.run_jobs() == 0
    office.answers.clear()
    posted.clock.advance(timedelta(seconds=30))
    assert await posted.run_jobs() == 1
    assert len(office.mails) == 1
    assert (await left(posted), await jobs_of(posted)) == (0, [])


async def test_a_recipient_that_is_refused_for_good_is_given_up_and_forgotten(posted: House, office: Office) -> None:
    await asked(posted)
    office.answers["RCPT"] = f"550 no such user: {ADA}"
    await posted.run_jobs()
    (job,) = await jobs_of(posted)
    assert job.dead_at == START
    assert job.last_error == "JobRefused: mail: recipient_refused (550)"
    assert await left(posted) == 0


async def test_what_is_no_address_is_given_up(posted: House, office: Office) -> None:
    await asked(posted, address="ada@reader.example\r\nRCPT TO:<eve@reader.example>")
    await posted.run_jobs()
    (job,) = await jobs_of(posted)
    assert job.last_error == "JobRefused: mail: bad_address"
    assert (await left(posted), office.mails, office.envelopes) == (0, [], [])


async def test_a_crash_after_sending_sends_the_same_mail_once_more(
    posted: House, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await asked(posted)
    (row,) = await posted.rows(select(waiting))

    async def crash(*_: object) -> None:
        raise Unavailable("storage_failing")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_forget", crash)
        with pytest.raises(Unavailable):
            await send_mail(posted.rt, row.id)
    posted.clock.advance(timedelta(minutes=5))
    await send_mail(posted.rt, row.id)
    await send_mail(posted.rt, row.id)  # nothing waits any more
    first, second = office.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<mail.{row.id}@talk.example>"
    assert first["Date"] == second["Date"]
    assert body(first, "plain") == body(second, "plain")
    assert links.mail_link(posted.rt.settings, flow.handle) in body(second, "plain")
    assert await left(posted) == 0


async def test_without_a_way_out_the_job_is_refused_and_the_address_forgotten(house: House) -> None:
    assert not house.rt.mailer.can_send
    await asked(house)
    await house.run_jobs()
    (job,) = await jobs_of(house)
    assert job.last_error == "JobRefused: mail: not_configured"
    assert await left(house) == 0


async def test_mail_that_nobody_tries_any_more_is_swept(posted: House) -> None:
    await asked(posted)
    posted.clock.advance(KEPT_FOR)
    assert await sweep_mail(posted.rt) == 0
    posted.clock.advance(timedelta(seconds=1))
    assert await sweep_mail(posted.rt) == 1
    assert await left(posted) == 0


async def test_nothing_is_sent_for_what_was_not_committed(posted: House, office: Office) -> None:
    async def work(tx: Tx) -> None:
        await send_later(tx, posted.rt, Letter(LetterKind.SIGN_IN, ADA, data={"flow": "f" * 32}))
        raise Unavailable("storage_busy")

    with pytest.raises(Unavailable):
        await posted.rt.db.write(work)
    assert await posted.run_jobs() == 0
    assert office.mails == []


async def test_the_log_knows_no_address_no_link_and_no_code(engine_url: str, office: Office) -> None:
    with logged(engine_url) as log:
        async with open_house(engine_url, mail_url=office.url) as house:
            flow = await asked(house)
            office.answers["RCPT"] = f"450 {ADA} is asleep"
            await house.run_jobs()
            office.answers["RCPT"] = f"550 {ADA} is no more"
            house.clock.advance(timedelta(minutes=1))
            await house.run_jobs()
            secrets = {
                "address": ADA,
                "handle": flow.handle,
                "code": links.mail_code(house.rt.settings, flow.handle),
                "shown": links.shown_code(links.mail_code(house.rt.settings, flow.handle)),
            }
            said = [job.last_error for job in await jobs_of(house)]
    written = log.getvalue() + str(said)
    assert "recipient_refused (550)" in written
    assert [name for name, secret in secrets.items() if secret in written] == []
