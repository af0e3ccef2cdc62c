"""GET and POST /settings: one's name, address, language, looks, and what one wants to be told of. Needs no scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.policy import is_fresh
from forum.accounts.settings_pages import Home, SettingsPage, at_home, to_sign_in
from forum.accounts.signin.service_mail import begin_email_change
from forum.core.i18n import N_
from forum.errors import AftershowError, FieldError, Invalid
from forum.people.service_settings import (
    NOTIFY,
    PACES,
    THEMES,
    change_looks,
    change_name,
    change_notify,
    notify_of,
    time_zones,
)
from forum.runtime import Runtime
from forum.web.inputs import read_form
from forum.web.languages import available
from forum.web.limits import ACCOUNT, MAIL
from forum.web.pages import see_other
from forum.web.problems import MENDABLE, sentences
from forum.web.visitors import visitor_of

PATH: Final = "/settings"
FIELDS: Final = frozenset({"act", "name", "email", "locale", "time_zone", "theme", *NOTIFY})
SAVED: Final = N_("Saved.")
THEME_NAMES: Final[Mapping[str, str]] = {
    "auto": N_("As the browser says"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}
NOTIFY_NAMES: Final[Mapping[str, str]] = {
    "replies": N_("Replies to you"),
    "mentions": N_("Mentions of your name"),
    "follows": N_("Discussions you follow"),
}
PACE_NAMES: Final[Mapping[str, str]] = {
    "instant": N_("At once"),
    "daily": N_("Once a day"),
    "never": N_("Never"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class YouPage(SettingsPage):
    """What `pages/settings.html` draws: `fields` as they are, or as they were typed, `errors` by field. `mail` False:
    this server sends none; `fresh` False: a new address needs another sign-in first (`again_href`)."""

    fields: Mapping[str, str]
    errors: Mapping[str, str]
    address: str | None
    verified: bool
    mail: bool
    fresh: bool
    again_href: str
    languages: tuple[tuple[str, str], ...]
    zones: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    notify: tuple[tuple[str, str], ...]
    paces: tuple[tuple[str, str], ...]


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this page."""

    async def show(home: Home) -> Response:
        return await save(home) if home.request.method == "POST" else draw(home)

    return [Route(PATH, at_home(rt, show, path=PATH), methods=["GET", "POST"])]


def draw(home: Home, *, typed: Mapping[str, str] | None = None, error: AftershowError | None = None) -> Response:
    """The page; after a refusal with what was typed, and with its status."""
    account, text = home.account, home.language.text
    said = {} if error is None else sentences(error, home.language)
    fields = {"name": account.name, "locale": account.locale, "time_zone": account.time_zone, "theme": account.theme}
    page = YouPage(
        person=home.person,
        here=PATH,
        theme=account.theme,
        said=SAVED if home.request.query_params.get("done") else "",
        error=said.pop("", ""),
        fields={**fields, "email": "", **notify_of(account), **(typed or {})},
        errors={**dict.fromkeys(FIELDS, ""), **said},
        address=account.email,
        verified=account.email_verified_at is not None,
        mail=home.rt.mailer.can_send,
        fresh=is_fresh(home.session, home.rt.clock.now()),
        again_href=to_sign_in(f"{PATH}#address", again=True),
        languages=tuple((code, _own_name(code)) for code in available()),
        zones=tuple((zone, zone.replace("_", " ")) for zone in time_zones()),
        themes=tuple((key, text(THEME_NAMES[key])) for key in THEMES),
        notify=tuple((key, text(name)) for key, name in NOTIFY_NAMES.items()),
        paces=tuple((key, text(PACE_NAMES[key])) for key in PACES),
    )
    if error is None:
        return home.page("pages/settings.html", page)
    extra = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return home.page("pages/settings.html", page, status=error.status, extra=extra)


def _own_name(code: str) -> str:
    """A language as those call it who speak it."""
    locale = available()[code].locale
    return str(locale.get_display_name(locale) or code)


async def save(home: Home) -> Response:
    """POST: one part of the page (`act`)."""
    values = await read_form(home.request, FIELDS)
    try:
        return see_other(await _save(home, values))
    except AftershowError as error:
        if error.status not in MENDABLE:
            raise
        return draw(home, typed={name: text for name, text in values.items() if name != "act"}, error=error)


async def _save(home: Home, values: Mapping[str, str]) -> str:
    """Do it; returns where to go then."""
    rt, account, act = home.rt, home.account, values.get("act", "")
    visitor = visitor_of(home.request, rt.settings)
    if act == "email":
        await rt.limiter.check(MAIL, visitor)
        language = home.language.code
        flow = await begin_email_change(rt, account, home.session, values.get("email", ""), locale=language)
        return f"/auth/code?flow={flow}&next={PATH}"
    await rt.limiter.check(ACCOUNT, visitor)
    if act == "name":
        await change_name(rt, account.id, values.get("name", ""))
    elif act == "looks":
        looks = {name: values.get(name, "") for name in ("locale", "time_zone", "theme")}
        await change_looks(rt, account.id, **looks)
    elif act == "notify":
        await change_notify(rt, account.id, values)
    else:
        raise Invalid(errors=(FieldError("act", "wrong_value"),))
    return f"{PATH}?done=1#{act}"
