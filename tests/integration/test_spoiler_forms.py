"""Spoilers in the forms: what was typed is kept, what a reply may give away is said, a look at it first."""

import pytest
from sqlalchemy import select

from forum.articles.tables import discussion
from tests.support.app import ARTICLE, FORM, OURS, House
from tests.support.forms import Form
from tests.support.spoilers import COMIC, JJ13, SECRET, shown_on

pytestmark = pytest.mark.anyio


async def test_the_form_keeps_what_was_typed(fans: House) -> None:
    await fans.author.post("Begin.")
    form: dict[str, str] = {}
    for body, said in (
        ("Well, ||he dies", "A spoiler begins"),
        ("Well, he dies[/spoiler]", "belongs to nothing"),
        ("Well, [Civil War]||he dies||", "more than one work"),
    ):
        answer = await fans.author.submit(FORM, url=ARTICLE, body=body, author_name="Ada")
        assert answer.status_code == 422
        form = Form(answer).fields
        assert form["body"] == body
        assert said in answer.text
    fine = {**form, "body": "Well, ||he dies||"}
    assert (await fans.author.submit(FORM, **fine)).status_code == 303
    assert await shown_on(fans, "he dies") == []


async def test_the_form_of_a_reply_says_what_it_may_give_away(fans: House) -> None:
    root = await fans.author.post("Well. [JJ S1E4]||He dies.||")
    page = await fans.replier.get(f"/c/{root['id']}/reply")
    assert "Jessica Jones S1E4" in page.text
    assert "He dies" not in page.text
    form = Form(page).fields
    inheriting = await fans.replier.submit(FORM, **{**form, "body": "He did.", "author_name": "Ravi"})
    assert inheriting.status_code == 303
    free = await fans.replier.submit(
        FORM, **{**form, "key": "x", "body": "Oh.", "author_name": "Ravi", "scope": "none"}
    )
    assert free.status_code == 303
    first, second = (await fans.attacker.read(f"/api/v1/comments/{root['id']}/replies"))["comments"]
    assert (first["covered"], second["covered"]) == (True, False)
    wrong = await fans.replier.submit(FORM, **{**form, "body": "Oh.", "author_name": "Ravi", "scope": JJ13})
    assert wrong.status_code == 422


async def test_a_look_at_it_first_stores_nothing(fans: House) -> None:
    body = "Well. [JJ S1E4]||He dies.|| ||Luke Cage||"
    sent = {"site": "newsroom", "body": body, "scope": [COMIC]}
    answer = await fans.author.http.post("/api/v1/preview", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert "dies" not in seen["html"] + seen["text"]
    assert "He dies." in seen["cleared_html"]
    assert seen["text"] == "[spoiler: Civil War (2006 comic) #7]"
    assert await fans.rows(select(discussion.c.id)) == []


async def test_a_look_at_a_quote(fans: House) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||{SECRET}||")
    (row,) = await fans.rows(select(discussion.c.id))
    body = f"> @Ada#c{source['id']}\n> {SECRET}\n\nReally?"
    sent = {"site": "newsroom", "body": body, "discussion_id": str(row.id)}
    seen = (await fans.author.http.post("/api/v1/preview", json=sent, headers=OURS)).json()
    assert "lanterns" not in seen["html"] + seen["text"]
    assert "lanterns" in seen["cleared_html"]
    sent["body"] = f"So {SECRET}"
    advice = (await fans.author.http.post("/api/v1/preview", json=sent, headers=OURS)).json()["advice"]
    assert "repeats" in {one["kind"] for one in advice}
