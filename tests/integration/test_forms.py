"""Everything a person can do without scripts: post, reply, preview, edit, delete. Nothing they typed is ever lost."""

from datetime import timedelta
from html import unescape

import pytest

from tests.support.app import ARTICLE, FORM, NEWS, OURS, House
from tests.support.forms import Form, fill, follow
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

TYPED = 'A "long" <thought> & more\n\nin two lines'


@pytest.mark.parametrize("frame", [True, False])
async def test_posting_shows_the_comment_on_the_persons_own_page(house: House, frame: bool) -> None:
    await house.replier.post("First.")
    path = f"/embed/newsroom?url={ARTICLE}" if frame else f"/d/{await discussion_id(house)}"
    answer = await fill(house.author, path, body="By *form*.", author_name="Ada")
    assert answer.headers["cache-control"] == "private, no-store"
    assert ("frame=1" in answer.headers["location"]) is frame
    page = await follow(house.author, answer)
    assert "By <em>form</em>." in page
    assert ">you</span>" in page
    assert f'id="{answer.headers["location"].rpartition("#")[2]}"' in page
    assert "By <em>form</em>." in (await house.attacker.get(path)).text


async def test_the_first_comment_of_an_article_comes_by_form(house: House) -> None:
    page = f"/embed/newsroom?url={ARTICLE}&identifier=story-7&theme=dark&accent=aa3300&lang=de"
    answer = await fill(house.author, page, body="First!", author_name="Ada")
    shown = await follow(house.author, answer)
    assert "First!" in shown
    assert 'data-theme="dark"' in shown
    assert "/theme/aa3300.css" in shown
    assert '<html lang="de"' in shown
    assert "First!" in (await house.attacker.get(page)).text
    assert "First!" not in (await house.attacker.get(f"/embed/newsroom?url={ARTICLE}")).text


async def test_replying_by_form(house: House) -> None:
    root = await house.author.post("Root.")
    answer = await fill(house.replier, f"/c/{root['id']}/reply?frame=1", body="A reply.", author_name="Ravi")
    assert "A reply." in await follow(house.replier, answer)
    seen = await house.attacker.read(f"/api/v1/comments/{root['id']}/replies")
    assert [c["parent_id"] for c in seen["comments"]] == [root["id"]]


@pytest.mark.parametrize("where", ["article", "discussion", "parent"])
async def test_a_preview_shows_the_text_and_keeps_everything(house: House, where: str) -> None:
    fields = {"body": TYPED + " *so*", "author_name": "Ada", "preview": "1", "url": ARTICLE, "identifier": "story-7"}
    if where != "article":
        root = await house.author.post("Root.")
        del fields["url"], fields["identifier"]
        fields["discussion_id"] = str(await discussion_id(house))
        if where == "parent":
            fields["parent_id"] = root["id"]
    before = await house.recount()
    answer = await house.replier.submit(FORM, **fields)
    assert answer.status_code == 200
    assert "<em>so</em>" in answer.text
    assert "set-cookie" not in answer.headers
    assert await house.recount() == before
    form = Form(answer)
    assert {k: v for k, v in fields.items() if k != "preview"}.items() <= form.fields.items()
    assert (await house.replier.submit(form.action, **form.fields)).status_code == 303
    assert await house.recount() == before + 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"author_name": ""}, "Please give a name that others will see."),
        ({"author_name": "Admin"}, "That name looks like someone from the site."),
        ({"author_name": "x" * 41}, "That name is too long"),
        ({"body": "x" * 10_001}, "That is longer than a comment can be."),
        ({"body": "x" * 10_001, "preview": "1"}, "That is longer than a comment can be."),
        ({"body": "\u200b"}, "There is nothing in it yet."),
        ({"body": "\u200b", "preview": "1"}, "There is nothing in it yet."),
    ],
)
async def test_a_refusal_keeps_the_text_and_says_why(house: House, changed: dict[str, str], said: str) -> None:
    fields = {"url": ARTICLE, "body": TYPED, "author_name": "Ada", "frame": "1", **changed}
    answer = await house.author.submit(FORM, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    form = Form(answer)
    assert (form.fields["body"], form.fields["author_name"]) == (fields["body"], fields["author_name"])
    assert "frame-ancestors https://news.example" in answer.headers["content-security-policy"]
    assert await house.recount() == 0


@pytest.mark.parametrize("frame", ["", "1"])
async def test_where_nothing_can_be_mended_the_text_comes_back(house: House, frame: str) -> None:
    root = await house.author.post("Root.")
    where = str(await discussion_id(house))
    fields = {"discussion_id": where, "body": TYPED, "author_name": "Ravi", "frame": frame}
    cases = [({"parent_id": "7"}, 404), ({"discussion_id": "7"}, 404), ({"parent_id": root["id"]}, 403), ({}, 403)]
    for changed, status in cases:
        if status == 403:
            await house.publish(state="closed")
        answer = await house.replier.submit(FORM, **{**fields, **changed})
        assert answer.status_code == status
        assert Form(answer).fields["typed"] == TYPED
        ancestors = "https://news.example" if frame else "'none'"
        assert f"frame-ancestors {ancestors}" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"key": "x" * 101}, 422), ({"key": "a\x00b"}, 422), ({"discussion_id": "x"}, 422), ({"parent_id": "²"}, 422),
     ({"identifier": "a\x00b"}, 422), ({"identifier": "x" * 201}, 422), ({"url": "nonsense"}, 422),
     ({"colour": "red"}, 422), ({"theme": "pink"}, 422), ({"url": "https://evil.example/"}, 404)],
)  # fmt: skip
async def test_fields_no_form_of_ours_sends_are_refused(house: House, changed: dict[str, str], status: int) -> None:
    fields = {"url": ARTICLE, "body": TYPED, "author_name": "Ada", **changed}
    answer = await house.author.submit(FORM, **fields)
    assert answer.status_code == status
    assert await house.recount() == 0


