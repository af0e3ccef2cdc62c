"""People with accounts write: under their own name, wherever they are signed in, until they are not any more."""

import asyncio

import pytest

from forum.accounts.model import Role
from forum.accounts.service_ending import leave
from forum.accounts.tables import guest
from forum.comments.tables import comment
from forum.core.visitor import Visitor
from forum.errors import TooManyRequests
from forum.people.service_authors import rename_author
from forum.web.limits import Limiter, Rule
from tests.support.app import ARTICLE, FORM, OURS, House, problem, wrong_fields
from tests.support.people import account_of, embedded, sign_in, signed_in, visitor

pytestmark = pytest.mark.anyio

EMBED = f"/embed/newsroom?url={ARTICLE}"
ME = "/api/v1/me?site=newsroom"


async def test_a_signed_in_person_writes_under_their_account(house: House) -> None:
    edda = await signed_in(house)
    posted = await edda.post("Hello.", author_name="Somebody else")
    account = await account_of(house, edda)
    url = "https://talk.example/u/Edda"
    assert posted["author"] == {"name": "Edda", "kind": "account", "url": url, "hue": account.id % 12}
    rows = await house.rows(comment.select())
    assert [(row.author_kind, row.author_id, row.author_name) for row in rows] == [("account", account.id, "Edda")]
    assert not await house.rows(guest.select())


async def test_no_name_is_needed_and_no_cookie_is_given(house: House) -> None:
    edda = await signed_in(house)
    answer = await edda.send("Hello.", author_name="")
    assert answer.status_code == 201
    assert "set-cookie" not in answer.headers


async def test_a_frame_writes_on_its_own_site_alone(house: House) -> None:
    await house.add_site("other", origins=("https://other.example",))
    frame = await embedded(house, await signed_in(house))
    assert (await frame.post("Here."))["author"]["kind"] == "account"
    there = {"path": "/api/v1/sites/other/comments", "url": "https://other.example/a"}
    assert problem(await frame.send("There.", author_name="", **there)) == (401, "session_ended")
    assert (await frame.post("There.", author_name="Ravi", **there))["author"]["kind"] == "guest"


async def test_one_edits_and_deletes_what_one_wrote_from_any_session(house: House) -> None:
    edda = await signed_in(house)
    frame = await embedded(house, edda)
    posted = await frame.post("From the frame.")
    assert (await edda.edit(posted["id"], "From my own page.")).status_code == 200
    assert (await frame.delete(posted["id"])).status_code == 204
    other = await signed_in(house, "Otto")
    again = await edda.post("Mine.")
    assert problem(await other.delete(again["id"])) == (403, "not_yours")
    assert problem(await house.attacker.delete(again["id"])) == (403, "not_yours")


async def test_who_was_signed_in_is_told_and_may_go_on_as_a_guest(house: House) -> None:
    edda = await signed_in(house)
    frame = await embedded(house, edda)
    await leave(house.rt, visitor(house, edda), everywhere=True)
    assert problem(await frame.send("Lost?", author_name="")) == (401, "session_ended")
    assert wrong_fields(await frame.send("Lost?", author_name="Edda")) == {"author_name": "name_taken"}
    assert (await frame.post("As a guest.", author_name="Eda the guest"))["author"]["kind"] == "guest"


@pytest.mark.parametrize("name", ["Edda", "EDDA", "Еddа", "Ｅdda", "Ed\u200bda"])
async def test_no_guest_signs_as_somebody_with_an_account(house: House, name: str) -> None:
    await signed_in(house)
    assert wrong_fields(await house.author.send("It is me.", author_name=name)) == {"author_name": "name_taken"}
    first = await house.author.post("It is Ada.")
    assert wrong_fields(await house.author.send("It is me.", author_name=name)) == {"author_name": "name_taken"}
    assert first["author"]["name"] == "Ada"
    assert len(await house.rows(comment.select())) == 1


async def test_a_site_without_guests_takes_accounts(house: House) -> None:
    await house.change_site(guests=False)
    assert problem(await house.author.send("Hello?")) == (403, "guests_not_allowed")
    edda = await signed_in(house)
    assert (await edda.post("Hello."))["author"]["name"] == "Edda"


async def test_a_repeated_request_of_an_account_posts_once(house: House) -> None:
    edda = await signed_in(house)
    first, second = [await edda.post("Once.", key="one-key-of-mine-1") for _ in range(2)]
    assert first == second
    assert problem(await edda.send("Another.", key="one-key-of-mine-1")) == (409, "key_reused")


