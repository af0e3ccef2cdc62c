"""/mod/rules: rules are looked at, tried, saved, restored; what was typed is never lost."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from forum.comments.screening.rules import NO_RULES, load
from forum.comments.screening.service import read_rules
from forum.comments.screening.tables import screening_rules
from forum.moderation.rules.check_settings import shown
from forum.moderation.rules.rules_fields import FIELDS, RANGES, RulesRefused, fields_of, read_rules_of
from forum.moderation.rules.service_rules import CHANGED
from tests.support.app import House, problem
from tests.support.rule_forms import HOOK, KEY, PAGE, an_editor, parse, put, save, text_of, typed_in

pytestmark = pytest.mark.anyio


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
        ("hold_words", "\n".join(f"word{n}" for n in range(5_001)), "That is too many"),
        ("trusted_domains", "https://shop.example/", "isn't a domain"),
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


async def test_saving_asks_for_a_fresh_sign_in_and_loses_nothing(house: House) -> None:
    editor = await an_editor(house, fresh=False)
    assert "/auth/again?next=/mod/rules" in (await editor.get(PAGE)).text
    answer = await save(editor, hold_words="goat")
    assert answer.status_code == 403
    assert typed_in(answer.text)["hold_words"] == "goat"
    assert "nothing you typed is lost" in text_of(answer.text)
    assert problem(await put(editor, hold_words=["goat"])) == (403, "sign_in_again")
    assert await house.rows(select(screening_rules)) == []


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
