"""The editors' forms: add and correct a work, see what that changes, and lose nothing that was typed."""

from typing import Any

import httpx
import pytest

from forum.spoilers.catalogue.drafts import Catalogue, DraftUnit, DraftWork
from forum.spoilers.catalogue.service_catalogue import import_works
from forum.spoilers.model import Kind
from forum.spoilers.service import works_of
from tests.support.app import House, open_house
from tests.support.forms import Form, follow
from tests.support.works import CANARY, FILM, bring, point_at

pytestmark = pytest.mark.anyio

NEW = "/catalogue/new?lang=en"
EDIT = "/catalogue/jessica-jones/edit?lang=en"
DEFENDERS = {
    "title": "The Defenders",
    "kind": "tv",
    "new_franchise": "Marvel",
    "aliases": "Defenders\nMarvel’s The Defenders",
    "groups": "S1 | 8",
    "units": "S1E1..S1E8 | S1 | 2017-08-18",
    "crosses_over": "jessica-jones, luke-cage",
}


async def open_form(house: House, path: str) -> Form:
    answer = await house.author.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "noindex" in answer.text
    return Form(answer)


async def send(house: House, path: str, **fields: str) -> httpx.Response:
    return await (await open_form(house, path)).send(house.author, **fields)


async def work(house: House, work_id: str) -> Any:
    return await house.author.read(f"/api/v1/works/{work_id}")


async def test_a_work_is_added(house: House) -> None:
    answer = await send(house, NEW, **DEFENDERS, secret=house.secret)
    page = await follow(house.author, answer)
    assert answer.headers["location"] == "/catalogue/defenders?saved=1&lang=en"
    assert "Saved." in page
    seen = await work(house, "defenders")
    assert (seen["title"], seen["franchise"], seen["kind"]) == ("The Defenders", "marvel", "tv")
    assert seen["units"][7] == ["S1E8", "S1", "2017-08-18T00:00:00Z", "2017-08-18T00:00:00Z"]
    assert seen["groups"] == [["S1", True]]
    assert seen["relations"] == [["crosses_over", "jessica-jones"], ["crosses_over", "luke-cage"]]
    # Its other names differ from its title in nothing that counts.
    assert seen["aliases"] == []


async def test_a_film_is_one_line(house: House) -> None:
    fields = {"title": "Doctor Strange", "kind": "film", "units": "GB 2016-10-25, US 2016-11-04", "id": "doctor"}
    await follow(house.author, await send(house, NEW, **fields, secret=house.secret))
    assert (await work(house, "doctor"))["units"] == [["", None, "2016-11-04T00:00:00Z", "2016-10-25T00:00:00Z"]]
    again = await open_form(house, "/catalogue/doctor/edit")
    assert again.fields["units"] == "| | GB 2016-10-25, US 2016-11-04"


async def test_a_work_is_corrected_and_the_pages_follow(house: House) -> None:
    await bring(house.rt)
    before = await work(house, "jessica-jones")
    form = await open_form(house, EDIT)
    assert form.fields["units"] == "S1E1..S1E13 | S1 | 2015-11-20\nS2E1 | S2\nS2E2 | S2"
    assert form.fields["branch"] == "special"
    assert form.fields["groups"] == "S1 | 13\nS2 | 13"
    assert form.fields["franchise"] == "mcu"
    assert form.fields["based_on"] == "alias-comic"
    fields = {"units": "S1E1..S1E13 | S1 | 2015-11-20\nS2E1..S2E13 | S2 | US 2018-03-08", "title": "Jessica J."}
    await follow(house.author, await form.send(house.author, **fields, secret=house.secret))
    after = await work(house, "jessica-jones")
    assert after["title"] == "Jessica J."
    assert after["units"][:13] == before["units"][:13]
    assert after["units"][-1] == ["S2E13", "S2", "2018-03-08T00:00:00Z", "2018-03-08T00:00:00Z"]
    assert after["groups"] == [["S1", True], ["S2", True]]
    assert after["origin"] == {"tvmaze": "1369"}
    assert "Jessica J." in (await house.author.get("/catalogue")).text


