"""What the worker does about accounts: send the mail that waits, and forget what nobody sends any more."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage

from forum.accounts import queries as accounts
from forum.accounts import queries_flow as flows
from forum.accounts.mail import queries_mail as queries
from forum.accounts.mail.mail_words import PROOFS, news_mail, proof_mail
from forum.accounts.mail.post import MAIL
from forum.accounts.mail.queries_mail import Mail
from forum.accounts.model import Account, Flow, FlowKind, State
from forum.db import Tx
from forum.outbox.model import Job, JobRefused
from forum.outbox.worker import Handler
from forum.runtime import Runtime
from forum.web.mailer import MailRefused

# Longer than a job is tried.
KEPT_FOR = timedelta(days=2)


def handlers(rt: Runtime) -> dict[str, Handler]:
    """The jobs of this feature."""

    async def mail(job: Job) -> None:
        await send_mail(rt, int(str(job.payload["mail"])))

    return {MAIL: mail}


async def send_mail(rt: Runtime, mail_id: int) -> None:
    """Send a mail that waits, unless it was sent already or what it is about is over; then forget it.

    A crash between sending and forgetting sends it once more, with the same Message-ID. Raises MailFailed when another
    attempt may succeed and JobRefused when none will.
    """
    async with rt.db.read(fresh=True) as tx:
        mail = await queries.find_mail(tx, mail_id)
        about = None if mail is None else await _subject(tx, rt, mail)
    refused: MailRefused | None = None
    if mail is not None and about is not None:
        try:
            await rt.mailer.send(_message(rt, mail, about))
        except MailRefused as error:
            refused = error
    await _forget(rt, mail_id)
    if refused is not None:
        raise JobRefused(f"mail: {refused}")


async def _subject(tx: Tx, rt: Runtime, mail: Mail) -> Flow | Account | None:
    """What a mail is about, or None when that is over: used, expired, gone."""
    if mail.kind in PROOFS:
        return await flows.find_flow(tx, _said(mail, "flow"), kind=FlowKind.MAIL, now=rt.clock.now())
    account = await accounts.find_account(tx, mail.account_id or 0)
    return None if account is None or account.state is State.ERASING else account


def _message(rt: Runtime, mail: Mail, about: Flow | Account) -> EmailMessage:
    try:
        if isinstance(about, Flow):
            return proof_mail(rt, mail, about)
        return news_mail(rt, mail, about, _said(mail, "new"))
    except ValueError:
        raise MailRefused("bad_address") from None


def _said(mail: Mail, name: str) -> str:
    return str(json.loads(mail.data)[name])


async def _forget(rt: Runtime, mail_id: int) -> None:
    async def work(tx: Tx) -> None:
        await queries.delete_mail(tx, mail_id)

    await rt.db.write(work)


async def sweep_mail(rt: Runtime) -> int:
    """Drop mail that is not tried any more, whatever became of its job; returns how much."""
    before = rt.clock.now() - KEPT_FOR

    async def work(tx: Tx) -> int:
        return await queries.forget_mail(tx, before=before)

    return await rt.db.write(work)
