"""/mod/rules and the API beside it: who may look and who may save, and that no key is ever shown."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.screening.service import read_rules
from forum.comments.screening.tables import screening_rules
from tests.support.app import OURS, House, problem, wrong_fields
from tests.support.people import signed_in
from tests.support.rule_forms import API, CHECK, HOOK, KEY, PAGE, an_editor, form, parse, put, save, text_of

pytestmark = pytest.mark.anyio


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
