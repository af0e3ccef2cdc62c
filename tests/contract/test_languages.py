"""The languages of the interface: every sentence is collected, both catalogues are whole, and pages really use them."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Any, Final

import httpx
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from selectolax.lexbor import LexborHTMLParser

from forum.app import create_app
from forum.paths import PACKAGE_DIR
from forum.web.languages import Language, available, choose, choose_accepted
from tests.support.repository import ROOT
from tests.support.seeded import ARTICLE, OUR_PAGES, Seeds, client, post, seed, settings

LOCALE: Final = PACKAGE_DIR / "locale"
TRANSLATED: Final = ("de", "ar")
PERCENT: Final = re.compile(r"%(?:\(\w+\)[a-z]|%)")
PAGE: Final = {"accept": "text/html"}


def catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def template() -> Catalog:
    return catalogue(LOCALE / "aftershow.pot")


def translated(language: str) -> Catalog:
    return catalogue(LOCALE / language / "LC_MESSAGES" / "aftershow.po", language)


def messages(found: Catalog) -> dict[Any, Message]:
    return {message.id: message for message in found if message.id}


def placeholders(text: str) -> set[str]:
    """What is filled in: `%(name)s` by the server, `{name}` by the scripts of a page."""
    return set(PERCENT.findall(text)) | {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_template_holds_every_sentence_of_the_interface(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.pot"
    extract = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "--mapping-file=pyproject.toml"]
    subprocess.run([*extract, "--keywords=N_", f"--output-file={fresh}", "."], cwd=ROOT, check=True)
    made, kept = messages(catalogue(fresh)), messages(template())
    assert len(made) > 100
    assert set(made) == set(kept), "run: make messages"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_whole(language: str) -> None:
    found = translated(language)
    assert set(messages(found)) == set(messages(template())), "run: make messages"
    assert found.obsolete == {}
    for identity, message in messages(found).items():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, identity
        assert all(strings), f"not translated: {identity}"
        assert isinstance(message.string, tuple) == isinstance(message.id, tuple), identity


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_survive_translation(language: str) -> None:
    for identity, message in messages(translated(language)).items():
        if isinstance(identity, tuple):
            wanted, strings = placeholders(identity[1]), list(message.string or ())
            # "one comment" may be said without its number; nothing else may be filled in.
            assert all(placeholders(string) <= wanted for string in strings), identity
            assert placeholders(strings[-1]) == wanted, identity
        else:
            assert placeholders(str(message.string)) == placeholders(identity), identity


@pytest.mark.parametrize("language", TRANSLATED)
def test_plurals_have_every_form(language: str) -> None:
    found = translated(language)
    assert found.num_plurals == get_plural(language).num_plurals
    plurals = [message for identity, message in messages(found).items() if isinstance(identity, tuple)]
    assert plurals
    assert all(len(message.string or ()) == found.num_plurals for message in plurals)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "لا تعليقات"),
        (1, "تعليق واحد"),
        (2, "تعليقان"),
        (3, "3 تعليقات"),
        (11, "11 تعليقًا"),
        (100, "100 تعليق"),
        (103, "103 تعليقات"),
        (1_234, "1,234 تعليقًا"),
    ],
)
def test_arabic_counts_in_six_ways(count: int, words: str) -> None:
    arabic = choose("ar")
    said = arabic.translations.ngettext("%(shown)s comment", "%(shown)s comments", count)
    assert said % {"shown": arabic.number(count)} == words


def test_catalogues_name_no_person() -> None:
    for language in TRANSLATED:
        assert translated(language).last_translator == "The Aftershow developers"


def test_every_sentence_for_the_scripts_is_in_the_template() -> None:
    source = (ROOT / "templates/macros/scripts.html").read_text(encoding="utf-8")
    assert len(re.findall(r'"[\w.]+": _\("', source)) == len(re.findall(r'^  "[\w.]+":', source, re.MULTILINE))


def test_three_languages_are_there_and_know_their_direction() -> None:
    assert {code: language.direction for code, language in available().items()} == {
        "en": "ltr",
        "de": "ltr",
        "ar": "rtl",
    }


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (("de-AT",), "de"),
        (("DE",), "de"),
        (("xx-unknown", "ar"), "ar"),
        (("xx-unknown",), "en"),
        ((None, ""), "en"),
        (("../../etc",), "en"),
    ],
)
def test_a_language_is_found_by_its_main_part(wanted: tuple[str | None, ...], code: str) -> None:
    assert choose(*wanted).code == code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("ar", "ar"),
        ("fr, de;q=0.8, en;q=0.9", "en"),
        ("fr;q=1.0,de; q=0.5", "de"),
        ("de;q=0, ar;q=0.1", "ar"),
        ("de;q=nan, ar;q=inf", "en"),
        (";;;,,,=", "en"),
        ("*", "en"),
        (",".join(["fr"] * 5_000 + ["de"]), "en"),
    ],
)
def test_a_readers_preference_is_followed(header: str, code: str) -> None:
    assert choose_accepted(header).code == code


def test_dates_and_numbers_are_localised() -> None:
    moment = datetime(2026, 3, 9, 17, 5, tzinfo=UTC)
    english, german, arabic = (available()[code] for code in ("en", "de", "ar"))
    assert german.datetime(moment) == "09.03.2026, 17:05 UTC"
    assert english.datetime(moment) == "Mar 9, 2026, 5:05\u202fPM UTC"
    assert arabic.datetime(moment).endswith("بالتوقيت العالمي")
    assert (german.number(12_345), english.number(12_345)) == ("12.345", "12,345")
    assert german.date(moment) == "9. März 2026"


def shell(answer: httpx.Response) -> tuple[str | None, str | None]:
    """(lang, dir) of a page."""
    root = LexborHTMLParser(answer.text).css_first("html")
    assert root is not None
    return root.attributes.get("lang"), root.attributes.get("dir")


def pages(seeds: Seeds) -> list[str]:
    """Every kind of page; each takes `lang`."""
    discussion, first = seeds.discussion, seeds.comments[0]
    return [
        "/?",
        f"/d/{discussion}?",
        f"/d/{discussion}?sort=oldest&",
        f"/d/{discussion}/thread/{first}?",
        f"/d/{discussion}/own?",
        f"/embed/newsroom?url={ARTICLE}&",
        f"/embed/newsroom?url={ARTICLE}-unknown&",
        f"/c/{first}/reply?",
        f"/c/{seeds.reply}/edit?",
        f"/c/{seeds.reply}/delete?",
        f"/s/{seeds.passage}?",
        "/catalogue?",
        "/catalogue?q=nobody&",
        f"/catalogue/{seeds.work}?",
        f"/catalogue/{seeds.work}/edit?",
        "/catalogue/new?",
        "/nowhere?",
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(("language", "direction", "proof"), [("de", "ltr", "Diskussion"), ("ar", "rtl", "تعليق")])
async def test_every_page_is_there_in_every_language(
    sqlite_url: str, language: str, direction: str, proof: str
) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        for page in pages(seeds):
            answer = await http.get(f"{page}lang={language}", headers={"cookie": seeds.cookie})
            assert answer.status_code == (404 if "nowhere" in page else 200), page
            assert shell(answer) == (language, direction), page
            assert proof in answer.text or "nowhere" in page or "catalogue" in page, page
            assert not english_left(answer, available()[language]), page


def english_left(answer: httpx.Response, language: Language) -> set[str]:
    """English sentences of the interface in a page that should have none."""
    sentences = {m for m in messages(template()) if isinstance(m, str) and len(m) > 14 and not placeholders(m)}
    parsed = LexborHTMLParser(answer.text)
    assert parsed.body is not None
    shown = parsed.body.text(separator="\n").split("\n")
    attributes = (node.attributes.get(name) for name in ("aria-label", "title") for node in parsed.css(f"[{name}]"))
    found = {text.strip() for text in (*shown, *(value or "" for value in attributes))}
    return {sentence for sentence in found & sentences if language.text(sentence) != sentence}


@pytest.mark.anyio
async def test_an_unknown_language_is_the_sites_own(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        answer = await http.get(f"/d/{seeds.discussion}?lang=xx-unknown")
        assert shell(answer) == ("en", "ltr")
        assert (await http.get("/?lang=xx-unknown")).status_code == 200


@pytest.mark.anyio
async def test_problems_and_shared_pages_follow_the_reader(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        await seed(app, http)
        german = {"accept-language": "de-CH, en;q=0.5"}
        problem = (await http.get("/api/v1/comments/1", headers=german)).json()
        assert problem["title"] == "Hier ist nichts"
        assert problem["detail"] == "Diesen Kommentar gibt es nicht."
        assert problem["code"] == "not_found"
        sent = {"url": ARTICLE, "body": " ", "author_name": "Ada"}
        form = await http.post("/embed/newsroom/comments?lang=ar", data={**sent, "lang": "ar"}, headers=OUR_PAGES)
        assert form.status_code == 422
        assert shell(form) == ("ar", "rtl")
        assert "لم تكتب شيئًا بعد." in form.text
        for path in ("/", "/api/docs", "/nowhere"):
            answer = await http.get(path, headers=german)
            assert shell(answer) == ("de", "ltr"), path
            assert "no-store" in answer.headers["cache-control"], path


@pytest.mark.anyio
async def test_texts_for_the_scripts_are_translated_and_survive_quotes(sqlite_url: str) -> None:
    app = create_app(settings(sqlite_url))
    async with client(app) as http:
        seeds = await seed(app, http)
        await post(http, "One more.")
        for language in ("en", *TRANSLATED):
            page = LexborHTMLParser((await http.get(f"/d/{seeds.discussion}?lang={language}")).text)
            texts = page.css_first("[data-texts]")
            assert texts is not None
            given = texts.attributes["data-texts"] or ""
            said = httpx.Response(200, content=given).json()
            assert said["loading"] == available()[language].text("Loading…")
            assert set(said) >= {"busy", "offline", "conflict", "error.name_reserved"}
