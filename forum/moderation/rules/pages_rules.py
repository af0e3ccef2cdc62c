"""/mod/rules: the rules of a site, tried before they are saved, with every earlier version. Needs no scripts; whatever
stands in the way, what was typed comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import Role
from forum.accounts.settings_pages import language_of, to_sign_in
from forum.comments.screening.rules import Rules
from forum.comments.screening.service_spam import read_filter
from forum.core.i18n import N_
from forum.errors import AftershowError, Conflict, Forbidden
from forum.moderation.console import Console, open_console
from forum.moderation.given_back import TypedField, TypedPage, draw
from forum.moderation.guard import Moderator, guarded
from forum.moderation.rules import rules_view as views
from forum.moderation.rules.rules_fields import FIELDS, RulesRefused, fields_of, read_rules_of, typed
from forum.moderation.rules.rules_view import FoundView, RulesPage
from forum.moderation.rules.service_dry_run import try_rules
from forum.moderation.rules.service_rules import (
    LAST,
    RulesNow,
    completed,
    find_now,
    get_version,
    list_changes,
    restore_version,
    save_rules,
)
from forum.runtime import Runtime
from forum.web.inputs import PageParams, read_plain_form, read_query
from forum.web.limits import DRY_RUN
from forum.web.pages import see_other
from forum.web.problems import MENDABLE, sentences
from forum.web.visitors import visitor_of

PATH: Final = "/mod/rules"
TEMPLATE: Final = "pages/mod_rules.html"
LISTS: Final = ("refuse_words", "hold_words", "flag_words", "blocked_domains", "trusted_domains")
FORM: Final = frozenset({*FIELDS, "site", "seen", "dry_run", "save"})
RESTORE: Final = frozenset({"site", "seen", "version"})
SAVED: Final = N_("Saved. These rules are in force.")
NOT_FRESH: Final = N_(
    "Nothing is saved yet, and nothing you typed is lost. To change rules you show first that it is you: sign in again "
    "in another tab with the link below, then save here. A key has to be typed again."
)

NOT_SIGNED_IN: Final = N_(
    "You are not signed in any more. Nothing is saved yet, and nothing you typed is lost: sign in in another tab with "
    "the link below, then save here. A key has to be typed again."
)


class RulesQuery(PageParams):
    """Which site, which version fills the form, and where the list of versions goes on."""

    site: str = ""
    version: int | None = None
    before: int = LAST
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The form on its way: its fields, the version it counts on, and what is said about it."""

    fields: Mapping[str, str]
    seen: int
    error: AftershowError | None = None
    found: FoundView | None = None
    looking_at: int | None = None
    before: int = LAST
    said: str = field(default="")


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of this page and its forms."""

    async def page(rt: Runtime, request: Request, mod: Moderator) -> Response:
        return await (send_form if request.method == "POST" else show)(rt, request, mod)

    return [
        Route(PATH, guarded(rt, page, gives_back=give_back), methods=["GET", "POST"]),
        Route(f"{PATH}/restore", guarded(rt, restore_form, role=Role.EDITOR), methods=["POST"]),
    ]


async def show(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET: the rules in force, or an earlier version of them to start from."""
    query = read_query(request, RulesQuery)
    console = await open_console(rt, request, mod)
    now = await find_now(rt, console.site)
    chosen = query.version if query.version not in (None, now.version) else None
    rules = now.rules if chosen is None else await get_version(rt, console.site, chosen)
    said = SAVED if query.saved else ""
    form = Form(fields_of(rules), now.version, looking_at=chosen, before=query.before, said=said)
    return await _draw(console, now, form)


