"""The settings of a person: who one is, language and looks, what one is told of, people, discussions, progress."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html

from forum.people import pages_progress
from forum.people.queries import find_known
from forum.people.service_settings import NOTIFY, notify_of, time_zones
from forum.spoilers.catalogue.service_catalogue import save_work
from tests.support.app import NEWS, PUBLIC_URL, House, Person, open_house, problem
from tests.support.mailing import PostOffice, handle_in, post
from tests.support.pages import one
from tests.support.people import account_of, an_account, embedded, signed_in
from tests.support.spoilers import fans
from tests.support.threads import discussion_id
from tests.support.works import JESSICA

__all__ = ["fans", "post"]
pytestmark = pytest.mark.anyio

PAGES: Final = ("/settings", "/settings/people", "/settings/progress")
PROGRESS: Final = "/settings/progress"
LOOKS: Final = {"act": "looks", "locale": "", "time_zone": "", "theme": "auto"}


def page_of(answer: httpx.Response) -> Html:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return Html(answer.text)


def said(answer: httpx.Response) -> str:
    """The page as words."""
    body = Html(answer.text).body
    assert body is not None
    return " ".join(body.text().split())


def chosen(page: Html, name: str) -> str:
    """What stands in a field."""
    (field,) = page.css(f'[name="{name}"]')
    if field.tag == "input":
        return str(field.attributes["value"])
    option = field.css_first("option[selected]") or one(field, "option")
    return str(option.attributes["value"] or "")


async def known(house: House, person: Person) -> Any:
    who = await account_of(house, person)
    async with house.rt.db.read(fresh=True) as tx:
        return await find_known(tx, who.id)


@pytest.mark.parametrize("path", PAGES)
async def test_they_are_for_who_is_signed_in_first_party(house: House, path: str) -> None:
    edda = await signed_in(house)
    assert (await edda.get(path)).status_code == 200
    for person in (house.author, await embedded(house, edda)):
        for answer in (await person.get(path), await person.submit(path, act="name", name="Mallory")):
            assert (answer.status_code, answer.headers["location"]) == (303, f"/auth?next={path}")
    assert (await account_of(house, edda)).name == "Edda"


@pytest.mark.parametrize("path", PAGES)
async def test_no_other_site_sends_their_forms(house: House, path: str) -> None:
    edda = await signed_in(house)
    for headers in ({}, {"origin": NEWS}, {"origin": "null"}):
        answer = await edda.http.post(path, data={"act": "name", "name": "Mallory"}, headers=headers)
        assert answer.status_code == 403
    assert (await account_of(house, edda)).name == "Edda"


async def test_the_menu_says_where_one_is(house: House) -> None:
    edda = await signed_in(house)
    for path in PAGES:
        page = page_of(await edda.get(path))
        current = page.css('.settings-nav [aria-current="page"]')
        assert [link.attributes["href"] for link in current] == [path]
        heading = one(page, "h1")
        assert heading.text(strip=True) == current[0].text(strip=True)


async def test_a_new_name_is_on_everything_one_wrote(house: House) -> None:
    edda = await signed_in(house)
    posted = await edda.post("Mine.", author_name="")
    answer = await edda.submit("/settings", act="name", name="  Edna   Mode ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?done=1#name")
    page = page_of(await edda.get("/settings?done=1"))
    assert chosen(page, "name") == "Edna Mode"
    assert one(page, ".done").text(strip=True) == "Saved."
    await house.run_jobs()
    seen = await house.attacker.read(f"/api/v1/comments/{posted['id']}")
    assert seen["author"]["name"] == "Edna Mode"
    assert (await house.attacker.get("/u/Edna%20Mode")).status_code == 200
    assert (await house.attacker.get("/u/Edda")).status_code == 404


async def test_a_name_that_cannot_be_is_kept_to_be_changed(house: House) -> None:
    edda = await signed_in(house)
    await an_account(house, "Loki")
    for name, words in (
        ("", "Please give a name"),
        ("Admin", "looks like someone from the site"),
        ("LOKI", "has a name like that"),
        ("a/b", "a slash"),
        ("x" * 41, "40 characters"),
        ("||x||", "Spoilers"),
    ):
        answer = await edda.submit("/settings", act="name", name=name)
        assert answer.status_code == 422
        assert answer.headers["cache-control"] == "private, no-store"
        page = Html(answer.text)
        assert chosen(page, "name") == name
        field = one(page, "#name")
        assert field.attributes["aria-invalid"] == "true"
        assert words in said(answer)
    assert (await account_of(house, edda)).name == "Edda"
    # One's own name in another spelling is free.
    assert (await edda.submit("/settings", act="name", name="EDDA")).status_code == 303


async def test_two_who_want_one_name_at_once(house: House) -> None:
    people = [await signed_in(house, name) for name in ("One", "Two", "Three")]
    answers = await asyncio.gather(*(person.submit("/settings", act="name", name="Loki") for person in people))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422]


async def test_two_forms_at_once_keep_what_each_changed(house: House) -> None:
    edda = await signed_in(house)
    german = {**LOOKS, "locale": "de"}
    forms = ({"act": "name", "name": "Edna"}, german, {"act": "notify", **dict.fromkeys(NOTIFY, "never")})
    answers = await asyncio.gather(*(edda.submit("/settings", **form) for form in forms))
    assert {answer.status_code for answer in answers} == {303}
    account = await account_of(house, edda)
    assert (account.name, account.locale, set(notify_of(account).values())) == ("Edna", "de", {"never"})


async def test_a_name_changes_three_times_a_day(engine_url: str) -> None:
    async with open_house(engine_url, rate_limits=True) as house:
        edda = await signed_in(house)
        await an_account(house, "Loki")
        for name in ("Edna", "Loki", "Edna", "admin", "Edwina", "Loki", "EDWINA"):
            assert (await edda.submit("/settings", act="name", name=name)).status_code in (303, 422), name
        answer = await edda.submit("/settings", act="name", name="Edda")
        assert answer.status_code == 429
        assert "three times" in answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert (await account_of(house, edda)).name == "EDWINA"
        # What is no change is none too many, and others change theirs.
        assert (await edda.submit("/settings", act="name", name="EDWINA")).status_code == 303
        assert (
            await (await signed_in(house, "Otto")).submit("/settings", act="name", name="Ottilie")
        ).status_code == 303


async def test_language_and_looks_hold_for_ones_own_pages(house: House) -> None:
    edda = await signed_in(house)
    answer = await edda.submit("/settings", act="looks", locale="ar", time_zone="Europe/Berlin", theme="dark")
    assert answer.status_code == 303, answer.text
    for path in (*PAGES, "/settings/sessions", "/auth"):
        shown = await edda.get(path, headers={"accept-language": "de"})
        assert '<html lang="ar" dir="rtl" data-theme="dark">' in shown.text, path
    page = page_of(await edda.get("/settings"))
    assert [chosen(page, name) for name in ("locale", "time_zone", "theme")] == ["ar", "Europe/Berlin", "dark"]
    await edda.submit("/settings", **LOOKS)
    assert '<html lang="de"' in (await edda.get("/settings", headers={"accept-language": "de"})).text
    # Nobody else's pages change.
    assert '<html lang="en"' in (await house.attacker.get("/u/Edda")).text


async def test_there_are_time_zones_and_languages_to_choose_from(house: House) -> None:
    assert {"Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"} <= set(time_zones())
    page = page_of(await (await signed_in(house)).get("/settings"))
    languages = {option.attributes["value"]: option.text(strip=True) for option in page.css('[name="locale"] option')}
    assert languages == {"": "As the browser says", "en": "English", "ar": "العربية", "de": "Deutsch"}


async def test_what_is_no_choice_is_refused(house: House) -> None:
    edda = await signed_in(house)
    wrong = [{**LOOKS, name: "xx"} for name in ("locale", "time_zone", "theme")]
    wrong += [{"act": "notify", "replies": "hourly"}, {"act": "notify"}, {"act": "more"}, {"name": "Edda"}]
    for form in wrong:
        assert (await edda.submit("/settings", **form)).status_code == 422, form
    assert (await edda.submit("/settings", act="name", name="Edda", is_owner="1")).status_code == 422
    account = await account_of(house, edda)
    assert (account.locale, account.time_zone, account.theme, account.notify) == ("", "", "auto", "")
    assert account.is_owner is False


async def test_what_one_is_told_of_is_kept(house: House) -> None:
    edda = await signed_in(house)
    page = page_of(await edda.get("/settings"))
    assert {name: chosen(page, name) for name in NOTIFY} == dict(NOTIFY)
    assert "count once this server sends notifications" in page.text()
    wanted = {"replies": "daily", "mentions": "never", "follows": "instant"}
    assert (await edda.submit("/settings", act="notify", **wanted)).status_code == 303
    page = page_of(await edda.get("/settings"))
    assert {name: chosen(page, name) for name in NOTIFY} == wanted
    assert json.loads((await account_of(house, edda)).notify) == wanted


async def test_a_new_address_counts_once_its_mail_was_used(post: PostOffice) -> None:
    house = post.house
    edda = await signed_in(house, email="edda@old.example")
    answer = await edda.submit("/settings", act="email", email="edda@new.example")
    assert answer.headers["location"].startswith("/auth/code?flow=")
    assert (await account_of(house, edda)).email == "edda@old.example"
    code = await post.code("edda@new.example")
    assert "edda@new.example" in await post.text("edda@old.example")
    done = await edda.submit("/auth/code", flow=handle_in(answer), code=code, next="/settings")
    assert done.status_code == 303, done.text
    assert (await account_of(house, edda)).email == "edda@new.example"


async def test_an_address_that_cannot_be_is_kept_to_be_changed(post: PostOffice) -> None:
    edda = await signed_in(post.house, email="edda@old.example")
    for address in ("edda", "edda@old.example", "a@b"):
        answer = await edda.submit("/settings", act="email", email=address)
        assert answer.status_code == 422, address
        assert chosen(Html(answer.text), "email") == address
    assert await post.letters() == []


async def test_a_new_address_needs_a_fresh_sign_in(post: PostOffice) -> None:
    edda = await signed_in(post.house, email="edda@old.example", fresh=False)
    page = page_of(await edda.get("/settings"))
    assert page.css('[name="email"]') == []
    again = one(page, "#address a.button")
    assert again.attributes["href"] == f"/auth/again?next={quote('/settings#address')}"
    answer = await edda.submit("/settings", act="email", email="edda@new.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/again?next=/settings")
    assert await post.letters() == []


async def test_without_mail_there_is_no_form_for_an_address(house: House) -> None:
    page = page_of(await (await signed_in(house)).get("/settings"))
    assert page.css('[name="email"]') == []
    assert "sends no mail" in page.text()


async def test_too_much_at_once_keeps_what_was_typed(sqlite_url: str) -> None:
    async with open_house(sqlite_url, rate_limits=True) as house:
        edda = await signed_in(house)
        answers = [await edda.submit("/settings", act="name", name=f"Edda {number}") for number in range(62)]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) > 0
        assert chosen(Html(answers[-1].text), "name") == "Edda 61"


async def test_muted_people_can_be_heard_again(house: House) -> None:
    edda, loud = await signed_in(house), await signed_in(house, "Loud Larry")
    for posted in (await house.attacker.post("As a guest."), await loud.post("Listen!", author_name="")):
        house.clock.advance(timedelta(seconds=1))
        await edda.http.put(f"/api/v1/comments/{posted['id']}/mute", headers={"origin": PUBLIC_URL})
    answer = await edda.get("/settings/people")
    page = page_of(answer)
    rows = page.css("#muted ~ .rows li")
    assert [" ".join(one(row, ".what").text().split()) for row in rows] == ["LLoud Larry", "Mallory a guest"]
    assert [link.attributes["href"] for link in page.css(".rows .person")] == ["/u/Loud%20Larry"]
    assert not re.search(r'name="muted" value="\d+"', answer.text)
    handles = [one(row, '[name="muted"]').attributes["value"] for row in rows]
    done = await edda.submit("/settings/people", muted=str(handles[1]))
    assert done.headers["location"] == "/settings/people?done=muted"
    page = page_of(await edda.get(done.headers["location"]))
    assert "Mallory" not in page.text()
    assert "You see their comments again." in page.text()
    # Of somebody else's list, or made up: nothing happens.
    other = await signed_in(house, "Other")
    for handle in (str(handles[0]), "", "é"):
        assert (await other.submit("/settings/people", muted=handle)).status_code == 303
    assert "Loud Larry" in (await edda.get("/settings/people")).text


async def test_followed_discussions_can_be_left(house: House) -> None:
    edda = await signed_in(house)
    here = await discussion_id(house)
    await house.publish(title="Gutterlight <returns>")
    await edda.http.put(f"/api/v1/discussions/{here}/follow", headers={"origin": PUBLIC_URL})
    page = page_of(await edda.get("/settings/people"))
    link = one(page, "#followed ~ .rows a")
    assert (link.attributes["href"], link.text()) == (f"/d/{here}", "Gutterlight <returns>")
    assert (await edda.submit("/settings/people", followed=str(here))).status_code == 303
    assert "You follow none yet." in (await edda.get("/settings/people")).text
    assert problem_free(await edda.submit("/settings/people", followed="x")) == 422
    assert problem_free(await edda.submit("/settings/people", followed="12")) == 404


def problem_free(answer: httpx.Response) -> int:
    """The status of an error that is a page for people."""
    assert answer.headers["content-type"].startswith("text/html")
    return answer.status_code


async def test_progress_is_said_without_scripts(fans: House) -> None:
    edda = await signed_in(fans)
    found = page_of(await edda.get(f"{PROGRESS}?q=jess"))
    link = one(found, ".found a")
    page = page_of(await edda.get(str(link.attributes["href"])))
    form = one(page, '[data-work="jessica-jones"] form')
    path = str(form.attributes["action"])
    assert [group.attributes["label"] for group in form.css("optgroup")] == ["S1", "S2"]
    answer = await edda.submit(path, state="at:S1E4", **{"tick-0": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PROGRESS}?done=1")
    stands = (await known(fans, edda)).stands
    assert stands["jessica-jones"][1:] == ("at", "S1E4", ("special",))
    page = page_of(await edda.get(f"{PROGRESS}?done=1"))
    assert chosen(page, "state") == "at:S1E4"
    assert page.css("[name=tick-0][checked]")
    await edda.submit(path, state="dont_care")
    assert (await known(fans, edda)).stands["jessica-jones"][1:] == ("dont_care", "", ())
    await edda.submit(path, state="")
    assert (await known(fans, edda)).stands == {}


async def test_a_film_is_finished_or_not(fans: House) -> None:
    edda = await signed_in(fans)
    await edda.submit(f"{PROGRESS}?work=ca-civil-war", state="at:")
    page = page_of(await edda.get(PROGRESS))
    assert chosen(page, "state") == "at:"
    assert "Finished" in page.text()


async def test_what_is_no_choice_of_a_work_is_refused(fans: House) -> None:
    edda = await signed_in(fans)
    for work, state in (("jessica-jones", "at:S9E9"), ("jessica-jones", "at:special"), ("jessica-jones", "far")):
        assert (await edda.submit(f"{PROGRESS}?work={work}", state=state)).status_code == 422
    assert (await edda.submit(f"{PROGRESS}?work=nothing", state="none")).status_code == 422
    assert (await edda.submit(f"{PROGRESS}?work=jessica-jones", state="none", more="1")).status_code == 422
    assert (await edda.submit(PROGRESS, rule="mcu/comic", said="never")).status_code == 422
    assert (await known(fans, edda)).stands == {}


async def test_what_the_catalogue_has_lost_can_be_forgotten(fans: House) -> None:
    edda = await signed_in(fans)
    await edda.submit(f"{PROGRESS}?work=jessica-jones", state="at:S2E2")
    shorter = replace(JESSICA, units=JESSICA.units[:13], groups=JESSICA.groups[:1])
    await save_work(fans.rt, shorter, seen=lambda _: True, franchises={"mcu": "Marvel"})
    page = page_of(await edda.get(PROGRESS))
    assert "You said S2E2, which the catalogue does not know any more." in " ".join(page.text().split())
    assert [chosen(page, "state")] == [""]
    await edda.submit(f"{PROGRESS}?work=jessica-jones", state="")
    assert (await known(fans, edda)).stands == {}


async def test_rules_are_added_and_forgotten(fans: House) -> None:
    edda = await signed_in(fans)
    page = page_of(await edda.get(PROGRESS))
    rules = [option.attributes["value"] for option in page.css('[name="rule"] option')]
    assert rules == ["mcu/film", "mcu/tv"]
    assert (await edda.submit(PROGRESS, rule="mcu/film", said="dont_care")).status_code == 303
    assert (await edda.submit(PROGRESS, rule="dc/film", said="dont_care")).status_code == 303
    assert (await known(fans, edda)).rules == {"mcu/film": "dont_care"}
    page = page_of(await edda.get(PROGRESS))
    assert "spoilers from the films" in one(page, "[data-rules]").text()
    await edda.submit(PROGRESS, rule="mcu/film", said="")
    assert (await known(fans, edda)).rules == {}


async def test_a_long_list_has_pages(fans: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_progress, "WORKS", 2)
    edda = await signed_in(fans)
    for work in ("jessica-jones", "ca-civil-war", "civil-war-2006"):
        await edda.submit(f"{PROGRESS}?work={work}", state="none")
    first = page_of(await edda.get(PROGRESS))
    assert [row.attributes["data-work"] for row in first.css("[data-work]")] == ["ca-civil-war", "civil-war-2006"]
    second = page_of(await edda.get(f"{PROGRESS}?start=2"))
    assert [row.attributes["data-work"] for row in second.css("[data-work]")] == ["jessica-jones"]
    assert one(second, "form.row").attributes["action"] == f"{PROGRESS}?work=jessica-jones&start=2"


async def test_the_script_gets_what_a_page_is_told(fans: House) -> None:
    edda = await signed_in(fans)
    await edda.submit(f"{PROGRESS}?work=jessica-jones", state="at:S1E4", **{"tick-0": "1"})
    await edda.submit(PROGRESS, rule="mcu/film", said="dont_care")
    told = json.loads(str(one(page_of(await edda.get(PROGRESS)), "[data-me]").attributes["data-me"]))
    me = await edda.read("/api/v1/me?site=newsroom")
    assert told == {
        "account": {"id": me["account"]["id"]},
        **{name: me[name] for name in ("progress", "ticks", "rules")},
    }


async def test_nothing_of_one_person_is_on_the_pages_of_another(fans: House) -> None:
    edda, other = await signed_in(fans, email="edda@old.example"), await signed_in(fans, "Other")
    await edda.submit(f"{PROGRESS}?work=jessica-jones", state="at:S1E4")
    for path in PAGES:
        answer = await other.get(path)
        assert "Edda" not in answer.text
        assert "edda@" not in answer.text
        assert "jessica-jones" not in answer.text
    assert (
        problem(await fans.attacker.http.put("/api/v1/me/progress", json={}, headers={"origin": PUBLIC_URL}))[0] == 401
    )
