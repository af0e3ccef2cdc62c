"""An export holds everything the database does about a person, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import httpx
import orjson
import pytest
from jsonschema_rs import Draft202012Validator
from sqlalchemy import Column, Table, or_, select

from forum.accounts.tables import account
from forum.comments.tables import comment
from forum.db import metadata
from forum.people import service_export
from forum.web.rendering import iso
from tests.support.app import OURS, House, Person, open_house
from tests.support.canaries import found_in
from tests.support.estate import ALL, Estate, furnish, word
from tests.support.people import account_of, embedded, signed_in
from tests.support.spoilers import SECRET, fans

__all__ = ["fans"]
pytestmark = pytest.mark.anyio

SCHEMA: Final = "/api/v1/schemas/export.json"
FORM: Final = {**OURS, "content-type": "application/x-www-form-urlencoded"}
# Columns by which a row belongs to somebody.
NAMES: Final = frozenset({"account_id", "author_id", "comment_id"})
# Where rows of a table are in an export.
SECTIONS: Final = {
    "account": "account",
    "account_role": "roles",
    "auth_flow": "begun",
    "comment": "comments",
    "comment_revision": "comments",
    "follow": "follows",
    "identity": "identities",
    "mail": "mail_waiting",
    "mute": "muted",
    "passkey": "passkeys",
    "progress": "progress",
    "progress_rule": "rules",
    "scope_event": "comments",
    "session": "sessions",
    "flag": "flags",
    "decision": "decisions",
    "sanction": "sanctions",
}
# What is in no export, and why.
LEFT_OUT: Final = {
    "idempotency_key": "kept for a day, so that a repeated request is one comment: says nothing beside the comment",
    "note": "what moderators tell each other: it speaks of others, too",
    "queue_item": "made from the comment and from what was decided about it, which are there",
    "passage": "made from what was typed, which is there",
    "passage_words": "keyed hashes of what was typed",
    "*.site_id": "the site is there by its key",
    "*.account_id": "it is the account's own",
    "*.author_id": "it is the account's own",
    "account.skeleton": "made from the name",
    "account.email_key": "made from the address",
    "account.notify": "there as JSON",
    "account.erase_texts": "set when the account goes",
    "account.joining_id": "set when the account goes",
    "auth_flow.handle": "who has it could finish what was begun",
    "auth_flow.code_hash": "who has it could guess the code",
    "auth_flow.data": "what a link does next, and keys that open something",
    "auth_flow.session_id": "an inner number of a session",
    "auth_flow.attempts": "how often a code was wrong",
    "comment.root_id": "made from the thread",
    "comment.depth": "made from the thread",
    "comment.root_seq": "made from the thread",
    "comment.next_seq": "about what others wrote",
    "comment.reply_count": "about what others wrote",
    "comment.subtree_count": "about what others wrote",
    "comment.author_kind": "it is the account's own",
    "comment.html": "made from what was typed",
    "comment.text": "made from what was typed",
    "comment.covers": "made from what was typed",
    "comment.stretches": "what moderators cover of it, in the log of it",
    "comment.eff_scope_id": "made from the other scopes",
    "comment.inner_scope_id": "made from the labels in the text",
    "comment.scope_id": "there as points",
    "comment.set_scope_id": "there as points",
    "comment_revision.scope_id": "made from the other scopes",
    "mail.id": "an inner number",
    "mail.data": "what a mail links to",
    "mute.muted_id": "the number of a guest is shown to nobody; the name is there",
    "passkey.transports": "there as a list",
    "progress.ticks": "there as a list",
    "scope_event.id": "an inner number",
    "scope_event.old_scope_id": "there as points",
    "scope_event.new_scope_id": "there as points",
    "session.id": "an inner number",
    "session.token_hash": "what opens something is in no export",
    "session.parent_id": "an inner number",
    "flag.scope_id": "there as points",
    "decision.author_kind": "it is the account's own",
    "decision.by_id": "the site answers for what its moderators decide",
    "decision.evidence": "there as JSON",
    "decision.before": "what an undo needs, also about others",
    "decision.batch_id": "what else was decided in one go, also about others",
    "sanction.author_kind": "it is the account's own",
    "sanction.by_id": "the site answers for what its moderators decide",
    "sanction.decision_id": "an inner number",
    "comment.marked": "made from the thread",
    "comment.reviewed": "about what moderators have looked at",
    "comment.sketch_a": "made from what was typed",
    "comment.sketch_b": "made from what was typed",
}


async def saved(person: Person) -> httpx.Response:
    """Ask for the file."""
    return await person.http.post("/settings/export", headers=FORM)


async def read(person: Person) -> dict[str, Any]:
    """The file, which must come."""
    answer = await saved(person)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = orjson.loads(answer.content)
    return document


async def validator(house: House) -> Draft202012Validator:
    answer = await (await house.newcomer()).get(SCHEMA)
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    return Draft202012Validator(answer.json(), validate_formats=True)


def leaves(value: Any) -> Iterator[Any]:
    """Everything in a document that is no container."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def shown(value: Any) -> Any:
    """A value of a row as a document has it."""
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 10**9 else value


