"""Links and codes in mail: derived, unguessable without the key, and forgiving about how a code is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forum.accounts.links import (
    ALPHABET,
    CODE_LENGTH,
    is_code,
    mail_code,
    mail_link,
    mail_token,
    shown_code,
    typed_code,
    verify_link,
)
from tests.support.app import settings_for

OURS = settings_for("sqlite:///unused.db")
THEIRS = replace(OURS, secret_key="x" * 40)
HANDLE = "0123456789abcdef" * 2


def test_a_link_leads_back_to_its_handle() -> None:
    link = mail_link(OURS, HANDLE)
    assert link == f"https://talk.example/auth/link/{mail_token(OURS, HANDLE)}"
    assert verify_link(OURS, link.rpartition("/")[2]) == HANDLE


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        HANDLE,
        f"{HANDLE}.",
        f"{HANDLE}.{'0' * 32}",
        mail_token(THEIRS, HANDLE),
        mail_token(OURS, HANDLE)[:-1],
        mail_token(OURS, HANDLE) + "0",
        mail_token(OURS, HANDLE).upper(),
        mail_token(OURS, HANDLE).replace("0", "1", 1),
        mail_token(OURS, "handoff:1"),  # genuine, and no handle of a mail
        f"{HANDLE}.\udcff",
        f"{HANDLE}.é",
    ],
)
def test_what_this_server_did_not_make_leads_nowhere(token: str) -> None:
    assert verify_link(OURS, token) is None


def test_a_code_is_eight_characters_that_are_not_mistaken_for_each_other() -> None:
    codes = {mail_code(OURS, f"{number:032x}") for number in range(1_000)}
    assert len(codes) == 1_000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set("ILOU01") & set(ALPHABET)
    assert len(ALPHABET) == 30


def test_code_and_link_say_nothing_about_each_other_or_the_handle() -> None:
    assert mail_code(OURS, HANDLE) != mail_code(THEIRS, HANDLE)
    assert mail_token(OURS, HANDLE).partition(".")[2] != mail_token(THEIRS, HANDLE).partition(".")[2]


def test_a_code_may_be_typed_in_many_ways() -> None:
    code = mail_code(OURS, HANDLE)
    shown = shown_code(code)
    assert (shown[4], len(shown)) == ("-", 9)
    for typed in (code, shown, shown.lower(), f"  {shown} \n", f"{code[:2]} {code[2:]}", f"{code[:4]}\u2013{code[4:]}"):
        assert is_code(OURS, HANDLE, typed), typed
        assert typed_code(typed) == code
    for wrong in ("", code[:-1], code + "A", code[::-1], "\udcff" * 8, "é" * 8, code + "\0"):
        assert not is_code(OURS, HANDLE, wrong), wrong
    assert not is_code(THEIRS, HANDLE, code)
