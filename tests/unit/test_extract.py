"""What is read from article pages, of every shape and from nobody in particular."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.articles.extract import MAX_PROMPT, MAX_TITLE, ArticleMeta, extract

PAGES = Path(__file__).parent / "pages"
PUBLIC_URL = "https://talk.example"


def read(html: bytes | str, *, url: str = "https://news.example/a", site: str = "news") -> ArticleMeta:
    return extract(html, base_url=url, site_key=site, public_url=PUBLIC_URL)


def page(name: str, *, url: str, site: str, public_url: str = PUBLIC_URL) -> ArticleMeta:
    return extract((PAGES / name).read_bytes(), base_url=url, site_key=site, public_url=public_url)


def test_a_blog_post() -> None:
    assert page("blog.html", url="https://couch.example/?p=7", site="couch") == ArticleMeta(
        title="Night Ferry gets a second crossing",
        canonical_url="https://www.couch.example/2026/night-ferry-renewed/",
        published_at=datetime(2026, 2, 3, 17, 30, tzinfo=UTC),
        author="Ilse Vantongeren",
        image="https://couch.example/img/ferry.jpg?w=1200&h=630",
        question="Which passenger would you bring back first?",
        carries_embed=True,
    )


def test_a_news_page_that_describes_itself_in_json_ld() -> None:
    assert page("news_jsonld.html", url="https://reel.example/lantern", site="reel") == ArticleMeta(
        title="“Lantern Corps” is back & brighter",
        canonical_url="https://reel.example/lantern",
        published_at=datetime(2026, 3, 9, 7, tzinfo=UTC),
        author="Amadou Keita, Bea Lind",
        image="https://cdn.reel.example/lantern.webp",
        question="And what would you do with it?",
        carries_embed=True,
    )


def test_a_page_written_by_hand() -> None:
    found = page("handwritten.html", url="http://tin.example/", site="tin", public_url="http://localhost:8000")
    assert found == ArticleMeta(
        title="my page about the tin city finale",
        canonical_url=None,
        published_at=None,
        author=None,
        image=None,
        question="So... what was your favourite moment?",
        carries_embed=True,
    )


def test_a_page_that_says_nothing() -> None:
    found = page("bare.html", url="https://news.example/", site="news")
    assert found == ArticleMeta(None, None, None, None, None, None, carries_embed=False)


def test_a_german_page_in_an_older_encoding() -> None:
    text = (PAGES / "german.html").read_text("utf-8").encode("cp1252")
    found = read(text)
    assert found.title == "Nachtzug: Staffel zwei kommt"
    assert found.published_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert found.question == "Wohin fährt der Zug eurer Meinung nach?"


def test_an_arabic_page() -> None:
    found = page("arabic.html", url="https://news.example/", site="news")
    assert found.title == "عودة حراس الميناء في موسم ثانٍ"
    assert found.question == "إلى أين تتجه القصة برأيك؟"


def test_a_list_of_small_articles_is_read_as_a_whole() -> None:
    found = page("list.html", url="https://news.example/", site="news")
    assert (found.title, found.question) == ("Reel Digest", "Would you have ended it there?")


def test_a_hostile_page_gains_nothing() -> None:
    found = page("hostile.html", url="https://evil.example/", site="evil")
    assert found == ArticleMeta(
        title="Atxt.exe review in two lines\ufffd\ufffd\ufffd",
        canonical_url=None,
        published_at=None,
        author=None,
        image=None,
        question="Would you click this?",
        carries_embed=False,
    )


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://talk.example/static/embed.js" data-site="news"></script>',
        "<SCRIPT DATA-SITE=news SRC=//TALK.example:443/static/embed.js?v=1></SCRIPT>",
        '<iframe src="https://talk.example/embed/news"></iframe>',
        '<iframe loading="lazy" src="https://talk.example/embed/news?url=x#y"></iframe>',
        '<noscript><iframe src="https://talk.example/embed/news"></iframe></noscript>',
        '<base href="https://talk.example/x/"><script src="../static/embed.js" data-site="news"></script>',
    ],
)
def test_the_embed_is_recognised(markup: str) -> None:
    assert read(markup).carries_embed


@pytest.mark.parametrize(
    ("markup", "identifiers"),
    [
        ('<script src="https://talk.example/static/embed.js" data-site="news" data-identifier="a&amp;b 7"></script>',
         {"a&b 7"}),
        ('<iframe src="https://talk.example/embed/news?url=x&amp;identifier=a%26b+7"></iframe>', {"a&b 7"}),
        ('<script src="https://talk.example/static/embed.js" data-site="news"></script>', set()),
        ('<script src="https://talk.example/static/embed.js" data-site="other" data-identifier="7"></script>', set()),
        ('<script src="https://evil.example/static/embed.js" data-site="news" data-identifier="7"></script>', set()),
        ('<iframe src="https://talk.example/embed/news?identifier=7"></iframe>'
         '<script data-identifier="8" src="https://talk.example/static/embed.js" data-site="news"></script>',
         {"7", "8"}),
        (f'<iframe src="https://talk.example/embed/news?{"a=1&" * 200}identifier=7"></iframe>', set()),
    ],
)  # fmt: skip
def test_the_articles_that_embeds_name(markup: str, identifiers: set[str]) -> None:
    assert read(markup).identifiers == identifiers


def test_the_end_of_a_long_page_is_looked_at_for_the_embed_only() -> None:
    embed = '<script src="https://talk.example/static/embed.js" data-site="news"></script>'
    found = read(f"<title>Long</title><p>{'word ' * 400_000}</p><p>Late text</p><h1>Late</h1>{embed}")
    assert (found.title, found.carries_embed) == ("Long", True)
    assert not read(f"{'x' * 5_000_000}{embed}").carries_embed


def test_the_embed_of_an_installation_below_a_path() -> None:
    html = '<script src="https://big.example/talk/static/embed.js" data-site="news"></script>'
    deep = extract(html, base_url="https://a.example/", site_key="news", public_url="https://big.example/talk/")
    top = extract(html, base_url="https://a.example/", site_key="news", public_url="https://big.example")
    assert (deep.carries_embed, top.carries_embed) == (True, False)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>The end of it all | Reel</title>", "The end of it all"),
        ("<title>The end of it all - News</title>", "The end of it all"),
        ("<title>The end of it all - Part 1</title>", "The end of it all - Part 1"),
        ("<title>The end - Some Paper</title><h1>The end</h1>", "The end"),
        ("<title>Paper | The end</title><meta property=og:site_name content=Paper>", "The end"),
        ("<meta property=og:title content='A | B'><title>no</title>", "A | B"),
        ("<meta property=og:title content=' &#8203; '><title>Seen</title>", "Seen"),
        ("<h1>Only <em>this</em></h1>", "Only this"),
        ("<svg><title>Icon</title></svg><h1>Text</h1>", "Icon"),
    ],
)
def test_titles(head: str, title: str) -> None:
    assert read(head).title == title


def test_long_texts_are_cut_between_words() -> None:
    found = read(f"<title>{'word ' * 200}</title><meta name=author content='{'x' * 500}'>")
    assert found.title is not None
    assert len(found.title) <= MAX_TITLE
    assert found.title.endswith("word…")
    assert found.author == "x" * 99 + "…"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-17", datetime(2026, 1, 17, tzinfo=UTC)),
        ("2026-01-17T08:00:00.5-0500", datetime(2026, 1, 17, 13, 0, 0, 500_000, tzinfo=UTC)),
        ("Sat, 17 Jan 2026 08:00:00 GMT", datetime(2026, 1, 17, 8, tzinfo=UTC)),
        ("9999-12-31T23:59:59-14:00", None),
        ("1066-10-14", None),
        ("soon", None),
    ],
)
def test_times(text: str, moment: datetime | None) -> None:
    assert read(f'<time datetime="{text}">then</time>').published_at == moment


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        ('<a rel="author" href="/x">Mina  Okafor</a>', "Mina Okafor"),
        ('<meta name="author" content="By Mina Okafor">', "Mina Okafor"),
        ('<meta name="article:author" content="https://social.example/mina">', None),
        ('<script type="application/ld+json">{"@type":"BlogPosting","author":"Mina",}</script>', "Mina"),
    ],
)
def test_authors(markup: str, author: str | None) -> None:
    assert read(markup).author == author


@pytest.mark.parametrize(
    ("html", "charset", "title"),
    [
        ("<title>café</title>".encode("latin-1"), "ISO-8859-1", "café"),
        ("<title>café</title>".encode(), None, "café"),
        ("<title>café</title>".encode("utf-16"), None, "café"),
        ("<meta charset=shift_jis><title>映画</title>".encode("shift_jis"), None, "映画"),
        (b"<title>caf\xe9</title>", "utf-8", "caf\ufffd"),
        (b"<title>cafe</title>", "rot13", "cafe"),
        (b"<title>cafe</title>", "no\x00such", "cafe"),
        (b"<meta charset=unicode_escape><title>\\x41</title>", None, "\\x41"),
    ],
)
def test_encodings(html: bytes, charset: str | None, title: str) -> None:
    found = extract(html, base_url="https://a.example/", site_key="s", public_url=PUBLIC_URL, charset=charset)
    assert found.title == title


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "<b><p>" * 140_000,
        "<p><font color=1>" * 50_000,
        "<table><tr><td>x" * 60_000,
        "<div>" * 390 + "<section></article>" * 40_000,
        "<" * 1_000_000,
        "<!--" * 250_000,
        "<a b='" * 160_000,
        "<script>" * 120_000,
        "&#" + "1" * 900_000,
        "<p>" + "? " * 450_000,
        "<p>" + "“‘" * 400_000,
        "<script type=application/ld+json>" + "[" * 290_000,
        "<script type=application/ld+json>{" + '"a":[' * 50_000 + "}</script>",
        f"<p class='{'a-b ' * 240_000}'>",
    ],
    ids=lambda html: html[:24],
)
def test_pages_made_to_be_slow_are_read_in_one_pass(html: str) -> None:
    """A browser's tree of some of these takes minutes; this test would never end."""
    assert read(html).carries_embed is False


