"""Article addresses: one spelling per page, and nothing that two parsers could read as two hosts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.articles.urls import (
    MAX_URL_LENGTH,
    TRACKING_PARAMETERS,
    UrlProblem,
    is_allowed,
    normalise_origin,
    normalise_url,
    origin_of,
)


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTPS://News.Example/Review", "https://news.example/Review"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("http://news.example:80/a", "http://news.example/a"),
        ("http://news.example:443/a", "http://news.example:443/a"),
        ("https://news.example:/a", "https://news.example/a"),
        ("https://news.example:08443/a", "https://news.example:8443/a"),
        ("https://news.example/a#comments", "https://news.example/a"),
        ("https://news.example/a?#comments", "https://news.example/a"),
        ("https://news.example/a?b=2&utm_source=mail&a=1&fbclid=x", "https://news.example/a?b=2&a=1"),
        ("https://news.example/a?UTM_Medium=x&&page=2&", "https://news.example/a?page=2"),
        ("https://news.example/a?utm%5Fsource=x", "https://news.example/a"),
        ("https://news.example/a?reference=1&gclidx=2", "https://news.example/a?reference=1&gclidx=2"),
        ("https://news.example/a?q=", "https://news.example/a?q="),
        ("https://news.example/a/", "https://news.example/a/"),
        ("https://news.example/a/./b/../c", "https://news.example/a/c"),
        ("https://news.example/../../a/%2e%2E/b/..", "https://news.example/"),
        ("https://news.example/a/.", "https://news.example/a/"),
        ("https://news.example//a//b", "https://news.example//a//b"),
        ("https://news.example/%7euser/caf%c3%a9", "https://news.example/~user/caf%C3%A9"),
        ("https://news.example/café pause", "https://news.example/caf%C3%A9%20pause"),
        ("https://news.example/a%2fb%252e", "https://news.example/a%2Fb%252e"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("https://news.example/?tag[]=1", "https://news.example/?tag%5B%5D=1"),
        ("https://MÜNCHEN.example/", "https://xn--mnchen-3ya.example/"),
        ("https://новости.example/", "https://xn--b1amnebsh.example/"),
        ("http://[2001:DB8:0::1]:80/a", "http://[2001:db8::1]/a"),
        ("http://192.0.2.7/a", "http://192.0.2.7/a"),
        (" https://news.example/a ", "https://news.example/a"),
    ],
)
def test_one_spelling_for_each_page(given_url: str, expected: str) -> None:
    assert normalise_url(given_url, strip_www=False) == expected


@pytest.mark.parametrize("name", sorted({*TRACKING_PARAMETERS, "utm_id"}))
def test_tracking_parameters_do_not_make_another_article(name: str) -> None:
    assert normalise_url(f"https://news.example/a?{name}=1&p=2", strip_www=False) == "https://news.example/a?p=2"


def test_www_goes_only_when_the_site_says_so() -> None:
    assert normalise_url("https://www.news.example/a", strip_www=False) == "https://www.news.example/a"
    assert normalise_url("https://www.news.example/a", strip_www=True) == "https://news.example/a"
    assert normalise_url("https://www.www.news.example/", strip_www=True) == "https://news.example/"
    assert normalise_url("https://www.example/", strip_www=True) == "https://www.example/"
    assert normalise_url("https://wwwnews.example/", strip_www=True) == "https://wwwnews.example/"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("", "bad_url"),
        ("news.example/a", "bad_url"),
        ("//news.example/a", "bad_url"),
        ("https:/news.example/a", "bad_url"),
        ("https:news.example", "bad_url"),
        ("https:///a", "bad_url"),
        ("https://", "bad_url"),
        ("javascript:alert(1)", "bad_scheme"),
        ("ftp://news.example/", "bad_scheme"),
        ("data:text/html,x", "bad_scheme"),
        ("blob:https://news.example/1", "bad_scheme"),
        ("https://user@news.example/", "has_credentials"),
        ("https://good.example@evil.example/", "has_credentials"),
        ("https://good.example:443@evil.example/", "has_credentials"),
        ("https://good.example\\@evil.example/", "has_credentials"),
        ("https://good.example%40evil.example/", "bad_url"),
        ("https://good.example\\.evil.example/", "bad_url"),
        ("https:\\\\good.example/", "bad_url"),
        ("https://good.example/\\evil.example", "bad_url"),
        ("https://good.example\t.evil.example/", "bad_url"),
        ("https://good.example/a\nb", "bad_url"),
        ("ht\ttps://good.example/", "bad_url"),
        ("https://good.example/\x00", "bad_url"),
        ("https://good.example/\ud800", "bad_url"),
        ("https://good。example/", "bad_url"),
        ("https://good.example／evil/", "bad_url"),
        ("https://ｇood.example/", "bad_url"),
        ("https://faß.example/", "bad_url"),
        ("https://go\u00adod.example/", "bad_url"),
        ("https://go\u200dod.example/", "bad_url"),
        ("https://good.example./", "bad_url"),
        ("https://.good.example/", "bad_url"),
        ("https://good..example/", "bad_url"),
        ("https://-good.example/", "bad_url"),
        ("https://good example/", "bad_url"),
        ("https://good.example:0/", "bad_url"),
        ("https://good.example:65536/", "bad_url"),
        ("https://good.example:-1/", "bad_url"),
        ("https://good.example:8o/", "bad_url"),
        ("https://good.example:٨٠/", "bad_url"),
        ("https://good.example:80:80/", "bad_url"),
        ("https://127.1/", "bad_url"),
        ("https://0x7f000001/", "bad_url"),
        ("https://2130706433/", "bad_url"),
        ("https://0177.0.0.1/", "bad_url"),
        ("https://1.2.3.256/", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://[fe80::1%25eth0]/", "bad_url"),
        ("https://[127.0.0.1]/", "bad_url"),
        ("https://" + "a" * 64 + ".example/", "bad_url"),
        ("https://" + "ä." * 200 + "example/", "bad_url"),
        ("https://news.example/" + "a" * MAX_URL_LENGTH, "too_long"),
        ("https://news.example/" + "é" * 600, "too_long"),
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(bad: str, code: str) -> None:
    with pytest.raises(UrlProblem) as caught:
        normalise_url(bad, strip_www=False)
    assert caught.value.code == code
    assert not is_allowed(bad, ["https://good.example", "https://evil.example"], strip_www=True)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://News.Example:443/a?b#c") == "https://news.example"
    assert origin_of("http://localhost:8001/a") == "http://localhost:8001"
    assert normalise_origin("http://localhost:8001") == "http://localhost:8001"
    assert normalise_origin("HTTPS://News.Example:443/") == "https://news.example"
    assert normalise_origin("https://münchen.example") == "https://xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("*", "not_an_origin"),
        ("https://*.news.example", "not_an_origin"),
        ("https://news.example/section", "not_an_origin"),
        ("https://news.example?x", "not_an_origin"),
        ("https://news.example/#", "not_an_origin"),
        ("null", "bad_url"),
        ("news.example", "bad_url"),
        ("localhost:8001", "bad_scheme"),
        ("https://me@news.example", "has_credentials"),
    ],
)
def test_origins_an_operator_may_not_give(bad: str, code: str) -> None:
    with pytest.raises(UrlProblem) as caught:
        normalise_origin(bad)
    assert caught.value.code == code


def test_only_the_exact_origin_is_allowed() -> None:
    origins = ["https://news.example", "http://localhost:8001"]
    for url in ("https://news.example/a", "HTTPS://NEWS.example:443", "http://localhost:8001/x"):
        assert is_allowed(url, origins, strip_www=False)
    for url in (
        "http://news.example/a",
        "https://news.example:8443/a",
        "https://www.news.example/a",
        "https://news.example.evil.example/a",
        "https://evilnews.example/a",
        "http://localhost:8002/",
        "http://localhost/",
    ):
        assert not is_allowed(url, origins, strip_www=False)


def test_www_matches_in_both_directions_when_the_site_says_so() -> None:
    assert is_allowed("https://www.news.example/a", ["https://news.example"], strip_www=True)
    assert is_allowed("https://news.example/a", ["https://www.news.example"], strip_www=True)
    assert not is_allowed("http://www.news.example/a", ["https://news.example"], strip_www=True)
    assert not is_allowed("https://www.evil.example/a", ["https://news.example"], strip_www=True)


_PIECES = st.sampled_from(
    [
        *("https://", "http://", "HTTP:", "//", "/", "\\", "@", ":", ":80", ":443", ":0", "?", "&", "#", "="),
        *("%", "%2e", "%2F", "%zz", "..", ".", "www.", "news.example", "ä", "ß", "。", "[::1]", "127.0.0.1"),
        *("0x7f", "utm_a=1", "a=b", " ", "\t", "\u202e"),
    ]
)
_ALMOST_URLS = st.lists(_PIECES | st.text(max_size=4), max_size=12).map("".join)
_MOSTLY_URLS = _ALMOST_URLS.map(lambda tail: "https://www.news.example/" + tail)


@given(url=st.text() | _ALMOST_URLS | _MOSTLY_URLS, strip_www=st.booleans())
def test_whatever_comes_is_normal_or_refused(url: str, strip_www: bool) -> None:
    try:
        once = normalise_url(url, strip_www=strip_www)
    except UrlProblem:
        return
    assert normalise_url(once, strip_www=strip_www) == once
    assert len(once) <= MAX_URL_LENGTH
    assert re.fullmatch(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::[0-9]+)?/[!-~]*", once)
    assert is_allowed(once, [origin_of(once)], strip_www=strip_www)


@given(text=st.text() | _ALMOST_URLS)
def test_whatever_an_operator_types_is_an_origin_or_refused(text: str) -> None:
    try:
        origin = normalise_origin(text)
    except UrlProblem:
        return
    assert normalise_origin(origin) == origin == origin_of(origin)