async def test_what_this_browser_wrote_before_stays_its_own_and_can_be_claimed(house: House) -> None:
    before = await house.author.post("As a guest.")
    await house.author.post("And gone.")
    edda = await signed_in(house)
    await sign_in(house, house.author, await account_of(house, edda))
    assert (await house.author.read(ME))["claimable"] == 2
    assert (await house.author.edit(before["id"], "As a guest, mended.")).status_code == 200
    page = (await house.replier.get(EMBED)).text
    assert "Ada" in page
    claimed = await house.author.http.post("/api/v1/me/claim?site=newsroom", headers=OURS)
    assert claimed.json() == {"claimed": 2}
    assert (await house.author.read(ME))["claimable"] == 0
    assert (await house.author.http.post("/api/v1/me/claim?site=newsroom", headers=OURS)).json() == {"claimed": 0}
    page = (await house.replier.get(EMBED)).text
    assert "Ada" not in page
    assert page.count("/u/Edda") >= 2
    shown = await house.replier.read(f"/api/v1/comments/{before['id']}")
    assert shown["author"]["name"] == "Edda"
    assert (await edda.delete(before["id"])).status_code == 204
    await house.recount()


async def test_a_frame_claims_on_its_own_site_alone(house: House) -> None:
    await house.add_site("other", origins=("https://other.example",))
    there = {"path": "/api/v1/sites/other/comments", "url": "https://other.example/a"}
    frame = await embedded(house, await signed_in(house))
    gust = await house.newcomer("Gust")
    await gust.post("Here.")
    elsewhere = await gust.post("There.", **there)
    frame.http.cookies.update(gust.http.cookies)
    assert (await frame.http.post("/api/v1/me/claim?site=newsroom", headers=OURS)).json() == {"claimed": 1}
    assert (await frame.read(f"/api/v1/comments/{elsewhere['id']}"))["author"]["kind"] == "guest"


async def test_nobody_claims_without_being_signed_in(house: House) -> None:
    await house.author.post("Mine.")
    answer = await house.author.http.post("/api/v1/me/claim?site=newsroom", headers=OURS)
    assert problem(answer) == (401, "session_ended")


async def test_me_says_who_is_signed_in(house: House) -> None:
    nobody = await house.author.read(ME)
    assert (nobody["account"], nobody["ended"]) == (None, False)
    edda = await signed_in(house, role=Role.MODERATOR)
    me = await edda.get(ME)
    assert me.headers["cache-control"] == "private, no-store"
    assert me.json()["account"] | {"id": "", "hue": 0} == {
        "id": "", "name": "Edda", "url": "/u/Edda", "hue": 0, "role": "moderator", "badges": ["moderator"],
        "kind": "main",
    }  # fmt: skip
    frame = await embedded(house, edda)
    assert (await frame.read(ME))["account"]["kind"] == "embed"
    await leave(house.rt, visitor(house, edda), everywhere=True)
    ended = await frame.read(ME)
    assert (ended["account"], ended["ended"]) == (None, True)


async def test_public_pages_stay_the_same_for_everybody(house: House) -> None:
    edda = await signed_in(house)
    await edda.post("Hello.")
    assert (await edda.get(EMBED)).content == (await house.attacker.get(EMBED)).content
    assert "set-cookie" not in (await edda.get(EMBED)).headers


async def test_people_with_a_role_cover_comments_without_the_sites_key(house: House) -> None:
    posted = await house.author.post("The butler did it.")
    path, body = f"/api/v1/mod/comments/{posted['id']}/scope", {"scope": [], "reason": "nothing in it"}
    reader, trusted = await signed_in(house, "Rita"), await signed_in(house, "Theo", role=Role.TRUSTED)
    assert problem(await reader.http.post(path, json=body, headers=OURS)) == (404, "not_found")
    assert problem(await house.attacker.http.post(path, json=body, headers=OURS)) == (401, "bad_secret")
    frame = await embedded(house, trusted)
    assert problem(await frame.http.post(path, json=body, headers=OURS)) == (401, "bad_secret")
    assert (await trusted.http.post(path, json=body, headers=OURS)).status_code == 200
    assert (await (await signed_in(house, "Oona", owner=True)).get(path)).status_code == 200


async def test_a_role_counts_on_its_own_site_alone(house: House) -> None:
    await house.add_site("other", origins=("https://other.example",))
    theo = await signed_in(house, "Theo", role=Role.ADMIN)
    there = {"path": "/api/v1/sites/other/comments", "url": "https://other.example/a"}
    posted = await house.author.post("Elsewhere.", **there)
    path = f"/api/v1/mod/comments/{posted['id']}/scope"
    assert problem(await theo.get(path)) == (404, "not_found")


