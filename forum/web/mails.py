"""The words of mails: a text and a page of the same kind, drawn from `templates/mail`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from forum.settings import Settings
from forum.web.envelope import Words
from forum.web.languages import Language
from forum.web.rendering import Renderer


@dataclass(frozen=True, slots=True)
class MailPage:
    """What the templates of mails say; what a kind does not need stays empty.

    `host` is whose mail it is. `link` and `code` (as people read it) finish what was asked for, within `minutes`.
    `name` is the account's, `address` its new address, `moment` when it happened, `sessions` where to end sessions.
    """

    host: str
    subject: str = ""
    link: str = ""
    code: str = ""
    minutes: int = 0
    name: str = ""
    address: str = ""
    moment: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    sessions: str = ""


def draw(renderer: Renderer, kind: str, page: MailPage, language: Language) -> Words:
    """The words of a kind of mail in a language. The first line of its text is the subject."""
    subject, _, text = renderer.text(f"mail/{kind}.txt", page, language).strip().partition("\n")
    html = renderer.text(f"mail/{kind}.html", replace(page, subject=subject), language)
    return Words(subject, text.strip() + "\n", html, language.code)


def draw_test(settings: Settings, renderer: Renderer, language: Language) -> Words:
    """The words of the mail that operators try their settings with."""
    return draw(renderer, "test", MailPage(settings.public_host), language)