async def test_what_the_form_does_not_show_stays(house: House) -> None:
    await bring(house.rt)
    before = (await works_of(house.rt, ["jessica-jones"]))["jessica-jones"]
    await follow(house.author, await send(house, EDIT, kind="comic", secret=house.secret))
    after = (await works_of(house.rt, ["jessica-jones"]))["jessica-jones"]
    assert after.kind is Kind.COMIC
    assert [(u.id, u.title, u.ord) for u in after.units] == [(u.id, u.title, u.ord) for u in before.units]
    assert after.groups == before.groups


async def test_saving_what_is_there_changes_nothing(house: House) -> None:
    await bring(house.rt)
    answer = await send(house, EDIT, preview="1")
    assert answer.status_code == 200
    assert "Nothing: the catalogue says the same already." in answer.text


async def test_changes_are_shown_before_they_are_made(house: House) -> None:
    await bring(house.rt)
    form = await open_form(house, EDIT)
    fields = {
        "title": "Jessica J.",
        "kind": "comic",
        "franchise": "",
        "aliases": "JJ\nCivil War",
        "groups": "S1 | 13",
        "units": "S1E1..S1E13 | S1 | 2015-11-20\nS2E1 | S2 | 2018-03-08\nS2E3..S2E6 | S2",
        "branch": "",
        "based_on": "",
    }
    answer = await form.send(house.author, **fields, preview="1")
    assert answer.status_code == 200
    said = Form(answer).text
    for sentence in (
        "Title: Jessica Jones → Jessica J.",
        "Kind: Series → Comic",
        "Franchise: Marvel → none",
        "New name: Civil War",
        "No longer a relation: Based on: alias-comic",
        "Part: S2E1 | S2 → S2E1 | S2 | 2018-03-08",
        "New part: S2E3..S2E6 | S2",
        "No longer a part: S2E2",
        "No longer a part: special",
        "“Civil War” now means several works (ca-civil-war, civil-war-2006, jessica-jones).",
        "Nothing is saved yet.",
    ):
        assert sentence in said, sentence
    assert CANARY not in answer.text
    assert (await work(house, "jessica-jones"))["title"] == "Jessica Jones"
    await follow(house.author, await Form(answer).send(house.author, secret=house.secret))
    assert (await work(house, "jessica-jones"))["kind"] == "comic"


async def test_a_renumbered_part_is_told_as_one(house: House) -> None:
    await bring(house.rt)
    await point_at(house.rt, "jessica-jones", "S2E2")
    form = await open_form(house, EDIT)
    units = "S1E1..S1E13 | S1 | 2015-11-20\nS2E1 | S2\n2x02 | S2"
    answer = await form.send(house.author, units=units.replace("2x02", "E2"), preview="1")
    assert "Part: S2E2 | S2 → E2 | S2" in Form(answer).text
    assert CANARY not in answer.text


@pytest.mark.parametrize("secret", ["", "as_wrong", "  ", "ä" * 200])
async def test_only_a_sites_key_saves(house: House, secret: str) -> None:
    await bring(house.rt)
    answer = await send(house, EDIT, title="Mine", units="S1E1", secret=secret)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "private, no-store"
    assert "That is not the secret key of a site on this server." in answer.text
    form = Form(answer)
    assert (form.fields["title"], form.fields["units"], form.fields["secret"]) == ("Mine", "S1E1", "")
    assert (await work(house, "jessica-jones"))["title"] == "Jessica Jones"
    saved = await send(house, NEW, **DEFENDERS, secret=secret)
    assert saved.status_code == 401
    assert (await house.author.get("/catalogue/defenders")).status_code == 404


async def test_the_key_of_any_site_saves_and_is_never_shown(house: House) -> None:
    _, other = await house.add_site("gazette")
    refused = await send(house, NEW, **{**DEFENDERS, "units": "x y"}, secret=other)
    assert refused.status_code == 422
    preview = await send(house, NEW, **DEFENDERS, secret=other, preview="1")
    saved = await Form(preview).send(house.author, secret=f" {other} ")
    for answer in (refused, preview, await house.author.get(saved.headers["location"])):
        assert other not in answer.text
        assert other not in str(answer.headers)
    assert saved.status_code == 303