async def test_a_form_is_a_form(house: House) -> None:
    for kind in ("application/json", "text/plain"):
        answer = await house.author.http.post(FORM, content=b"{}", headers={**OURS, "content-type": kind})
        assert answer.status_code == 415
    answer = await house.author.http.post(FORM, files={"body": ("a.txt", b"Hello.")}, headers=OURS)
    assert answer.status_code in (400, 422)
    assert (await house.author.submit(FORM, body="x" * 70_000)).status_code == 413


async def test_a_preview_of_another_sites_discussion_is_not_found(house: House) -> None:
    await house.add_site("gazette", origins=(NEWS,))
    await house.author.post("Root.")
    fields = {"discussion_id": str(await discussion_id(house)), "body": TYPED, "author_name": "Ada", "preview": "1"}
    assert (await house.author.submit("/embed/gazette/comments", **fields)).status_code == 404


async def test_editing_by_form(house: House) -> None:
    posted = await house.author.post(TYPED)
    page = await house.author.get(f"/c/{posted['id']}/edit?frame=1")
    assert page.headers["cache-control"] == "private, no-store"
    assert Form(page).fields["body"] == TYPED
    preview = await fill(house.author, f"/c/{posted['id']}/edit?frame=1", body="*Better.*", preview="1")
    assert "<em>Better.</em>" in preview.text
    assert Form(preview).fields["body"] == "*Better.*"
    answer = await fill(house.author, f"/c/{posted['id']}/edit?frame=1", body="*Better.*")
    shown = await follow(house.author, answer)
    assert "<em>Better.</em>" in shown
    assert "edited" in shown


async def test_a_conflict_keeps_both_texts(house: House) -> None:
    posted = await house.author.post("One.")
    stale = Form(await house.author.get(f"/c/{posted['id']}/edit"))
    await house.author.edit(posted["id"], "Two.")
    answer = await house.author.submit(stale.action, **{**stale.fields, "body": "Three."})
    assert answer.status_code == 409
    assert "changed in another window" in unescape(answer.text)
    form = Form(answer)
    assert (form.fields["body"], form.fields["revision"]) == ("Three.", "2")
    assert (await house.author.submit(form.action, **form.fields)).status_code == 303


async def test_a_late_edit_gives_the_text_back(house: House) -> None:
    posted = await house.author.post("One.")
    form = Form(await house.author.get(f"/c/{posted['id']}/edit?frame=1"))
    house.clock.advance(timedelta(hours=1))
    answer = await house.author.submit(form.action, **{**form.fields, "body": TYPED})
    assert answer.status_code == 403
    assert Form(answer).fields["typed"] == TYPED
    assert "frame-ancestors https://news.example" in answer.headers["content-security-policy"]
    assert (await house.author.get(f"/c/{posted['id']}/edit")).status_code == 403


@pytest.mark.parametrize("revision", ["", "0", "x", "²", "-1", "9" * 5_000])
async def test_a_strange_revision_never_overwrites(house: House, revision: str) -> None:
    posted = await house.author.post("One.")
    answer = await house.author.submit(f"/c/{posted['id']}/edit", body="Two.", revision=revision)
    assert answer.status_code in (409, 422)
    assert (await house.attacker.read(f"/api/v1/comments/{posted['id']}"))["text"] == "One."


async def test_deleting_asks_first(house: House) -> None:
    posted = await house.author.post("My secret.")
    path = f"/c/{posted['id']}/delete?frame=1&theme=dark&accent=aa3300"
    assert "Delete this comment for good?" in (await house.author.get(path)).text
    assert (await house.attacker.read(f"/api/v1/comments/{posted['id']}"))["status"] == "published"
    page = await follow(house.author, await fill(house.author, path))
    assert "My secret." not in page
    assert "Deleted by its author" in page
    assert 'data-theme="dark"' in page
    again = await house.author.submit(f"/c/{posted['id']}/delete", frame="1")
    assert again.status_code == 303


async def test_others_cannot_edit_or_delete_by_form(house: House) -> None:
    posted = await house.author.post("Mine.")
    for verb in ("edit", "delete"):
        assert (await house.attacker.get(f"/c/{posted['id']}/{verb}")).status_code == 403
        fields = {"body": "Yours.", "revision": "1"} if verb == "edit" else {"lang": "en"}
        assert (await house.attacker.submit(f"/c/{posted['id']}/{verb}", **fields)).status_code == 403
    assert (await house.attacker.read(f"/api/v1/comments/{posted['id']}"))["text"] == "Mine."


async def test_a_comment_that_is_gone_or_closed_offers_no_reply(house: House) -> None:
    gone = await house.author.post("Gone.")
    kept = await house.author.post("Kept.")
    await house.author.delete(gone["id"])
    assert (await house.replier.get(f"/c/{gone['id']}/reply")).status_code == 403
    await house.publish(state="closed")
    assert (await house.replier.get(f"/c/{kept['id']}/reply")).status_code == 403
