"""The form of rules and the API beside it, as an editor uses both."""

from __future__ import annotations

from typing import Any

import httpx
from selectolax.lexbor import LexborHTMLParser

from forum.accounts.model import Role
from forum.comments.screening.rules import NO_RULES
from forum.moderation.rules.rules_fields import fields_of
from tests.support.app import OURS, House, Person
from tests.support.people import signed_in

PAGE = "/mod/rules?site=newsroom"
API = "/api/v1/mod/rules"
KEY = "the-key-that-nobody-sees-again"
HOOK = {"check_kind": "hook", "check_url": "https://check.example/x", "check_key": KEY, "check_on_failure": "publish"}
CHECK = {"kind": "hook", "url": "https://check.example/x", "key": KEY, "on_failure": "publish"}


def parse(page: str) -> LexborHTMLParser:
    return LexborHTMLParser(page)


def text_of(page: str) -> str:
    """What a page says."""
    return " ".join((parse(page).body or parse(page).root).text().split())  # type: ignore[union-attr]


async def an_editor(house: House, name: str = "Edda", *, fresh: bool = True) -> Person:
    return await signed_in(house, name, role=Role.EDITOR, fresh=fresh)


def form(seen: int = 0, /, **changes: Any) -> dict[str, str]:
    """The form of a new site, with these changes."""
    return {**fields_of(NO_RULES), "check_key": "", "site": "newsroom", "seen": str(seen), "save": "1", **changes}


async def save(person: Person, seen: int = 0, /, **changes: Any) -> httpx.Response:
    return await person.submit("/mod/rules", **form(seen, **changes))


async def put(person: Person, version: int = 0, **rules: Any) -> httpx.Response:
    return await person.http.put(API, json={"site": "newsroom", "version": version, "rules": rules}, headers=OURS)


def typed_in(page: str) -> dict[str, str]:
    """The fields of the form on a page as a browser would send them."""
    found: dict[str, str] = {}
    for node in parse(page).css("form.stack [name]"):
        name, value = node.attributes.get("name") or "", node.attributes.get("value") or ""
        if node.tag == "textarea":
            found[name] = node.text().removeprefix("\n")
        elif node.tag == "select":
            chosen = node.css_first("option[selected]")
            found[name] = "" if chosen is None else chosen.attributes.get("value") or ""
        elif node.tag == "input" and (node.attributes.get("type") != "checkbox" or "checked" in node.attributes):
            found[name] = value
    return found