LISTS = ("kind", "franchise")
WRONG = [
    ({"title": " "}, "title", "Please give the title."),
    ({"title": "x" * 201}, "title", "A name has 1 to 200 characters"),
    ({"title": "漫画", "id": ""}, "id", "Small letters, digits and hyphens only."),
    ({"id": "Not An Id"}, "id", "Small letters, digits and hyphens only."),
    ({"id": "new"}, "id", "“new” is the short name of another work."),
    ({"id": "jessica-jones"}, "id", "“jessica-jones” is the short name of another work."),
    ({"title": "Jessica Jones"}, "id", "“jessica-jones” is the short name of another work."),
    ({"kind": "opera"}, "kind", "Please choose one of these."),
    ({"franchise": "dc", "new_franchise": ""}, "franchise", "That franchise is not there any more."),
    ({"aliases": "ok\n\u200b"}, "aliases", "A name has 1 to 200 characters"),
    ({"groups": "S1 | some"}, "groups", "Line 1: “some” is no number of parts."),
    ({"groups": "S1 | 0"}, "groups", "Line 1: “0” is no number of parts."),
    ({"units": "S1E1\nS1 E2"}, "units", "Line 2: “S1 E2” is no code."),
    ({"units": "S1E1 | S1 | soon"}, "units", "Line 1: “soon” is no date."),
    ({"units": "a..b"}, "units", "Line 1: “a..b” is no run of parts."),
    ({"units": "a\na"}, "units", "Line 2: “a” is there twice."),
    ({"units": "a | b | 2016-01-01 | d"}, "units", "Line 1 has more bars than a line can have"),
    ({"units": "1..9999"}, "units", "no run of parts"),
    ({"branch": "S1E1"}, "branch", "“S1E1” is among the parts in order too."),
    ({"follows": "The Film"}, "follows", "“The” is no short name of a work."),
]


async def test_what_is_wrong_is_said_and_nothing_is_lost(house: House) -> None:
    await bring(house.rt)
    for fields, place, sentence in WRONG:
        typed = {**DEFENDERS, **fields}
        for button in ({"secret": house.secret}, {"preview": "1"}):
            answer = await send(house, NEW, **typed, **button)
            assert answer.status_code == 422, (sentence, answer.text)
            form = Form(answer)
            assert sentence in form.text
            # A list brings back only what it has.
            kept = {name: text for name, text in typed.items() if name not in fields or name not in LISTS}
            assert kept.items() <= form.fields.items()
            assert f'id="{place}-problem"' in answer.text
            assert f'href="#{place}"' in answer.text
            assert house.secret not in answer.text
    assert (await house.author.get("/catalogue/defenders")).status_code == 404


async def test_every_mistake_is_named_at_once(house: House) -> None:
    answer = await send(house, NEW, title="", units="x y", groups="1 | x", secret=house.secret)
    assert all(f'id="{place}-problem"' in answer.text for place in ("title", "units", "groups"))


async def test_what_spoilers_point_at_can_neither_go_nor_move(house: House) -> None:
    await bring(house.rt)
    await point_at(house.rt, "jessica-jones", "S1E5")
    gone = await send(house, EDIT, units="S1E1..S1E4 | S1\nS1E6..S1E13 | S1", secret=house.secret)
    assert gone.status_code == 422
    assert "Spoilers point at jessica-jones S1E5, so it can&#39;t go." in gone.text
    moved = await send(house, EDIT, units="S1E5 | S1\nS1E1..S1E4 | S1\nS1E6..S1E13 | S1", preview="1")
    assert moved.status_code == 422
    assert "Spoilers point at jessica-jones S1E5: what stands before it must stay before it" in moved.text
    assert Form(moved).fields["units"].startswith("S1E5 | S1\n")
    assert len((await work(house, "jessica-jones"))["units"]) == 15