async def test_who_may_not_moderate_learns_not_which_comments_there_are(house: House) -> None:
    reader = await signed_in(house, "Rita")
    shown = await house.author.post("Everybody sees this.")
    await house.change_site(hold=True)
    held = await house.author.post("Nobody does yet.")
    answers = []
    for comment_id in (shown["id"], held["id"], "1"):
        path = f"/api/v1/mod/comments/{comment_id}/scope"
        for answer in (
            await reader.get(path),
            await reader.http.post(path, json={"scope": [], "reason": "let me see"}, headers=OURS),
            await reader.http.post(path, json={}, headers=OURS),
        ):
            answers.append({k: v for k, v in answer.json().items() if k not in ("instance", "request_id")})
    assert answers == [answers[0]] * len(answers)
    assert answers[0]["status"] == 404


async def test_asking_for_comments_to_moderate_is_limited_before_it_is_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reached(self: Limiter, rule: Rule, visitor: Visitor) -> None:
        raise TooManyRequests(retry_after=7)

    reader = await signed_in(house, "Rita")
    monkeypatch.setattr(Limiter, "check", reached)
    path = "/api/v1/mod/comments/1/scope"
    for answer in (await reader.get(path), await reader.http.post(path, json={}, headers=OURS)):
        assert problem(answer)[0] == 429


@pytest.mark.parametrize("framed", [True, False])
async def test_a_form_without_a_key_posts_once_however_often_it_is_sent(house: House, framed: bool) -> None:
    edda = await signed_in(house)
    person = await embedded(house, edda) if framed else edda
    fields = {"url": ARTICLE, "body": "Sent twice."}
    answers = [await person.submit(FORM, **fields) for _ in range(2)]
    answers += await asyncio.gather(*(person.submit(FORM, **fields) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await house.recount() == 1
    # Somebody else who says the same, and the same person who says something else, say more.
    await (await signed_in(house, "Otto")).submit(FORM, **fields)
    await person.submit(FORM, **{**fields, "body": "Sent once."})
    assert await house.recount() == 3


async def test_what_was_deleted_can_be_said_again(house: House) -> None:
    edda = await signed_in(house)
    fields = {"url": ARTICLE, "body": "Sent twice."}
    first = (await edda.submit(FORM, **fields)).headers["location"].rpartition("#c")[2]
    assert (await edda.delete(first)).status_code == 204
    second = (await edda.submit(FORM, **fields)).headers["location"].rpartition("#c")[2]
    assert first != second
    with house.recorded() as statements:
        await edda.submit(FORM, **{**fields, "body": "Another."})
    assert len(statements) <= 8


async def test_a_session_costs_two_statements_more_than_none(house: House) -> None:
    edda = await signed_in(house)
    await edda.post("First.")
    with house.recorded() as statements:
        await edda.post("Second.", key="key-of-the-embed-1")
    assert len(statements) <= 8
    with house.recorded() as statements:
        await edda.read(f"{ME}&discussion=1")
    assert len(statements) <= 5


async def test_what_was_claimed_is_quoted_under_the_new_name(house: House) -> None:
    first = await house.author.post("Words of mine.", key="key-of-a-guest-0001")
    quoting = await house.replier.reply(first, f"> @Ada#c{first['id']}\n> Words of mine.\n\nIndeed.")
    edda = await signed_in(house)
    await sign_in(house, house.author, await account_of(house, edda))
    await house.author.http.post("/api/v1/me/claim?site=newsroom", headers=OURS)
    shown = await house.replier.read(f"/api/v1/comments/{quoting['id']}")
    assert "Edda" in shown["html"] + (await house.replier.get(EMBED)).text
    assert "Ada wrote" not in (await house.replier.get(EMBED)).text
    # The request was a guest's: it is not the same one any more, and is stored no second time.
    assert problem(await house.author.send("Words of mine.", key="key-of-a-guest-0001")) == (409, "key_reused")


async def test_a_new_name_follows_to_what_was_written(house: House) -> None:
    edda = await signed_in(house)
    posted = await edda.post("Hello.")
    account = await account_of(house, edda)
    await house.rt.db.write(lambda tx: rename_author(tx, house.rt, account, "Eduarda"))
    while await house.run_jobs():
        pass
    assert (await house.replier.read(f"/api/v1/comments/{posted['id']}"))["author"]["name"] == "Eduarda"
    assert "Eduarda" in (await house.replier.get(EMBED)).text
    assert (await house.replier.get("/u/Eduarda")).status_code == 200
    assert (await house.replier.get("/u/Edda")).status_code == 404
