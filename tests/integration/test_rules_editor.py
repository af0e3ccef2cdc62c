"""/mod/rules: rules are looked at, tried, saved, restored; what was typed is never lost, and no key is ever shown."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.screening.rules import NO_RULES, load
from forum.comments.screening.service import read_rules
from forum.comments.screening.tables import screening_rules
from forum.moderation.rules.check_settings import shown
from forum.moderation.rules.rules_fields import FIELDS, RANGES, RulesRefused, fields_of, read_rules_of
from forum.moderation.rules.service_rules import CHANGED
from tests.support.app import OURS, House, Person, problem, wrong_fields
from tests.support.people import signed_in

pytestmark = pytest.mark.anyio
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


async def test_it_works(house: House) -> None:
    editor = await an_editor(house)
    page = await editor.get(PAGE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    answer = await save(editor, hold_words="goat\n lantern fish \n\ngoat", most_links="2", premoderate="1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}&saved=1")
    now = await read_rules(house.rt, house.site.id)
    assert now.version == 1
    assert (now.rules.hold_words, now.rules.most_links, now.rules.premoderate) == (("goat", "lantern fish"), 2, True)
    again = (await editor.get(answer.headers["location"])).text
    assert "Saved. These rules are in force." in text_of(again)
    assert typed_in(again)["hold_words"] == "goat\nlantern fish"
    assert "Version 1, in force" in text_of(again)
    assert "words that hold, number of links, holding every comment" in text_of(again)


async def test_what_changes_nothing_makes_no_version(house: House) -> None:
    editor = await an_editor(house)
    assert (await save(editor)).status_code == 303
    assert await house.rows(select(screening_rules)) == []


async def test_everything_typed_comes_back_with_a_sentence_beside_it(house: House) -> None:
    editor = await an_editor(house)
    wrong = {
        "shortest": "many",
        "longest": "10",
        "spam_threshold": "100",
        "hold_words": "goat\n*a\ntwo wo*ds",
        "blocked_domains": "https://shop.example/x",
        "check_kind": "hook",
        "check_url": "ftp://check.example",
        "media": "explode",
        "flag_words": "sheep <b>&amp;",
        "premoderate": "1",
    }
    answer = await save(editor, **wrong)
    assert answer.status_code == 422
    back = typed_in(answer.text)
    # A choice that there is not can't be brought back: its list has none such.
    assert {name: back.get(name) for name in wrong if name != "media"} == {
        k: v for k, v in wrong.items() if k != "media"
    }
    said = {node.attributes.get("id") or "": node.text().strip() for node in parse(answer.text).css("p.problem[id]")}
    assert said == {
        "shortest-problem": "Please write a whole number from 0 to 500.",
        "longest-problem": "Please write a whole number from 50 to 10000.",
        "spam_threshold-problem": "Please write a whole number from 50 to 99.",
        "media-problem": "Please choose one of these.",
    }
    fields = {name.removesuffix("-problem") for name in said}
    linked = {(node.attributes.get("href") or "")[1:] for node in parse(answer.text).css(".wrong a")}
    assert linked == fields
    for name in fields:
        node = parse(answer.text).css_first(f"#{name}")
        assert node is not None
        assert node.attributes.get("aria-invalid") == "true"
        assert f"{name}-problem" in (node.attributes.get("aria-describedby") or "")
    assert await house.rows(select(screening_rules)) == []


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("hold_words", "goat\n*a", "“*a” has too few letters"),
        ("refuse_words", "two wo*ds", "“two wo*ds”: a star stands in a single word"),
        ("flag_words", "- -", "“- -” has no letters"),
        ("flag_words", "w" * 100, "is too long"),
        ("hold_words", "\n".join(f"word{n}" for n in range(5_001)), "These are too many"),
        ("trusted_domains", "https://shop.example/", "is no domain"),
        ("check_url", "http://check.example", "begins with https://"),
        ("check_url", "https://user:pass@check.example", "begins with https://"),
        ("check_key", "", "Please type the key"),
        ("check_key", "short", "at least 16 characters"),
        ("check_key", "with a space in it all", "at least 16 characters"),
    ],
)
async def test_each_mistake_has_its_sentence(house: House, field: str, typed: str, sentence: str) -> None:
    answer = await save(await an_editor(house), **{**HOOK, field: typed})
    assert answer.status_code == 422
    node = parse(answer.text).css_first(f"#{field}-problem")
    assert node is not None
    assert sentence in node.text()
    if field != "check_key":
        assert typed_in(answer.text)[field] == typed
    assert KEY not in answer.text


async def test_a_length_that_contradicts_itself(house: House) -> None:
    answer = await save(await an_editor(house), shortest="400", longest="100")
    assert "The shortest length can't be more than the longest." in text_of(answer.text)


async def test_five_thousand_words_fit(house: House) -> None:
    words = "\n".join(f"überlänge{n}" for n in range(5_000))
    assert (await save(await an_editor(house), hold_words=words)).status_code == 303
    assert len((await read_rules(house.rt, house.site.id)).rules.hold_words) == 5_000


async def test_a_request_that_is_too_large_even_for_rules(house: House) -> None:
    answer = await save(await an_editor(house), hold_words="w" * 1_100_000)
    assert answer.status_code == 413


async def test_of_two_editors_the_second_is_told(house: House) -> None:
    ada, ravi = await an_editor(house, "Adaline"), await an_editor(house, "Ravindra")
    assert (await save(ada, hold_words="goat")).status_code == 303
    answer = await save(ravi, hold_words="sheep", **HOOK)
    assert answer.status_code == 409
    assert CHANGED in text_of(answer.text)
    back = typed_in(answer.text)
    assert back["hold_words"] == "sheep"
    assert KEY not in answer.text
    # Having been told, they may save over it.
    assert (await save(ravi, int(back["seen"]), hold_words="sheep\ngoat")).status_code == 303
    assert (await read_rules(house.rt, house.site.id)).version == 2


async def test_an_earlier_version_is_looked_at_and_restored(house: House) -> None:
    editor = await an_editor(house)
    await save(editor, hold_words="goat")
    await save(editor, 1, hold_words="sheep")
    old = await editor.get(f"{PAGE}&version=1")
    assert typed_in(old.text)["hold_words"] == "goat"
    assert "The form shows version 1." in text_of(old.text)
    answer = await editor.submit("/mod/rules/restore", site="newsroom", seen="2", version="1")
    assert answer.status_code == 303
    now = await read_rules(house.rt, house.site.id)
    assert (now.version, now.rules.hold_words) == (3, ("goat",))
    late = await editor.submit("/mod/rules/restore", site="newsroom", seen="2", version="2")
    assert late.status_code == 409


@pytest.mark.parametrize("version", ["9", "-1", "99999999999"])
async def test_a_version_that_there_is_not(house: House, version: str) -> None:
    editor = await an_editor(house)
    assert (await editor.get(f"{PAGE}&version={version}")).status_code == 404
    answer = await editor.submit("/mod/rules/restore", site="newsroom", seen="0", version=version)
    assert answer.status_code == 404


async def test_older_versions_are_a_page_away(house: House) -> None:
    editor = await an_editor(house)
    for number in range(23):
        assert (await save(editor, number, first_comments=str(number + 1))).status_code == 303
    first = parse((await editor.get(PAGE)).text)
    assert len(first.css("ol.rows li")) == 20
    (older,) = [node.attributes.get("href") or "" for node in first.css("a") if node.text() == "Older versions"]
    assert len(parse((await editor.get(older.partition("#")[0])).text).css("ol.rows li")) == 3


async def test_a_key_is_never_shown_again(house: House) -> None:
    editor = await an_editor(house)
    assert (await save(editor, **HOOK)).status_code == 303
    assert (await save(editor, 1, **{**HOOK, "check_key": "", "hold_words": "goat"})).status_code == 303
    check = (await read_rules(house.rt, house.site.id)).rules.check
    assert check is not None
    assert check.key == KEY
    answers = [
        await editor.get(PAGE),
        await editor.get(f"{PAGE}&version=1"),
        await editor.submit("/mod/rules", **form(2, **HOOK, dry_run="1")),
        await editor.get(f"{API}?site=newsroom"),
        await put(editor, 2, check={**CHECK, "key": ""}),
        await put(editor, 3, check=CHECK, shortest=9),
        await put(editor, 3, check=CHECK),
        await put(editor, 4, check={**CHECK, "url": "nonsense"}),
        await editor.http.post(f"{API}/dry-run", json={"site": "newsroom", "rules": {"check": CHECK}}, headers=OURS),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 200, 409, 422, 200]
    assert not any(KEY in answer.text for answer in answers)
    assert "A key is kept." in text_of(answers[0].text)
    assert answers[3].json()["has_key"]
    assert answers[3].json()["rules"]["check"]["key"] == ""


@pytest.mark.parametrize("changed", [{"check_url": "https://evil.example/x"}, {"check_kind": "akismet"}])
async def test_a_key_goes_nowhere_else(house: House, changed: dict[str, str]) -> None:
    """An editor can't have the key sent to an address of their own, nor sent where it only signed."""
    editor = await an_editor(house)
    await save(editor, **HOOK)
    answer = await save(editor, 1, **{**HOOK, "check_key": "", **changed})
    assert answer.status_code == 422
    assert "Please type the key" in text_of(answer.text)
    sent = {"kind": changed.get("check_kind", "hook"), "url": changed.get("check_url", HOOK["check_url"]), "key": ""}
    assert wrong_fields(await put(editor, 1, check=sent)) == {"rules.check.key": "key_again"}


