"""Names guests sign with: who passes, who would pass for staff."""

import pytest

from forum.accounts.names import MAX_NAME_LENGTH, check_guest_name
from forum.core.text import TextProblem

_SITE = "The Daily Panel"


def _refusal(name: str, site: str = _SITE) -> str:
    with pytest.raises(TextProblem) as caught:
        check_guest_name(name, site_name=site)
    return caught.value.code


def test_it_works() -> None:
    assert check_guest_name("  Ana   Lima ", site_name=_SITE) == "Ana Lima"


@pytest.mark.parametrize(
    "name",
    [
        "Modesta", "Adminah", "Stafford", "Modern Family", "Commodore", "Staffan", "Badminton fan", "Moderata",
        "Officially Ana", "Systema", "System of a Down fan", "Support Your Local Library", "M.O.D.O.K.", "Mo",
        "Daily Panel reader", "Panel", "Rooter", "Helper", "Модест", "Мария", "محمد", "小明", "Zoë", "می‌خواهم",
        "<b>Ana</b>", "*Ana*", "Ana1984", "D'Arcy O'Neil-Šimůnek", "👩‍🚀", "J. R. R.", "42",
    ],
)  # fmt: skip
def test_people_keep_their_names(name: str) -> None:
    assert check_guest_name(name, site_name=_SITE) == name


@pytest.mark.parametrize(
    "name",
    [
        "admin", "ADMIN", "Admins", "Administrator", "mod", "Moderator", "staff", "Support", "official", "system",
        "Aftershow", "The Daily Panel", "the-daily-panel", "Team The Daily Panel", "Site Admin", "The_Moderator",
        "SiteAdmin", "Moderator Ana", "Ana (staff)", "Ana [mod]", "Aftershow Team", "deleted", "[removed]",
        "Администратор", "модератор", "Modérateur", "Moderador",
    ],
)  # fmt: skip
def test_staff_names_are_refused(name: str) -> None:
    assert _refusal(name) == "name_reserved"


@pytest.mark.parametrize(
    "name",
    [
        "\u0410dmin", "Аdmіn", "ΑDΜΙΝ", "m0derator", "M0D", "4dm1n", "@dmin", "$taff", "5taff", "0fficia1", "adm!n",
        "A d m i n", "a.d.m.i.n", "a_d_m_i_n", "m o d", "ad\u200bmin", "ad\u00admin", "a\u2060d\u200dm\ufeffin",
        "ａｄｍｉｎ", "𝓐𝓭𝓶𝓲𝓷", "ⓜⓞⓓ", "🅰dmin", "🇲🇴🇩", "Ádmïn", "a\u0336d\u0336m\u0336i\u0336n", "adrnin", "ADMlN",
        "Moderator\u115f", "Admin\u3164", "mod\uffa0", "Ꭺdmin", "ᗰod", "ꓢtaff", "The Daily Panel\u3164",
        "ᴀᴅᴍɪɴ", "admin1", "2admin", "admin_2024", "st\u202eaff", "Аftershоw", "Тhe Dаily Раnel",
    ],
)  # fmt: skip
def test_disguised_staff_names_are_refused(name: str) -> None:
    assert _refusal(name) == "name_reserved"


@pytest.mark.parametrize("name", ["||Ana||", "Ana ||", ">!Ana!<", "[spoiler]Ana", "~!Ana!~", "<spoiler>"])
def test_nothing_in_a_name_can_be_covered(name: str) -> None:
    assert _refusal(name) == "spoiler_in_title"


def test_a_short_site_name_is_protected_only_as_a_whole() -> None:
    assert _refusal("It", site="It") == "name_reserved"
    assert check_guest_name("Let It Be", site_name="It") == "Let It Be"


def test_a_site_name_without_letters_refuses_nobody() -> None:
    assert check_guest_name("...!", site_name="…") == "...!"


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "name_empty"), (" \u200b\n", "name_empty"), ("x" * 41, "name_too_long"), ("a\ud800", "bad_character")],
)
def test_what_is_no_name(name: str, code: str) -> None:
    assert _refusal(name) == code


def test_the_longest_name_passes() -> None:
    assert len(check_guest_name("é" * MAX_NAME_LENGTH, site_name=_SITE)) == MAX_NAME_LENGTH
    assert check_guest_name("a b " * 9 + "a", site_name=_SITE)
