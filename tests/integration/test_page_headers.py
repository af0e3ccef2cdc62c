"""The headers of public answers: who may frame them, keep them and read them, by class of route."""

import gzip

import pytest

from tests.support.app import ARTICLE, FORM, NEWS, House, open_house
from tests.support.threads import furnished

pytestmark = pytest.mark.anyio

EMBED = f"/embed/newsroom?url={ARTICLE}"
CLOSED_TO_SCRIPTS = "default-src 'none'; frame-ancestors 'none'; sandbox"


def directives(policy: str) -> dict[str, str]:
    return {name: values for name, _, values in (part.strip().partition(" ") for part in policy.split(";"))}


async def test_an_embed_may_be_framed_by_the_sites_origins_only(house: House) -> None:
    where, root = await furnished(house)
    await house.change_site(origins=(NEWS, "https://m.news.example:8443"))
    framed = [EMBED, f"/d/{where}?frame=1", f"/d/{where}/thread/{root['id']}?frame=1", f"/d/{where}/own?frame=1"]
    framed += [f"/c/{root['id']}/reply?frame=1", f"/embed/newsroom/own?url={ARTICLE}"]
    framed += [f"{EMBED}&sort=best", "/embed/newsroom?url=nonsense", "/embed/newsroom?url=https://evil.example/"]
    for path in framed:
        headers = (await house.attacker.get(path)).headers
        policy = directives(headers["content-security-policy"])
        assert policy["frame-ancestors"] == f"{NEWS} https://m.news.example:8443", path
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert "cross-origin-opener-policy" not in headers
        assert "x-frame-options" not in headers
    await house.change_site(origins=())
    answer = await house.attacker.get("/embed/newsroom?url=nonsense")
    assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "'none'"


async def test_errors_inside_a_frame_can_be_read_there(house: House) -> None:
    where, root = await furnished(house)
    comment = f"/c/{root['id']}"
    for path, status in (
        (f"/d/{where}?frame=1&sort=best", 422),
        (f"/d/{where}?frame=1&after=x", 422),
        (f"/d/{where}/thread/7?frame=1", 404),
        (f"/d/{where}/own?frame=1&theme=pink", 422),
        (f"{comment}?frame=1&theme=pink", 422),
        (f"{comment}/edit?frame=1", 403),
        (f"{comment}/reply?frame=1&accent=red", 422),
    ):
        answer = await house.attacker.get(path)
        assert answer.status_code == status, path
        assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == NEWS, path
        assert answer.headers["cache-control"] == "no-store"
    posted = await house.attacker.submit(FORM, url=ARTICLE, body="Hello.", author_name="Noor", frame="1", theme="pink")
    assert posted.status_code == 422
    assert directives(posted.headers["content-security-policy"])["frame-ancestors"] == NEWS
    for path in ("/d/7?frame=1", "/c/7?frame=1", "/c/x/reply?frame=1"):  # whose frame that is, nobody knows
        answer = await house.attacker.get(path)
        assert answer.status_code == 404, path
        assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "'none'", path


async def test_pages_that_stand_alone_cannot_be_framed(house: House) -> None:
    where, root = await furnished(house)
    paths = [
        "/",
        "/?lang=en",
        f"/d/{where}",
        f"/d/{where}/own",
        f"/c/{root['id']}",
        f"/c/{root['id']}/reply",
        "/api/docs",
    ]
    paths += ["/nothing", "/d/7", "/d/x", f"/d/{where}?sort=best", f"/c/{root['id']}/edit", "/embed/nowhere?url=x"]
    for path in paths:
        headers = (await house.attacker.get(path)).headers
        policy = directives(headers["content-security-policy"])
        assert policy["frame-ancestors"] == "'none'", path
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert headers["cross-origin-opener-policy"] == "same-origin", path