async def test_restoring_brings_no_old_key_back(house: House) -> None:
    editor = await an_editor(house)
    await save(editor, **HOOK)
    await save(editor, 1, **{**HOOK, "check_key": "a-newer-key-than-that"})
    await editor.submit("/mod/rules/restore", site="newsroom", seen="2", version="1")
    check = (await read_rules(house.rt, house.site.id)).rules.check
    assert check is not None
    assert check.key == "a-newer-key-than-that"


async def test_a_moderator_looks_and_tries(house: House) -> None:
    moderator = await signed_in(house, "Moritz", role=Role.MODERATOR)
    page = await moderator.get(PAGE)
    assert page.status_code == 200
    assert parse(page.text).css_first("button[name=save]") is None
    assert (await moderator.submit("/mod/rules", **form(hold_words="goat", dry_run="1"))).status_code == 200
    assert (await save(moderator, hold_words="goat")).status_code == 404
    assert problem(await put(moderator, hold_words=["goat"])) == (404, "not_found")
    assert (await moderator.submit("/mod/rules/restore", site="newsroom", seen="0", version="0")).status_code == 404
    assert await house.rows(select(screening_rules)) == []


@pytest.mark.parametrize("role", [Role.TRUSTED, None])
async def test_nobody_else_sees_rules(house: House, role: Role | None) -> None:
    person = await signed_in(house, "Petra", role=role)
    for answer in (await person.get(PAGE), await save(person), await person.get(f"{API}?site=newsroom")):
        assert answer.status_code == 404
    assert (await house.author.get(PAGE)).status_code == 303
    assert problem(await house.author.get(f"{API}?site=newsroom")) == (401, "sign_in_needed")


