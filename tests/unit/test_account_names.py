"""Names of accounts: which ones there are, and which of them are one."""

import unicodedata
from typing import Literal
from urllib.parse import quote, unquote

import pytest

from forum.accounts import addresses, names
from forum.accounts.addresses import MAX_ADDRESS, cap_key, check_email, email_key
from forum.accounts.agents import agent_label
from forum.accounts.names import MAX_KEY, MAX_NAME_LENGTH, check_account_name, name_key
from forum.accounts.places import safe_next
from forum.core import text
from forum.core.text import INVISIBLE, TextProblem, skeleton
from forum.errors import Invalid


def _refusal(name: str) -> str:
    with pytest.raises(TextProblem) as caught:
        check_account_name(name)
    return caught.value.code


@pytest.mark.parametrize(
    "name",
    [
        "Ada", "Ada Lovelace", "محمد", "小明", "Zoë", "می‌خواهم", "D'Arcy O'Neil-Šimůnek", "👩‍🚀", "J. R. R.", "x",
        "김철수", "한글 이름", "ᄀᆞᆷ", "ᏣᎳᎩ", "ᏎᏉᏯ", "ᐃᓄᒃᑎᑐᑦ", "ꓡꓲ-ꓢꓴ", "葛\U000e0100城", "ʻIolani",
        "Ada 2", "M.O.D.O.K.", "100% Ada", "Ada?", "#ada", "Ada & Eve", "Aḋa", "ไทย", "<b>Ada</b".replace("/", ""),
    ],
)  # fmt: skip
def test_people_keep_their_names(name: str) -> None:
    assert check_account_name(f"  {name} ") == name
    # It stands in the address of a profile, and comes back from there.
    assert unquote(quote(name, safe="")) == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name_empty"), (" \u200b\u2060", "name_empty"), ("x" * 41, "name_too_long"), ("a\ud800", "bad_character"),
        ("1234", "name_unusable"), ("٤٢", "name_unusable"), ("4 2", "name_unusable"), ("...", "name_unusable"),
        (".", "name_unusable"), ("..", "name_unusable"), ("-", "name_unusable"), ("a/b", "name_unusable"),
        ("a\\b", "name_unusable"), ("/", "name_unusable"), ("admin", "name_reserved"), ("Site Admin", "name_reserved"),
        ("АDМIN", "name_reserved"), ("Аftershow", "name_reserved"), ("Deleted account", "name_reserved"),
        ("||Ana||", "spoiler_in_title"), ("\u3164", "name_empty"), ("\u115f\u1160 \uffa0", "name_empty"),
        ("\u2065", "name_empty"), ("\ufff0", "name_empty"), ("\U0001d159", "name_empty"), ("\u2800", "name_empty"),
        ("\u0378", "name_unusable"), ("Admin\u3164", "name_reserved"), ("Aftershow\u1160", "name_reserved"),
        ("ᎠᎪ Ꭺdmin", "name_reserved"), ("ꓮdmin", "name_reserved"), ("ᗩᗪᗰIᑎ", "name_reserved"),
        ("ﷺ" * 21_000, "name_too_long"), (" " * 100_000 + "Ada", "name_too_long"),
    ],
)  # fmt: skip
def test_what_is_no_name(name: str, code: str) -> None:
    assert _refusal(name) == code