_MARKUP = st.sampled_from(
    [
        *("<", ">", "</", "<!--", "-->", "<p>", "</p>", "<article>", "</article>", "<script", "</script>", "<title>"),
        *(' src="', "'", '"', "=", "&amp;", "&#", "&#xd800;", "/>", "<br>", "<meta name=author content=", "\x00"),
        *(
            "<link rel=canonical href=",
            "<base href=",
            "https://",
            "//[",
            "<time datetime=",
            "Do you?",
            "Tell us below.",
        ),
        *('<script type="application/ld+json">', '{"@type":"Article","author":', "[", "]", "}", "null", "\ud800"),
        *("“", "”", "‘"),
    ]
)
_PAGES = st.lists(_MARKUP | st.text(max_size=5), max_size=40).map("".join)


@settings(max_examples=200)
@given(html=st.binary(max_size=300) | _PAGES | _PAGES.map(lambda text: text.encode("utf-8", "replace")))
def test_anything_is_a_page(html: bytes | str) -> None:
    found = read(html)
    for text, limit in ((found.title, MAX_TITLE), (found.question, MAX_PROMPT), (found.author, 100)):
        assert text is None or ((text.isprintable() or text.strip()) and 0 < len(text) <= limit and "\n" not in text)
        assert text is None or text.encode()
    for url in (found.canonical_url, found.image):
        assert url is None or url.startswith(("https://", "http://"))
