"""How the author of a comment and the writer of a form are drawn."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

import pytest
from markupsafe import Markup

from forum.accounts.views import AccountView
from forum.comments.views import AuthorView, CommentView, ComposerView
from forum.web.languages import choose
from forum.web.rendering import Renderer

TALK: Final = "https://talk.example"
ADA: Final = AccountView("7", "Ada & Co", "/u/Ada%20%26%20Co", 4)


def draw(file: str, name: str, *given: Any, **options: Any) -> str:
    return str(Renderer(TALK).macro(file, name, choose(None, "en"))(*given, **options))


def a_comment(author: AuthorView) -> CommentView:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return CommentView("9", None, 0, author, "", "", "published", moment, None, 1, 0, f"{TALK}/c/9")


def article(author: AuthorView, *, frame: bool = False) -> str:
    return draw("comment", "article", a_comment(author), Markup("<p>Hello.</p>"), None, frame, "")


def composer(**changes: Any) -> str:
    form = ComposerView("/embed/newsroom/comments", "newsroom", discussion_id="5", **changes)
    return draw("composer", "composer", form, "en", False, "https://news.example/a")


def back(drawn: str) -> str:
    """Where signing in leads back to."""
    (href,) = re.findall(r'data-sign-in href="/auth\?next=([^"&]+)"', drawn)
    return unquote(href)


def test_a_guest_is_a_name() -> None:
    drawn = article(AuthorView("Noor", "guest"))
    assert '<h3 class="name" id="by9"><bdi>Noor</bdi></h3>' in drawn
    assert "avatar" not in drawn


@pytest.mark.parametrize("frame", [False, True])
def test_an_account_has_a_page_that_does_not_replace_the_frame(frame: bool) -> None:
    drawn = article(AuthorView("<Ada>", "account", f"{TALK}/u/Ada", 4), frame=frame)
    away = ' target="_blank" rel="noopener"' if frame else ""
    assert f'<a class="person" href="{TALK}/u/Ada"{away}><span class="avatar av4" aria-hidden="true">' in drawn
    assert "<bdi>&lt;Ada&gt;</bdi>" in drawn


def test_whose_account_is_gone_has_no_name() -> None:
    assert '<h3 class="name" id="by9"><bdi>Deleted account</bdi></h3>' in article(AuthorView("", "gone"))


def test_guests_give_a_name_or_sign_in() -> None:
    drawn = composer()
    assert 'name="author_name"' in drawn
    assert back(drawn) == "/d/5/own?lang=en"


def test_who_is_signed_in_is_named_and_not_asked() -> None:
    drawn = composer(signed_in_as=ADA)
    assert "<bdi>Ada &amp; Co</bdi>" in drawn
    assert 'name="author_name"' not in drawn
    assert "data-sign-in" not in drawn


def test_where_guests_may_not_write_the_form_waits() -> None:
    before, _, waiting = composer(guests=False).partition("<template")
    assert "Sign in to comment" in before
    assert "<form" not in before
    assert "<form" in waiting
    assert "<template" not in composer(guests=False, signed_in_as=ADA)


def test_a_reply_comes_back_to_its_own_page() -> None:
    assert back(composer(parent_id="6")) == "/c/6/reply?lang=en"
    unknown = draw("composer", "composer", ComposerView("/", "newsroom", url="https://n.example/?a=b"), "en", True, "")
    assert back(unknown) == "/embed/newsroom?url=https%3A%2F%2Fn.example%2F%3Fa%3Db&lang=en"
