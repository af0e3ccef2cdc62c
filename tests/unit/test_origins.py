"""Which two origins `www.` makes one."""

import pytest

from forum.sites.origins import with_www_twins, without_www


@pytest.mark.parametrize(
    ("origins", "twins"),
    [
        (("https://news.example",), ("https://news.example", "https://www.news.example")),
        (("https://www.news.example",), ("https://www.news.example", "https://news.example")),
        (("https://news.example:8443",), ("https://news.example:8443", "https://www.news.example:8443")),
        (("https://a.example", "https://www.a.example"), ("https://a.example", "https://www.a.example")),
        (("http://localhost:8000",), ("http://localhost:8000",)),
        (("https://www.example",), ("https://www.example", "https://www.www.example")),
        (("http://127.0.0.1:8000", "http://[::1]:8000"), ("http://127.0.0.1:8000", "http://[::1]:8000")),
    ],
)
def test_twins(origins: tuple[str, ...], twins: tuple[str, ...]) -> None:
    assert with_www_twins(origins) == twins
    assert {without_www(twin) for twin in twins} == {without_www(origin) for origin in origins}