async def test_two_editors_lose_nothing(house: House) -> None:
    await bring(house.rt)
    first, second = await open_form(house, EDIT), await open_form(house, EDIT)
    await follow(house.author, await first.send(house.author, title="First", secret=house.secret))
    answer = await second.send(house.replier, aliases="JJ\nSecond", secret=house.secret)
    assert answer.status_code == 409
    form = Form(answer)
    assert "Somebody else has changed this work in the meantime" in form.text
    assert "Title: First → Jessica Jones" in form.text
    assert form.fields["aliases"] == "JJ\nSecond"
    assert (await work(house, "jessica-jones"))["title"] == "First"
    # Who was shown it may save over it, or take it over.
    await follow(house.replier, await form.send(house.replier, title="First", secret=house.secret))
    after = await work(house, "jessica-jones")
    assert (after["title"], "Second" in after["aliases"]) == ("First", True)


async def test_another_work_is_no_conflict(house: House) -> None:
    await bring(house.rt)
    form = await open_form(house, EDIT)
    await import_works(house.rt, Catalogue((DraftWork(FILM.id, Kind.FILM, "Renamed", units=(DraftUnit(""),)),)))
    await follow(house.author, await form.send(house.author, title="Mine", secret=house.secret))
    assert (await work(house, "jessica-jones"))["title"] == "Mine"


async def test_a_form_that_saw_nothing_saves_nothing(house: House) -> None:
    await bring(house.rt)
    answer = await send(house, EDIT, title="Mine", seen="", secret=house.secret)
    assert answer.status_code == 409


async def test_a_work_that_two_add_is_added_once(house: House) -> None:
    form = await open_form(house, NEW)
    await follow(house.author, await form.send(house.author, **DEFENDERS, secret=house.secret))
    answer = await form.send(house.author, **DEFENDERS, secret=house.secret)
    assert answer.status_code == 422
    assert "“defenders” is the short name of another work." in Form(answer).text


async def test_a_franchise_of_the_same_name_is_the_same(house: House) -> None:
    await bring(house.rt)
    await follow(house.author, await send(house, NEW, **DEFENDERS, secret=house.secret))
    other = {"title": "Luke Cage", "kind": "tv", "new_franchise": " marvel "}
    await follow(house.author, await send(house, NEW, **other, secret=house.secret))
    assert (await work(house, "luke-cage"))["franchise"] == (await work(house, "defenders"))["franchise"]


async def test_a_work_beyond_a_form_is_left_to_files(house: House) -> None:
    units = tuple(DraftUnit(f"{number:03}{'-part' * 7}", f"group{'-in-a-work' * 3}-{number}") for number in range(800))
    await bring(house.rt, Catalogue((DraftWork("long", Kind.COMIC, "Long", units=units),)))
    answer = await house.author.get("/catalogue/long/edit?lang=en")
    assert answer.status_code == 422
    assert "Let the operator import a file." in answer.text
    assert (await house.author.get("/catalogue/long")).status_code == 200


async def test_saving_is_limited_and_the_form_comes_back(engine_url: str) -> None:
    async with open_house(engine_url, rate_limits=True) as limited:
        form = await open_form(limited, NEW)
        answers = [await form.send(limited.author, **DEFENDERS, secret=f"guess {turn}") for turn in range(36)]
        assert {answer.status_code for answer in answers} == {401, 429}
        last = answers[-1]
        assert int(last.headers["retry-after"]) >= 1
        assert "Your text is kept" in last.text
        assert DEFENDERS.items() <= Form(last).fields.items()


async def test_a_full_storage_takes_nothing_that_was_typed(house: House) -> None:
    form = await open_form(house, NEW)
    await house.rt.db.close()
    answer = await form.send(house.author, **DEFENDERS, secret=house.secret)
    await house.rt.db.connect()
    assert answer.status_code == 503
    assert "S1E1..S1E8 | S1 | 2017-08-18" in answer.text


async def test_hostile_text_comes_back_as_text(house: House) -> None:
    hostile = '"><script>alert(1)</script></textarea>'
    fields = {"title": hostile, "aliases": hostile, "groups": hostile, "units": hostile, "id": hostile, "seen": hostile}
    answer = await send(house, NEW, **fields, follows=hostile, lang=hostile, secret=house.secret)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert Form(answer).fields["units"] == hostile
