"""The languages of the interface: gettext catalogues, directions, dates and numbers.

Catalogues are read from their source form (`forum/locale/CODE/LC_MESSAGES/aftershow.po`) when the server starts:
nothing has to be compiled, and what translators edit is what runs.
"""

from __future__ import annotations

import datetime as dt
import gettext
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from forum.core.i18n import N_
from forum.paths import PACKAGE_DIR

DEFAULT = "en"
LOCALE_DIR = PACKAGE_DIR / "locale"
DOMAIN = "aftershow"
# Languages of one reader that are looked at; nobody lists more by hand.
MOST_ACCEPTED = 20
QUALITY = re.compile(r"[01](\.[0-9]{0,3})?")


_Unit = Literal["second", "minute", "hour", "day"]
# By which unit a length of time is said, from how many seconds on: in no more than about a hundred of it.
_UNITS: Final[tuple[tuple[_Unit, int, int], ...]] = (
    ("day", 86_400, 172_800),
    ("hour", 3_600, 7_200),
    ("minute", 60, 120),
)
_SECONDS: Final[tuple[_Unit, int]] = ("second", 1)
# Babel shall not choose another.
_NEVER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the interface. `direction` is "ltr" or "rtl"."""

    code: str
    direction: str
    translations: gettext.NullTranslations
    locale: Locale

    def text(self, message: str, params: Mapping[str, object] | None = None) -> str:
        """A sentence marked with N_, translated and filled in; moments and spans of time in it as people write them."""
        translated = self.translations.gettext(message) if message else ""
        if not params:
            return translated
        return translated % {name: self._written(value) for name, value in params.items()}

    def _written(self, value: object) -> object:
        if isinstance(value, dt.datetime):
            return self.datetime(value)
        return self.span(value) if isinstance(value, dt.timedelta) else value

    def span(self, length: dt.timedelta) -> str:
        """A length of time in whole seconds, minutes, hours or days, never less than it is: "90 minutes", "1 hour"."""
        seconds = math.ceil(length.total_seconds())
        fits = ((unit, size) for unit, size, least in _UNITS if seconds >= least or seconds == size)
        unit, size = next(fits, _SECONDS)
        whole = math.ceil(seconds / size) * size
        return format_timedelta(whole, granularity=unit, threshold=_NEVER, locale=self.locale)

    def datetime(self, moment: dt.datetime) -> str:
        """A moment as people write it here, to the minute, in the time zone that it comes in."""
        day = format_date(moment, "medium", locale=self.locale)
        time = format_time(moment, "short", tzinfo=moment.tzinfo, locale=self.locale)
        together = str(get_datetime_format("medium", locale=self.locale)).replace("'", "")
        written = together.replace("{0}", time).replace("{1}", day)
        if moment.tzinfo not in (None, dt.UTC):
            return written  # in their own time zone, which they know
        # The catalogue says where the name of the time zone goes.
        return self.text(N_("%(moment)s UTC"), {"moment": written})

    def date(self, moment: dt.datetime) -> str:
        """A day as people write it here."""
        return format_date(moment, "long", locale=self.locale)

    def number(self, value: int) -> str:
        """A whole number with this language's digits and separators."""
        return format_decimal(value, locale=self.locale)


@cache
def available() -> dict[str, Language]:
    """Every language there is a complete catalogue for, English first."""
    languages = {DEFAULT: _language(DEFAULT, gettext.NullTranslations())}
    for path in sorted(LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        folder = path.parent.parent.name  # "pt_BR", as gettext's tools name it
        code = folder.replace("_", "-")
        with path.open("rb") as source:
            catalogue = read_po(source, locale=folder, domain=DOMAIN)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        languages[code] = _language(code, gettext.GNUTranslations(compiled))
    return languages


def _language(code: str, translations: gettext.NullTranslations) -> Language:
    locale = Locale.parse(code, sep="-")
    direction = "rtl" if locale.character_order == "right-to-left" else "ltr"
    return Language(code, direction, translations, locale)


def find(code: str | None) -> Language | None:
    """The language of a code or of its main part ("de-AT" finds "de"), or None."""
    if not code:
        return None
    languages = available()
    return languages.get(code) or languages.get(code.split("-")[0].lower())


def choose(*wanted: str | None) -> Language:
    """The first wanted language there is; English otherwise."""
    found = (find(code) for code in wanted)
    return next((language for language in found if language is not None), available()[DEFAULT])


def choose_accepted(header: str) -> Language:
    """The reader's preference from `Accept-Language`, for pages that belong to no site."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(",", MOST_ACCEPTED)[:MOST_ACCEPTED]:
        code, _, parameter = part.partition(";")
        quality = parameter.strip().removeprefix("q=") or "1"
        # Anything else than a number from 0 to 1 is no preference, and 0 says "not this one".
        if QUALITY.fullmatch(quality) and float(quality) > 0:
            ranked.append((-float(quality), code.strip()))
    return choose(*(code for _, code in sorted(ranked, key=lambda item: item[0])))
