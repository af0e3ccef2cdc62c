"""What a waiting mail says: made when it is sent, from what is true then."""

from __future__ import annotations

from email.message import EmailMessage

from forum.accounts import links
from forum.accounts.mail.post import LetterKind
from forum.accounts.mail.queries_mail import Mail
from forum.accounts.model import Account, Flow
from forum.runtime import Runtime
from forum.web import languages
from forum.web.envelope import enclose
from forum.web.mails import MailPage, draw

SESSIONS_PATH = "/settings/sessions"
# Mail with a link and a code.
PROOFS = (LetterKind.SIGN_IN, LetterKind.CHANGE_EMAIL)


def proof_mail(rt: Runtime, mail: Mail, flow: Flow) -> EmailMessage:
    """A mail with the link and the code that finish `flow`.

    It names nobody: who typed the address in has shown nothing, and a name could be an advertisement. Raises ValueError
    for what is no address.
    """
    page = MailPage(
        host=rt.settings.public_host,
        link=links.mail_link(rt.settings, flow.handle),
        code=links.shown_code(links.mail_code(rt.settings, flow.handle)),
        minutes=round((flow.expires_at - flow.created_at).total_seconds() / 60),
    )
    return _enclose(rt, mail, page)


def news_mail(rt: Runtime, mail: Mail, account: Account, address: str) -> EmailMessage:
    """A mail about an account's `address`, to somebody whose account it is. Raises ValueError for what is none."""
    page = MailPage(
        host=rt.settings.public_host,
        name=account.name,
        address=address,
        moment=mail.created_at,
        sessions=f"{rt.settings.public_origin}{SESSIONS_PATH}",
    )
    return _enclose(rt, mail, page)


def _enclose(rt: Runtime, mail: Mail, page: MailPage) -> EmailMessage:
    words = draw(rt.renderer, LetterKind(mail.kind).value, page, languages.choose(mail.locale))
    return enclose(rt.settings, words, mail_id=f"mail.{mail.id}", address=mail.address, moment=mail.created_at)