@pytest.mark.parametrize(
    "other",
    [
        "PAVEL", "pavel", "Pаvel", "ΡAVEL", "Ｐａｖｅｌ", "P\u200bavel", "Pav\u00adel", "Pa\u2060vel", "\u0420avel",
        "Pável", "P a v e l", "P.a.v.e.l", "P_avel", "Pave1", "PaveI", "Pave|", "𝓟𝓪𝓿𝓮𝓵", "ⓟⓐⓥⓔⓛ",
        "🅿avel", "P@vel", "Pav3l",
        "Pavel\u3164", "Pa\u115fvel", "Pavel\u1160", "\uffa0Pavel", "Pa\u2800vel", "Pavel\u2065", "Pavel\ufff0",
        "Pav\u17b4el", "Pavel\U00013441", "Pavel\U0001d159", "Pavel\u206a", "Pavel\ua4f8", "Pavelʼ",
        "Ꮲavel", "ꮲavel", "ꓑavel", "ᑭavel", "Pꓮvel", "PᎪvel", "Pꭺvel", "Pᗩvel", "Paᐯel", "Paꓦel", "Ⲣavel", "ᏢᎪᏙᎬᏞ",
        "P\u0336a\u0336vel", "\u202ePavel", "Pavel\ufe0f", "ᴘᴀᴠᴇʟ", "Pavel.", "pavel\u034f", "𝐏avel", "Pⱥvel",
    ],
)  # fmt: skip
def test_names_that_look_the_same_are_one(other: str) -> None:
    assert name_key(other) == name_key("Pavel")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("modern", "modem"), ("Vivvi", "Viwi"), ("ﬁona", "fiona"), ("Straße", "STRASSE"),
        ("Æon", "Aeon"), ("Нina", "Hina"),
        ("Οscar", "Oscar"), ("ΝΙΚΟΣ", "NIKOΣ"), ("Օlga", "Olga"), ("ſam", "sam"), ("Ⅷ", "viii"), ("１b", "lb"),
    ],
)  # fmt: skip
def test_so_are_these(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "Adam"),
        ("Ada", "Ada 2"),
        ("Ada 2", "Ada 3"),
        ("小明", "小红"),
        ("محمد", "أحمد"),
        ("👩‍🚀", "🦊"),
        ("김철수", "김철"),
        ("ᏣᎳᎩ", "ᏎᏉᏯ"),
        ("Мария", "Марина"),
    ],
)
def test_other_names_are_others(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_pictures_alone_have_a_key_of_their_own() -> None:
    assert name_key("🦊") == name_key("🦊\ufe0f\u200b") != ""
    assert name_key("👩‍🚀") == name_key("👩🚀")
    for blank in ("\u2800", "\u3164", "\u2065", "\U0001d159", "\u0301", " ", ".", "\x00", "\ud800"):
        assert name_key(f"🎬{blank}") == name_key("🎬")


def test_what_draws_nothing_is_in_no_name() -> None:
    assert check_account_name("Ed\u3164da\u2800 \u115f Lo\u200b") == "Edda Lo"
    every = (chr(code) for code in range(0x110000))
    assert {skeleton(c) for c in every if INVISIBLE.match(c)} == {""}


def test_a_key_always_fits() -> None:
    assert len(name_key("ﷺ" * MAX_NAME_LENGTH)) <= MAX_KEY
    assert name_key("ﷺ" * 40) != name_key("ﷺ" * 39)


def test_what_is_too_long_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Composing takes a second for a text as long as a form may be."""
    seen: list[int] = []

    def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], written: str) -> str:
        seen.append(len(written))
        return unicodedata.normalize(form, written)

    class Watched:
        category = staticmethod(unicodedata.category)

    Watched.normalize = staticmethod(normalize)  # type: ignore[attr-defined]
    for module in (names, text, addresses):
        monkeypatch.setattr(module, "unicodedata", Watched)
    for long in ("ﷺ" * 60_000, "a" + "\u0301\u0323" * 30_000, "🎬" + "\u0301" * 60_000):
        assert len(name_key(long)) <= MAX_KEY
        assert _refusal(long) == "name_too_long"
        with pytest.raises(Invalid):
            check_email(f"a@{long}.example")
        with pytest.raises(Invalid):
            check_email(f"{long}@mail.example")
    assert name_key("Ada") == "ada"
    assert check_email("ada@mail.example")
    assert 0 < max(seen) < MAX_ADDRESS


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ada@mail.example", "ada@mail.example"), (" Ada.L+fan@Mail.EXAMPLE\n", "Ada.L+fan@mail.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"), ("ａda＠mail.example", "ada@mail.example"),
        ("žofie@mail.example", "žofie@mail.example"), ("o'neil@sub.mail.example", "o'neil@sub.mail.example"),
    ],
)  # fmt: skip
def test_addresses(typed: str, written: str) -> None:
    assert check_email(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        "", "@", "ada", "ada@", "@mail.example", "ada@host", "a@b@mail.example", "a b@mail.example",
        "a\n@mail.example",
        "ada@mail.example\nbcc: eve@mail.example", "ada@mail.example,eve@mail.example",
        "<ada@mail.example>", "a\x00@m.ex",
        "ada@[127.0.0.1]", "ada@127.0.0.1", "ada@-mail.example", "ada@mail..example",
        "a..b@mail.example", ".a@mail.example",
        "a@mail.example.", '"a b"@mail.example', "a" * 65 + "@mail.example",
        "a@" + "b." * 130 + "example", "a\u2028@m.example",
    ],
)  # fmt: skip
def test_no_addresses(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_email(typed)
    assert [(error.loc, error.code) for error in caught.value.errors] == [("email", "bad_email")]


def test_spellings_of_an_address_are_one() -> None:
    keys = {email_key(check_email(typed)) for typed in ("Ada@mail.example", "ada@MAIL.EXAMPLE", "ａDA@mail.example")}
    assert keys == {"ada@mail.example"}
    assert email_key("ada+fan@mail.example") != email_key("ada@mail.example")
    assert cap_key("Ada+fan@mail.example") == cap_key("ada+2@mail.example") == "ada@mail.example"
    assert cap_key("a.da@mail.example") != cap_key("ada@mail.example")


@pytest.mark.parametrize("typed", ["a.d.a@gmail.com", "ADA@GMAIL.com", "ada+x.y@gmail.com", "a.da+2@googlemail.com"])
def test_addresses_of_one_box_count_as_one(typed: str) -> None:
    assert cap_key(check_email(typed)) == "ada@gmail.com"
    assert email_key(check_email(typed)) == typed.casefold()


@pytest.mark.parametrize(
    "place",
    ["/", "/d/7?sort=newest&at=8#c9", "/u/Ada%20L", "/auth/handoff?site=a&origin=https://x.example:8443&challenge=A_-"],
)
def test_own_places(place: str) -> None:
    assert safe_next(place) == place


@pytest.mark.parametrize(
    "place",
    [
        None, "", "d/7", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "/a\\b", "https://evil.example",
        "https:evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example",
        " //evil.example", "/ä", "/a b",
        "\u2028/", "/" + "a" * 2000, "/\x00", "?next=/", "#",
    ],
)  # fmt: skip
def test_other_places_are_home(place: str | None) -> None:
    assert safe_next(place) == "/"


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.7.1", ""), ("", ""), ("<script>Firefox/", "Firefox"),
    ],
)  # fmt: skip
def test_browsers(header: str, label: str) -> None:
    assert agent_label(header) == label