async def test_an_editor_of_another_site(house: House) -> None:
    await house.add_site("elsewhere")
    editor = await an_editor(house)
    assert (await editor.get("/mod/rules?site=elsewhere")).status_code == 404
    assert (await save(editor, site="elsewhere")).status_code == 404
    assert problem(await editor.get(f"{API}?site=elsewhere")) == (404, "not_found")


async def test_saving_asks_for_a_fresh_sign_in_and_loses_nothing(house: House) -> None:
    editor = await an_editor(house, fresh=False)
    assert "/auth/again?next=/mod/rules" in (await editor.get(PAGE)).text
    answer = await save(editor, hold_words="goat")
    assert answer.status_code == 403
    assert typed_in(answer.text)["hold_words"] == "goat"
    assert "nothing you typed is lost" in text_of(answer.text)
    assert problem(await put(editor, hold_words=["goat"])) == (403, "sign_in_again")
    assert await house.rows(select(screening_rules)) == []


async def test_the_api_takes_back_what_it_gives(house: House) -> None:
    editor = await an_editor(house)
    answer = await put(editor, hold_words=["goat"], check=CHECK)
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert (given["version"], given["rules"]["hold_words"], given["has_key"]) == (1, ["goat"], True)
    assert [(one["version"], one["by"], one["changed"]) for one in given["versions"]] == [
        (1, "Edda", ["hold_words", "check"])
    ]
    again = await put(editor, 1, **given["rules"])
    assert again.json()["version"] == 1
    assert problem(await put(editor, 0)) == (409, "rules_changed")


