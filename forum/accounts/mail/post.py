"""Mail is not sent while somebody waits: it is put down beside what it follows from, and the worker takes it on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forum.accounts.mail import queries_mail as queries
from forum.accounts.mail.queries_mail import Mail
from forum.db import Tx
from forum.outbox.queries import insert_job
from forum.runtime import Runtime

# The outbox job.
MAIL = "mail"


class LetterKind(StrEnum):
    """What a mail is about; each has its templates in `templates/mail`."""

    SIGN_IN = "sign_in"  # data: flow
    CHANGE_EMAIL = "change_email"  # to the new address; data: flow
    EMAIL_CHANGE_ASKED = "email_change_asked"  # to the old one; data: new (the new address)
    EMAIL_CHANGED = "email_changed"  # to both; data: new


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to tell somebody by mail. `locale` is a language of the interface or "" (English).

    `data` says what this kind needs: `flow`, the handle of what a link and a code finish (the mail is not sent once
    that is over), or `new`, an address.
    """

    kind: LetterKind
    address: str
    account_id: int | None = None
    locale: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


async def send_later(tx: Tx, rt: Runtime, letter: Letter) -> None:
    """Have a letter sent soon, if the transaction around this is committed."""
    mail_id, now = rt.ids.next(), rt.clock.now()
    waiting = Mail(
        id=mail_id,
        kind=LetterKind(letter.kind).value,
        address=letter.address,
        account_id=letter.account_id,
        locale=letter.locale,
        data=json.dumps(dict(letter.data)),
        created_at=now,
    )
    await queries.insert_mail(tx, waiting)
    await insert_job(tx, site_id=0, job_id=mail_id, kind=MAIL, payload={"mail": str(mail_id)}, now=now)
