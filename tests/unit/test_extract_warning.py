"""What an article's page says about spoilers: in its embed's tag, in a plain frame's address, or in its head."""

import pytest

from forum.articles.assumed import UNREADABLE
from forum.articles.extract import ArticleMeta, extract

PUBLIC_URL = "https://talk.example"
LOADER = f'src="{PUBLIC_URL}/static/embed.js" data-site="news"'
FRAME = f"{PUBLIC_URL}/embed/news?url=x"
HEAD = (
    '<meta name="aftershow:assumes" content="alias-comic:#28"><meta name="aftershow:works" content="alias-comic">'
    '<meta name="aftershow:gate" content="assume">'
)


def read(html: str, identifier: str | None = None) -> ArticleMeta:
    url = "https://news.example/a"
    return extract(html, base_url=url, site_key="news", public_url=PUBLIC_URL, identifier=identifier)


def said(html: str, identifier: str | None = None) -> tuple[str | None, tuple[str, ...], str | None]:
    meta = read(html, identifier)
    return meta.assumes, meta.works, meta.gate


def script(**data: str) -> str:
    said = "".join(f' data-{name}="{value}"' for name, value in data.items())
    return f"<script {LOADER}{said}></script>"


def test_the_tag_says_it() -> None:
    tag = script(assumes="jessica-jones:S1E13, civil-war-2006:#7", works="jessica-jones luke-cage", gate=" Assume ")
    assert said(tag) == ("jessica-jones:S1E13 civil-war-2006:#7", ("jessica-jones", "luke-cage"), "assume")


def test_a_plain_frame_says_it_in_its_address() -> None:
    tag = f'<iframe src="{FRAME}&amp;assumes=jj%3AS1E13+civil-war-2006%3A%237&amp;works=jj&amp;gate=off"></iframe>'
    assert said(tag) == ("jj:S1E13 civil-war-2006:#7", ("jj",), None)


def test_the_head_says_it() -> None:
    assert said(HEAD) == ("alias-comic:#28", ("alias-comic",), "assume")
    assert said(HEAD + script()) == ("alias-comic:#28", ("alias-comic",), "assume")


def test_the_tag_stands_above_the_head() -> None:
    tag = script(assumes="jessica-jones:S1E13", works="jessica-jones", gate="off")
    assert said(HEAD + tag) == ("jessica-jones:S1E13", ("jessica-jones",), "off")
    assert said(HEAD + script(gate="off")) == ("alias-comic:#28", ("alias-comic",), "off")


def test_a_page_that_says_nothing() -> None:
    assert said(script()) == (None, (), None)
    assert said(script(assumes=" , ", works="", gate="")) == (None, (), None)


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://evil.example/static/embed.js" data-site="news" data-assumes="a:1"></script>',
        f'<script src="{PUBLIC_URL}/static/embed.js" data-site="other" data-assumes="a:1"></script>',
        f'<iframe src="{PUBLIC_URL}/embed/other?assumes=a:1"></iframe>',
        '<div data-assumes="a:1" data-works="a" data-gate="off"></div>',
    ],
)
def test_other_tags_do_not_count(tag: str) -> None:
    assert said(tag + script()) == (None, (), None)


def test_the_embed_that_names_the_article_speaks_for_it() -> None:
    seven = script(identifier="7", assumes="a:1", gate="off")
    eight = script(identifier="8", assumes="b:2", works="b")
    plain = script(assumes="c:3")
    assert said(seven + eight + plain, "7") == ("a:1", (), "off")
    assert said(seven + eight + plain, "8") == ("b:2", ("b",), None)
    assert said(seven + eight + plain) == ("c:3", (), None)
    assert said(seven + eight + plain, "9") == (None, (), None)
    assert said(seven + HEAD, "9") == ("alias-comic:#28", ("alias-comic",), "assume")
    assert said(seven) == ("a:1", (), "off")


def test_several_tags_for_one_article_add_up_to_the_more_careful() -> None:
    assert said(script(assumes="a:1", gate="off") + script(assumes="b:2", gate="assume")) == ("a:1 b:2", (), "ask")
    assert said(script(assumes="a:1", gate="off") + script(counts_only="")) == ("a:1", (), "off")


def test_what_is_malformed_is_kept() -> None:
    assert said(script(assumes="Jessica Jones: season 1"))[0] == "Jessica Jones: season 1"
    assert said(script(assumes="a:1 b\x01:2"))[0] == f"a:1 {UNREADABLE}"
    assert (said(script(assumes="a:1 " * 3 + "b:" + "x" * 400))[0] or "").endswith(UNREADABLE)
    assert said(script(gate="sometimes but not always"))[2] == "sometimes but not al"
