"""The rules of a site: what can be kept, what can't, and that nothing is lost on the way."""

import json
from dataclasses import fields, replace

import pytest

from forum.comments.screening.rules import (
    NO_RULES,
    Action,
    Check,
    CheckKind,
    OnFailure,
    Rules,
    RulesProblem,
    check,
    dump,
    load,
    parse,
)

FULL = Rules(
    shortest=5,
    longest=4_000,
    close_after_days=30,
    rate_comments=10,
    repeat_person=Action.REFUSE,
    hold_words=("goat*", "get rich quick"),
    most_links=3,
    blocked_domains=("bad.example",),
    first_comments=2,
    media=Action.HOLD,
    check=Check(CheckKind.AKISMET, "https://check.example", "key", OnFailure.PUBLISH),
)


@pytest.mark.parametrize("rules", [NO_RULES, FULL])
def test_what_is_kept_comes_back(rules: Rules) -> None:
    assert load(dump(rules)) == parse(dump(rules)) == rules
    assert set(json.loads(dump(rules))) == {field.name for field in fields(Rules)}


def test_what_is_not_said_is_as_without_rules() -> None:
    assert parse("{}") == NO_RULES


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"shortest": -1}, "shortest", "wrong_value"),
        ({"longest": "many"}, "longest", "wrong_value"),
        ({"repeat_site": "refuse"}, "repeat_site", "wrong_value"),
        ({"media": "burn"}, "media", "wrong_value"),
        ({"shortest": 100, "longest": 60}, "shortest", "wrong_value"),
        ({"hold_words": ["*"]}, "hold_words", "too_short"),
        ({"flag_words": ["a*b*c"]}, "flag_words", "star"),
        ({"refuse_words": [""]}, "refuse_words", "empty"),
        ({"hold_words": ["word"] * 5_001}, "hold_words", "too_many"),
        ({"hold_words": ["word"] * 3_000, "flag_words": ["word"] * 3_000}, "refuse_words", "too_many"),
        ({"blocked_domains": ["https://bad.example/"]}, "blocked_domains", "bad_domain"),
        ({"trusted_domains": ["example"]}, "trusted_domains", "bad_domain"),
        ({"check": {"kind": "hook", "url": "https://a.example"}}, "check.key", "wrong_value"),
        ({"check": {"kind": "hook", "url": "https://a.example", "key": "k", "more": 1}}, "check.more", "unknown_field"),
    ],
)
def test_what_can_not_be_kept(said: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(RulesProblem) as raised:
        parse(json.dumps(said))
    assert (field, code) in {(wrong.field, wrong.code) for wrong in raised.value.wrong}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"rules"', "{1:2}"])
def test_what_is_no_rules_at_all(text: str) -> None:
    with pytest.raises(RulesProblem):
        parse(text)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(RulesProblem) as raised:
        check(replace(NO_RULES, hold_words=("*", "goat", "x"), blocked_domains=("-",)))
    assert [(wrong.field, wrong.value) for wrong in raised.value.wrong] == [
        ("hold_words", "*"),
        ("hold_words", "x"),
        ("blocked_domains", "-"),
    ]