def left_out(column: Column[Any]) -> bool:
    return bool({f"{column.table.name}.{column.name}", f"*.{column.name}"} & LEFT_OUT.keys())


def about_people() -> list[Table]:
    """Every table whose rows can belong to somebody, found by how its columns are called and where they lead."""
    leading = {
        key.parent.table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is account.c.id
    }
    named = {table.name for table in metadata.sorted_tables if NAMES & set(table.c.keys())}
    return [table for table in metadata.sorted_tables if table.name in leading | named | {account.name}]


async def rows_of(estate: Estate, table: Table) -> list[Any]:
    """The rows of a table that belong to the person."""
    who, own = estate.account.id, select(comment.c.id).where(comment.c.author_id == estate.account.id)
    mine = [table.c[name] == who for name in ("account_id", "author_id") if name in table.c]
    if table is account:
        mine = [table.c.id == who]
    if "comment_id" in table.c and "author_id" not in table.c:
        mine.append(table.c.comment_id.in_(own))
    return await estate.house.rows(select(table).where(or_(*mine)))


async def test_every_row_is_in_it_or_there_is_a_reason(fans: House) -> None:
    estate = await furnish(fans)
    document = await read(estate.person)
    for table in about_people():
        rows = await rows_of(estate, table)
        assert rows, f"{table.name}: nothing shows that its rows are exported"
        if table.name in LEFT_OUT:
            continue
        section = document[SECTIONS[table.name]]
        items = [list(leaves(item)) for item in (section if isinstance(section, list) else [section])]
        for row in rows:
            wanted = [shown(getattr(row, column.name)) for column in table.c if not left_out(column)]
            assert any(all(value in item for value in wanted) for item in items), (table.name, wanted)
    known = {table.name for table in metadata.sorted_tables} | {"*"}
    assert {place.partition(".")[0] for place in LEFT_OUT} | set(SECTIONS) <= known


async def test_the_words_of_a_person_are_in_it_and_nobody_elses(fans: House) -> None:
    estate = await furnish(fans)
    hidden = await fans.replier.post(f"Then [JJ S1E13]||{SECRET}|| it ended.", parent_id=estate.comments["plain"]["id"])
    answer = await saved(estate.person)
    # What is begun and what waits for the mail show their addresses, the one of the letter and the one of the flow.
    assert found_in(answer.content) == ALL - {word("theirs"), word("noted")}
    text = answer.text
    for others in ("Too late", "I see", "Indeed,", "lanterns while everybody quietly leaves", "Otto", hidden["id"]):
        assert others not in text, others
    # Nothing in it opens anything.
    for row in await fans.rows(select(metadata.tables["session"])):
        assert row.token_hash not in text
    for row in await fans.rows(select(metadata.tables["auth_flow"])):
        assert row.handle not in text
    otto = (await saved(estate.other)).text
    assert found_in(otto) == found_in(estate.person.name)  # whom Otto quotes and mutes
    assert "comments" in otto