async def test_every_answer_carries_its_headers(house: House) -> None:
    where, root = await furnished(house)
    paths = [
        "/",
        f"/d/{where}",
        EMBED,
        f"/c/{root['id']}",
        "/nothing",
        "/static/embed.js",
        "/static/nothing",
        "/theme/aa3300.css",
    ]
    paths += [
        f"/api/v1/discussions/{where}",
        "/api/v1/discussions/7",
        "/api/v1/nothing",
        "/healthz",
        "/readyz",
        "/metrics",
    ]
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            headers = (await house.attacker.http.request(method, path)).headers
            assert headers["x-content-type-options"] == "nosniff", (method, path)
            assert headers["strict-transport-security"].startswith("max-age="), (method, path)
            assert "frame-ancestors" in headers["content-security-policy"], (method, path)
            assert "camera=()" in headers["permissions-policy"], (method, path)
            assert "referrer-policy" in headers, (method, path)
            assert "server" not in headers
            if path.startswith("/api/v1"):
                assert headers["content-security-policy"] == CLOSED_TO_SCRIPTS, (method, path)


async def test_kept_and_fresh_answers_carry_the_same_headers(house: House) -> None:
    where, root = await furnished(house)
    for path in (f"/d/{where}", EMBED, "/?lang=en", f"/api/v1/comments/{root['id']}"):
        fresh, kept = await house.attacker.get(path), await house.attacker.get(path)
        assert dict(fresh.headers) == dict(kept.headers), path
        assert fresh.content == kept.content


async def test_plain_http_promises_no_https(engine_url: str) -> None:
    async with open_house(engine_url, public_url="http://localhost:8000") as house:
        assert "strict-transport-security" not in (await house.author.get("/?lang=en")).headers


async def test_public_answers_are_for_everybody(house: House) -> None:
    where, root = await furnished(house)
    for path in (f"/d/{where}", EMBED, f"/d/{where}/thread/{root['id']}", f"/api/v1/discussions/{where}"):
        answer = await house.author.get(path)
        assert answer.content == (await house.attacker.get(path)).content
        assert "set-cookie" not in answer.headers
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["cache-control"].startswith("public, max-age=0"), path
        assert "stale-while-revalidate" in answer.headers["cdn-cache-control"]
    assert f"d-{where}" in (await house.author.get(f"/d/{where}")).headers["surrogate-key"].split()


async def test_a_browser_that_has_it_is_told_so(house: House) -> None:
    where, root = await furnished(house)
    path = f"/d/{where}"
    first = await house.attacker.get(path, headers={"accept-encoding": "identity"})
    for known in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = await house.attacker.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert (await house.attacker.get(path, headers={"if-none-match": '"x"'})).status_code == 200
    await house.replier.reply(root, "News!")
    fresh = await house.attacker.get(path, headers={"if-none-match": first.headers["etag"]})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != first.headers["etag"]


async def test_pages_travel_compressed(house: House) -> None:
    where, _ = await furnished(house)
    path = f"/d/{where}"
    plain = await house.attacker.get(path, headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content)
    async with house.attacker.http.stream("GET", path, headers={"accept-encoding": "gzip, br"}) as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(raw) < len(plain.content)
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    known = {"if-none-match": packed.headers["etag"], "accept-encoding": "gzip"}
    assert (await house.attacker.get(path, headers=known)).status_code == 304


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_head_says_what_get_would(house: House, encoding: str) -> None:
    where, root = await furnished(house)
    for path in (
        f"/d/{where}",
        EMBED,
        f"/api/v1/discussions/{where}",
        f"/c/{root['id']}",
        "/static/embed.js",
        "/nothing",
    ):
        headers = {"accept-encoding": encoding}
        for _ in range(2):  # made, then kept
            head = await house.attacker.http.head(path, headers=headers)
            get = await house.attacker.get(path, headers=headers)
            assert head.status_code == get.status_code
            assert head.content == b""
            assert dict(head.headers) == dict(get.headers), path


async def test_methods_that_are_not_served_say_which_are(house: House) -> None:
    where, root = await furnished(house)
    for path in (f"/d/{where}", EMBED, "/", f"/api/v1/comments/{root['id']}", f"/api/v1/discussions/{where}"):
        answer = await house.attacker.http.options(path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert answer.headers["cache-control"] == "no-store"
    assert (await house.attacker.get(FORM)).status_code == 405


async def test_metrics_answer_only_where_they_are_switched_on(engine_url: str) -> None:
    async with open_house(engine_url, metrics=True) as house:
        assert (await house.attacker.get("/metrics")).status_code == 200
        assert (await house.attacker.read("/healthz")) == {"status": "ok"}


async def test_metrics_are_off_by_default(house: House) -> None:
    assert (await house.attacker.get("/metrics")).status_code == 404
