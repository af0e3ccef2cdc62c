"""What stands on a public page: nothing new where nothing is covered, and covers that say no more than their label."""

from __future__ import annotations

import re
from typing import Final

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.app import ARTICLE, House
from tests.support.hiding import BODIES, JJ, Hidden, hide
from tests.support.threads import discussion_id
from tests.support.truth import Words
from tests.support.twins import LONG, SHORT, Text
from tests.support.works import bring

pytestmark = pytest.mark.anyio

# A comment as it is drawn where nothing is covered: as it was before anything could be, and one can report it. ROOT
# stands for its id.
THREAD: Final = """\
<ol class="thread" data-list data-sort="newest"><li id="cROOT" class="node" data-comment="ROOT" data-parent="" \
data-depth="0"><article class="comment" aria-labelledby="byROOT">
<header>
<h3 class="name" id="byROOT"><bdi>Ada</bdi></h3>
<a class="when" href="https://talk.example/c/ROOT"><time datetime="2026-03-01T12:00:00Z">\
Mar 1, 2026, 12:00\u202fPM UTC</time></a>
</header>
<div class="body" dir="auto"><p>I <em>never</em> trusted <code>a || b</code>.</p></div>
<div class="acts">
<a class="act" data-act="reply" href="/c/ROOT/reply" aria-describedby="byROOT">Reply</a>
<a class="act" data-act="link" href="https://talk.example/c/ROOT" aria-describedby="byROOT">Link</a>
<a class="act" data-act="report" href="/c/ROOT/report" rel="nofollow" aria-describedby="byROOT">Report</a>
</div>
</article>"""
COVER: Final = re.compile(
    r'<(?P<tag>span|div) class="sp(?: sp-block)?" role="group" aria-label="(?P<name>Spoiler(?:: [^"]+)?)"'
    r' data-sp="(?P<id>[0-9a-f]{32}|c[0-9]+)" data-scope="[^"]*"(?: data-whole)?>'
    r'<button type="submit" class="sp-show" form="uncover" formaction="/s/(?P=id)" aria-expanded="false">'
    r"Show spoiler(?:: <bdi>[^<]+</bdi>)?</button>"
    r'<(?P=tag) class="sp-body" hidden></(?P=tag)></(?P=tag)>'
)
BODY: Final = re.compile(r'<div class="body" dir="auto">(.*?)</div>\n<div class="acts">', re.DOTALL)
# What a page of a discussion has more where spoilers are spoken of.
ADDED: Final = ("[data-progress]", "#uncover", "template[data-cover]", "[data-gate]", "[data-spoilers]", ".sp")


async def page_of(house: House, path: str) -> str:
    answer = await house.attacker.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_where_nothing_is_covered_nothing_is_new(house: House) -> None:
    root = await house.author.post("I *never* trusted `a || b`.")
    await house.replier.reply(root, "> so it was\n\nMe neither: a || b is text.")
    where = await discussion_id(house)
    for path in (f"/d/{where}", f"/embed/newsroom?url={ARTICLE}", f"/d/{where}/thread/{root['id']}"):
        page = await page_of(house, path)
        tree = LexborHTMLParser(page)
        assert [part for part in ADDED if tree.css_first(part) is not None] == [], path
        assert "gate.js" not in page
        assert "spoiler" not in "".join(article.html or "" for article in tree.css("article")), path
    plain = await page_of(house, f"/d/{where}")
    assert THREAD.replace("ROOT", root["id"]) in plain


async def test_a_cover_says_its_label_and_nothing_else(house: House) -> None:
    await hide(house, Words())
    where = await discussion_id(house)
    listed = await house.attacker.read(f"/api/v1/discussions/{where}")
    cursor: str | None = ""
    seen = 0
    while cursor is not None:
        page = await page_of(house, f"/d/{where}{cursor}")
        tree = LexborHTMLParser(page)
        covers = COVER.findall(page)
        assert len(covers) == len(tree.css("article .sp")), "a cover has another shape"
        assert [node.text(strip=True) for node in tree.css(".sp-body")] == [""] * len(tree.css(".sp-body"))
        assert tree.css(".body details, .body img, .body [src], .body [alt], .body [title]") == []
        assert "until-found" not in page
        assert "<!--" not in page
        seen += len(covers)
        onward = tree.css_first("[data-next]")
        href = onward.attributes.get("href") if onward is not None else None
        cursor = None if href is None else href.removeprefix(f"/d/{where}")
    assert seen > 40
    assert listed["discussion"]["comment_count"] >= len(BODIES)


async def test_covers_of_short_and_of_long_texts_are_alike(house: House) -> None:
    await bring(house.rt)
    drawn: dict[str, set[str]] = {}
    for kinds in (SHORT, LONG):
        hidden = Hidden(house, Text(kinds))
        for name, body in BODIES.items():
            posted = await house.author.post(hidden.filled(body, house.author))
            page = LexborHTMLParser(await page_of(house, f"/c/{posted['id']}/reply"))
            drawn_body = page.css_first(".body")
            text = "" if drawn_body is None else drawn_body.html or ""
            ids = {passage["id"] for passage in posted["passages"]}
            assert ids, name
            for passage_id in ids:
                text = text.replace(passage_id, "ID")
            drawn.setdefault(name, set()).add(text)
    assert {name: texts for name, texts in drawn.items() if len(texts) > 1} == {}


async def test_programs_see_the_same_for_short_and_for_long_texts(house: House) -> None:
    await bring(house.rt)
    for kinds in (SHORT, LONG):
        text = Text(kinds)("text", "")
        posted = await house.author.post(f"Then [JJ S1E13]||{text}|| happened.")
        (passage,) = posted["passages"]
        assert passage == {"id": passage["id"], "label": "Jessica Jones S1E13", "scope": [JJ], "inline": True}
        cover = f'<span data-spoiler="{passage["id"]}">[spoiler: Jessica Jones S1E13]</span>'
        assert posted["html"] == f"<p>Then {cover} happened.</p>"
        assert posted["text"] == "Then [spoiler: Jessica Jones S1E13] happened."


async def test_behind_a_gate_there_is_no_text(house: House) -> None:
    hidden = await hide(house, Words())
    for path in (f"/d/{hidden.discussions['gated']}", f"/d/{hidden.discussions['main']}?assumes={JJ}"):
        page = await page_of(house, path)
        assert LexborHTMLParser(page).css_first("[data-gate]") is not None
        bodies = BODY.findall(page)
        assert len(bodies) >= 3
        assert [body for body in bodies if not COVER.fullmatch(body)] == []
        assert "plainsight" not in page.partition("</head>")[2]