async def test_it_is_what_its_schema_says(fans: House) -> None:
    estate = await furnish(fans)
    checked = await validator(fans)
    document = await read(estate.person)
    checked.validate(document)
    assert document["$schema"] == f"https://talk.example{SCHEMA}"
    assert document["version"] == service_export.VERSION
    assert document["account"]["name"] == estate.person.name
    by_id = {one["id"]: one for one in document["comments"]}
    edited = by_id[estate.comments["edited"]["id"]]
    assert edited["source"] == f"Then {word('text')}."
    assert [one["source"] for one in edited["revisions"]] == [f"First {word('earlier')}."]
    assert edited["article"] == {"url": "https://news.example/gutterlight", "title": "Gutterlight returns"}
    assert by_id[estate.comments["held"]["id"]]["status"] == "held"
    assert by_id[estate.comments["deleted"]["id"]]["source"] == ""
    whole = by_id[estate.comments["whole"]["id"]]
    assert whole["scope"] == ["jessica-jones:S1E13"]
    assert word("reason") in whole["events"][-1]["reason"]
    assert document["flags"][0]["scope"] == ["jessica-jones:S1E13"]
    assert [one["kind"] for one in document["sanctions"]] == ["premoderate", "mute", "warn"]
    lines = [one["verdict"] for one in document["decisions"]]
    assert [verdict for verdict in ("hold", "mute", "warn", "lift", "remove") if verdict not in lines] == []
    assert "Chief" not in orjson.dumps(document["decisions"]).decode()
    # Whoever has just come has one, too.
    checked.validate(await read(await signed_in(fans, "Newcomer")))
    assert not checked.is_valid({**document, "more": 1})


async def test_it_is_a_file_that_nobody_keeps(house: House) -> None:
    person = await signed_in(house, "Edda")
    answer = await saved(person)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="aftershow-2026-03-01.json"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-length" not in answer.headers


async def test_a_long_list_comes_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_export, "BATCH", 4)
    checked = await validator(house)
    person = await signed_in(house, "Busy")
    for count in range(9):
        document = await read(person)
        checked.validate(document)
        assert [one["source"] for one in document["comments"]] == [f"Number {number}." for number in range(count)]
        await person.post(f"Number {count}.")


async def test_only_a_first_party_session_gets_it(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame = await embedded(house, person)
    for nobody in (await house.newcomer(), frame):
        answer = await saved(nobody)
        assert (answer.status_code, answer.headers["location"]) == (303, "/auth?next=/settings/data")
    foreign = {**FORM, "origin": "https://news.example", "sec-fetch-site": "cross-site"}
    assert (await person.http.post("/settings/export", headers=foreign)).status_code == 403
    assert (await person.http.post("/settings/export", data={"account": "7"}, headers=OURS)).status_code == 422
    assert (await person.get("/settings/data")).status_code == 200
    assert (await account_of(house, person)).name == "Edda"


async def test_it_is_not_made_again_and_again(engine_url: str) -> None:
    async with open_house(engine_url, rate_limits=True) as house:
        person = await signed_in(house, "Edda")
        for _ in range(6):
            assert (await saved(person)).status_code == 200
        answer = await saved(person)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        other = await signed_in(house, "Otto")
        assert (await saved(other)).status_code == 200


async def test_who_has_no_name_for_it_sees_the_schema(house: House) -> None:
    nobody = await house.newcomer()
    answer = await nobody.get(SCHEMA)
    assert answer.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert answer.json()["$id"] == f"https://talk.example{SCHEMA}"
    assert "set-cookie" not in answer.headers
    again = await nobody.get(SCHEMA, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
