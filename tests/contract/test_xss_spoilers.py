"""Hostile text behind covers: no page runs it, covered or shown."""

import pytest

from forum.app import create_app
from tests.support.hostile import BARE, VECTORS, assert_harmless, fragment, learn, places, read_all
from tests.support.seeded import ARTICLE, OUR_PAGES, SPOILERS, client, seed, settings


@pytest.mark.anyio
async def test_what_is_covered_runs_nothing_once_it_is_shown(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        known = await learn(http, seeds)
        cover = places(fragment((await http.get(f"/api/v1/comments/{seeds.comments[1]}")).json()["html"]))
        for sample in (SPOILERS, "> @Ada#c1\n> x"):
            shown = await http.post("/api/v1/preview", json={"site": "newsroom", "body": sample}, headers=OUR_PAGES)
            cover |= places(fragment(shown.json()["html"] + shown.json()["cleared_html"]))
        known |= places((await http.post(f"/s/{seeds.passage}", data={"lang": "en"}, headers=OUR_PAGES)).text)
        revealed = 0
        for vector in VECTORS:
            for body in (f"||{vector}||", f"[{vector}]||x||", f":::spoiler {vector}\n{vector}\n:::", f"> {vector} >!y"):
                http.cookies.clear()
                sent = {"url": ARTICLE, "body": body, "author_name": "Ada"}
                answer = await http.post("/api/v1/sites/newsroom/comments", json=sent, headers=OUR_PAGES)
                assert answer.status_code in (201, 422), answer.text
                if answer.status_code == 422:
                    continue
                assert_harmless(fragment(answer.json()["html"]), BARE | cover)
                ids = [f"c{answer.json()['id']}", *(passage["id"] for passage in answer.json()["passages"])]
                asked = {"ids": list(dict.fromkeys(ids)), "why": "explicit"}
                texts = (await http.post("/api/v1/reveals", json=asked, headers=OUR_PAGES)).json()
                # Words that were covered before are held when they are said openly, and then nobody may see them.
                assert set(texts) == (set() if answer.json()["status"] == "held" else set(ids))
                for number, (passage, text) in enumerate(texts.items()):
                    assert_harmless(fragment(text["html"]), BARE | cover | known)
                    revealed += 1
                    if number == 0:
                        alone = await http.post(f"/s/{passage}", data={"lang": "en"}, headers=OUR_PAGES)
                        assert_harmless(alone.text, known | cover)
        assert revealed > 2 * len(VECTORS)
        async for _, page in read_all(http, seeds):
            assert_harmless(page, known)