async def send_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST: try the rules (`dry_run`), or save them."""
    values = await read_plain_form(request, FORM)
    console = await open_console(rt, request, mod, key=values.get("site", ""))
    now, seen = await find_now(rt, console.site), _number(values.get("seen"))
    fields = typed(values)
    try:
        rules = read_rules_of(values)
        if values.get("dry_run"):
            return await _draw(console, now, Form(fields, seen, found=await _tried(console, now, rules)))
        await save_rules(rt, mod, console.site, rules, seen=seen)
    except AftershowError as error:
        if error.status not in (*MENDABLE, Forbidden.status):
            raise
        # Who was told that there is a newer version may save over it: they have it before them now.
        newest = now.version if isinstance(error, Conflict) else seen
        return await _draw(console, await find_now(rt, console.site), Form(fields, newest, error))
    return see_other(console.href(PATH, saved="1"))


async def give_back(rt: Runtime, request: Request) -> Response:
    """POST by nobody any more: the lists in sight, everything else kept for the next try; but no key."""
    values = await read_plain_form(request, FORM)
    language = language_of(None, request)
    kept = {name: values[name] for name in (*typed(values), "site", "seen") if values.get(name)}
    lists = [name for name in LISTS if name in kept]
    page = TypedPage(
        action=PATH,
        said=NOT_SIGNED_IN,
        sign_in=to_sign_in(PATH),
        fields=[TypedField(name, language.text(views.name_of(name)), kept[name], rows=8) for name in lists],
        others=[(name, value) for name, value in kept.items() if name not in LISTS],
        button=("save", "1", N_("Save")),
        heading=N_("Rules"),
    )
    return draw(rt, request, page)


async def _tried(console: Console, now: RulesNow, rules: Rules) -> FoundView:
    """What the rules in the form would have done, beside what those in force would."""
    rt, site = console.rt, console.site
    await rt.limiter.check(DRY_RUN, visitor_of(console.request, rt.settings))
    wanted = await completed(rt, site, rules)
    tried = await try_rules(rt, site, wanted)
    current = tried if wanted == now.rules else await try_rules(rt, site, now.rules)
    return views.found_view(console, tried, current)


async def restore_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST …/restore: an earlier version is in force again."""
    values = await read_plain_form(request, RESTORE)
    console = await open_console(rt, request, mod, role=Role.EDITOR, key=values.get("site", ""))
    version = _number(values.get("version"))
    try:
        await restore_version(rt, mod, console.site, version, seen=_number(values.get("seen")))
    except AftershowError as error:
        if error.status not in (*MENDABLE, Forbidden.status):
            raise
        now = await find_now(rt, console.site)
        old = await get_version(rt, console.site, version)
        return await _draw(console, now, Form(fields_of(old), now.version, error, looking_at=version))
    return see_other(console.href(PATH, saved="1"))


def _number(text: str | None) -> int:
    """A version's number; anything else is none that there is."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= len(str(LAST)) else -1


async def _draw(console: Console, now: RulesNow, form: Form) -> Response:
    rt, site = console.rt, console.site
    changes = await list_changes(rt, site, before=form.before)
    said = _sentences(console, form.error)
    is_fresh = console.mod.is_fresh(rt.clock.now())
    page = RulesPage(
        **console.frame("rules"),
        said=form.said,
        error=said.pop("", ""),
        seen=form.seen,
        version=now.version,
        looking_at=form.looking_at,
        may_save=console.mod.may(site.id, Role.EDITOR),
        again="" if is_fresh else to_sign_in(console.href(PATH), again=True),
        has_key=now.rules.check is not None and bool(now.rules.check.key),
        fields=form.fields,
        errors=dict.fromkeys((*FIELDS, "check_key"), "") | said,
        summary=tuple((name, f"{console.text(views.name_of(name))}: {text}") for name, text in said.items()),
        actions=views.named(console, views.ACTIONS),
        holding=views.named(console, views.ACTIONS, "off", "hold"),
        stopping=views.named(console, views.ACTIONS, "hold", "refuse"),
        checks=views.named(console, views.CHECKS),
        failures=views.named(console, views.FAILURES),
        versions=views.version_views(console, changes, now.version),
        older=console.href(PATH, before=changes[-1].version) if changes and changes[-1].version > 1 else "",
        found=form.found,
        filter=views.filter_view(await read_filter(rt, site.id), now.rules.spam_threshold),
    )
    return console.page(TEMPLATE, page, status=200 if form.error is None else form.error.status)


def _sentences(console: Console, error: AftershowError | None) -> dict[str, str]:
    """What is wrong, by field of the form; "" is the form itself."""
    if error is None:
        return {}
    if isinstance(error, RulesRefused):
        whole = console.text(
            N_("Something in there needs a change. Nothing is saved yet, and nothing you typed is lost.")
        )
        return {"": whole, **error.sentences(console.language)}
    if error.code == "sign_in_again":
        return {"": console.text(NOT_FRESH)}
    return {"": sentences(error, console.language)[""]}