@pytest.mark.parametrize(
    ("rules", "wrong"),
    [
        ({"nonsense": 1}, {"rules.nonsense": "unknown_field"}),
        ({"shortest": "many"}, {"rules.shortest": "wrong_value"}),
        ({"hold_words": ["*a"]}, {"rules.hold_words": "too_short"}),
        ({"blocked_domains": ["a/b"]}, {"rules.blocked_domains": "bad_domain"}),
        (
            {"check": {"kind": "hook", "url": "x", "key": ""}},
            {"rules.check.url": "bad_url", "rules.check.key": "key_again"},
        ),
    ],
)
async def test_the_api_names_what_is_wrong(house: House, rules: dict[str, Any], wrong: dict[str, str]) -> None:
    assert wrong_fields(await put(await an_editor(house), **rules)) == wrong


async def test_what_is_kept_is_what_was_typed(house: House) -> None:
    await save(await an_editor(house), hold_words="goat", spam_threshold="85", **HOOK)
    (row,) = await house.rows(select(screening_rules))
    kept = load(row.rules)
    assert (kept.hold_words, kept.spam_threshold) == (("goat",), 0.85)
    assert json.loads(json.dumps(shown(kept)))["check"]["key"] == ""


def test_a_form_says_the_same_as_its_rules() -> None:
    assert read_rules_of(fields_of(NO_RULES)) == NO_RULES
    assert set(fields_of(NO_RULES)) | {"check_key"} == set(FIELDS)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("typed", ["-1", "1.5", "٣", "1e3", "99999999", "x"])
def test_numbers_are_whole_and_within_their_range(name: str, typed: str) -> None:
    with pytest.raises(RulesRefused) as refused:
        read_rules_of({**fields_of(NO_RULES), name: typed})
    assert [one.field for one in refused.value.wrong] == [name]


@pytest.mark.parametrize(("name", "limits"), RANGES.items())
def test_the_ends_of_a_range_are_in_it(name: str, limits: tuple[int, int]) -> None:
    for value in limits:
        read_rules_of({**fields_of(NO_RULES), name: str(value)})


async def test_what_was_typed_outlives_the_session(house: House) -> None:
    """Who is not signed in any more gets it all back, and nothing about the site; signed in again, it is saved."""
    editor = await an_editor(house)
    cookie = editor.http.cookies.get("__Host-sid")
    editor.http.cookies.delete("__Host-sid")
    answer = await save(editor, hold_words="goat\nlantern <fish>", most_links="2", **HOOK)
    assert (answer.status_code, answer.headers["cache-control"]) == (401, "private, no-store")
    assert 'href="/auth?next=/mod/rules"' in answer.text
    assert KEY not in answer.text
    kept = typed_in(answer.text)
    assert (kept["hold_words"], kept["most_links"]) == ("goat\nlantern <fish>", "2")
    assert house.site.name not in text_of(answer.text).split("Rules", 1)[1]
    editor.http.cookies.set("__Host-sid", cookie or "")
    again = await editor.submit("/mod/rules", **{**kept, "check_key": KEY, "save": "1"})
    assert again.status_code == 303
    now = await read_rules(house.rt, house.site.id)
    assert (now.rules.hold_words, now.rules.most_links) == (("goat", "lantern <fish>"), 2)
