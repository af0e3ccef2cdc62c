"""What is said to a check from outside, and how its answer is read: an Akismet-compatible service, or a signed hook.

Pure: the sending is done after the commit, by `forum.moderation.rules.service_check`. Nobody outside is told what
stands behind a cover (it is sent as "[…]"), nor anybody's address, network or browser.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import orjson

from forum.core.text import TextProblem, clean_line
from forum.markup import slots

# The job that asks, with the comment's id as {"comment": "…"}.
EXTERNAL_CHECK: Final = "external_check"
COVERED: Final = "[…]"
# Seconds for an answer, and how often one is asked.
PATIENCE: Final = 10.0
MOST_TRIES: Final = 3
MOST_ANSWER: Final = 16_384
MOST_WORDS: Final = 200
SIGNATURE: Final = "Aftershow-Signature"
_OK: Final = 200


class Answer(StrEnum):
    """What a check may say about a comment."""

    PUBLISH = "publish"
    HOLD = "hold"
    SPAM = "spam"


class BadAnswer(Exception):
    """The check answered something that means nothing. `code` is short and safe to show: never their words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a comment as everybody would see it who has seen nothing. `language` is the site's."""

    site_key: str
    site_url: str
    comment_id: int
    revision: int
    author_name: str
    text: str
    links: tuple[str, ...]
    is_reply: bool
    url: str
    article_url: str
    created_at: datetime
    language: str


@dataclass(frozen=True, slots=True)
class Said:
    """The answer, and why in the check's own words ("" for none; one line of plain text)."""

    answer: Answer
    words: str = ""


def visible_text(text: str) -> str:
    """A skeleton's text as it is sent."""
    found = slots.split(text)
    return "".join(part if isinstance(part, str) else COVERED if part.kind == "slot" else "" for part in found)


def akismet_url(base: str) -> str:
    """Where an Akismet-compatible service is asked: its address, with the call's path unless it is there."""
    path = urlsplit(base).path.rstrip("/")
    return base if path.endswith("/comment-check") else f"{base.rstrip('/')}/1.1/comment-check"


def akismet_form(question: Question, key: str) -> dict[str, str]:
    """The form of a comment-check call. The address of who wrote it is a required field, and is not known here."""
    return {
        "api_key": key,
        "blog": question.site_url,
        "user_ip": "0.0.0.0",  # noqa: S104 (nobody listens there: it stands for an address that is not told)
        "permalink": question.article_url,
        "comment_type": "reply" if question.is_reply else "comment",
        "comment_author": question.author_name,
        "comment_content": "\n".join((question.text, *question.links)),
        "comment_date_gmt": question.created_at.isoformat(),
        "blog_lang": question.language,
        "blog_charset": "UTF-8",
    }


def read_akismet(status: int, body: bytes) -> Said:
    """ "true" is spam, "false" is not; everything else raises BadAnswer."""
    if status != _OK:
        raise BadAnswer(f"status_{status}")
    match body.strip().lower():
        case b"true":
            return Said(Answer.SPAM)
        case b"false":
            return Said(Answer.PUBLISH)
    raise BadAnswer("invalid_key" if body.strip().lower() == b"invalid" else "not_understood")


def hook_body(question: Question) -> bytes:
    """The JSON that is sent to a hook; the bytes are what is signed."""
    return orjson.dumps(
        {
            "type": "comment.check",
            "site": question.site_key,
            "comment": {
                "id": str(question.comment_id),
                "revision": question.revision,
                "author_name": question.author_name,
                "text": question.text,
                "links": question.links,
                "is_reply": question.is_reply,
                "url": question.url,
                "created_at": question.created_at,
            },
            "article_url": question.article_url,
            "language": question.language,
        },
        option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS,
    )


def signature(body: bytes, key: str, now: datetime) -> str:
    """The value of the signature's header: the moment in seconds, and HMAC-SHA256 over "moment.body"."""
    moment = int(now.timestamp())
    made = hmac.new(key.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={made}"


def read_hook(status: int, body: bytes) -> Said:
    """{"verdict": "publish" | "hold" | "spam", "reason": "…"}; everything else raises BadAnswer."""
    if status != _OK:
        raise BadAnswer(f"status_{status}")
    try:
        found = orjson.loads(body)
        answer = Answer(found["verdict"])
        words = found.get("reason", "")
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer("not_understood") from error
    return Said(answer, _one_line(words))


def _one_line(words: object) -> str:
    """Their words as one short line of text, or nothing."""
    if not isinstance(words, str):
        return ""
    try:
        return clean_line(words[: 4 * MOST_WORDS], 4 * MOST_WORDS)[:MOST_WORDS]
    except TextProblem:
        return ""
