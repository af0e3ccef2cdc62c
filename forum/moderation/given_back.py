"""What somebody sent to the console whose session has ended: given back to be sent again, and kept nowhere. Nothing is
told of the site, and nothing is looked up: what comes back is what came in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.settings_pages import language_of, to_sign_in
from forum.comments.review.model import Verdict
from forum.comments.review.words import REASON_NAMES
from forum.core.i18n import N_
from forum.moderation.verdict_names import EFFECT_NAMES
from forum.runtime import Runtime
from forum.web.headers import shell_headers
from forum.web.inputs import NUL
from forum.web.pages import personal_page

TEMPLATE: Final = "pages/mod_typed.html"
HOME: Final = "/mod"
SAID: Final = N_(
    "You are not signed in any more. Nothing has happened yet, and nothing you typed is lost: sign in in another tab "
    "with the link below, then send it again here."
)
# What people type, and what the console calls it. Everything else comes back unseen.
TYPED: Final[Mapping[str, str]] = {
    "label": N_("A spoiler of what, and how far?"),
    "part": N_("Only these words of it"),
    "rule": N_("House rule"),
    "words": N_("In your own words"),
    "title": N_("Title"),
    "text": N_("A note that only moderators of this site read"),
}
LONG: Final = ("words", "text")
# What people pick, and what that is called.
PICKED: Final[Mapping[str, Mapping[str, str]]] = {
    "verdict": EFFECT_NAMES,
    "sanction": EFFECT_NAMES,
    "also": {Verdict.REMOVE: N_("Remove it"), Verdict.SPAM: N_("It is spam")},
    "act": {
        Verdict.CLOSE: N_("Close it"),
        Verdict.OPEN: N_("Open it again"),
        Verdict.WATCH: N_("Look at every comment first"),
        Verdict.UNWATCH: N_("Let comments through"),
        Verdict.PIN: N_("Pin it to the top"),
        Verdict.UNPIN: N_("Unpin it"),
        Verdict.FEATURE: N_("Put it on top"),
        Verdict.UNFEATURE: N_("Take it off the top"),
        Verdict.UNDO: N_("Undo"),
    },
    "reason": REASON_NAMES,
}
# A page that a form stands on; and what of its place is kept in the address to come back to.
_PAGE: Final = re.compile(r"/mod/(?:c/[0-9]{1,19}|d/[0-9]{1,19}|person/[a-z]{1,9}/[0-9]{1,19}|rules)(?=/|$)")
_PLACE: Final = ("site", "queue")
_NAME: Final = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class TypedField:
    """A text that somebody typed: `rows` of it, or one line (0)."""

    name: str
    label: str
    value: str
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPage:
    """What `pages/mod_typed.html` draws: a form to `action` with all that was sent, the texts in sight. `said` is what
    happened, `picked` names what was chosen, `button` is (name, value, words) of what sends it again."""

    action: str
    said: str
    sign_in: str
    fields: Sequence[TypedField]
    others: Sequence[tuple[str, str]]
    button: tuple[str, str, str]
    heading: str
    picked: Sequence[str] = ()
    person: None = None


async def give_back(rt: Runtime, request: Request) -> Response:
    """The answer to a form of nobody any more. Only pages of this server can send one (`SameOriginWrites`)."""
    sent = await _read(request)
    language = language_of(None, request)
    page = TypedPage(
        action=request.url.path,
        said=SAID,
        sign_in=to_sign_in(_page_of(request.url.path, dict(sent))),
        fields=[TypedField(n, language.text(TYPED[n]), v, 4 if n in LONG else 0) for n, v in sent if n in TYPED and v],
        others=[(name, value) for name, value in sent if name not in TYPED],
        button=("", "", N_("Send it again")),
        heading=N_("Moderation"),
        picked=[language.text(PICKED[name][value]) for name, value in _picked(sent)],
    )
    return draw(rt, request, page)


def draw(rt: Runtime, request: Request, page: TypedPage) -> Response:
    """Such a page, for nobody to keep and nobody to frame."""
    headers = shell_headers(None, https=rt.settings.secure_cookies)
    return personal_page(rt.renderer.page(TEMPLATE, page, language_of(None, request)), headers, 401)


async def _read(request: Request) -> list[tuple[str, str]]:
    """All that was sent, in its order: a name may come more than once."""
    async with request.form(max_files=0) as form:
        return [(_plain(name), _plain(value)) for name, value in form.multi_items() if isinstance(value, str)]


def _picked(sent: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was picked. The form about many sends a reason for everything, which counts only for what takes away."""
    without = () if dict(sent).get("verdict", Verdict.REMOVE) in (Verdict.REMOVE, Verdict.SPAM) else ("reason",)
    return [(name, value) for name, value in sent if name not in without and value in PICKED.get(name, ())]


def _plain(text: str) -> str:
    return text.replace(NUL, "").encode("utf-8", "replace").decode()


def _page_of(path: str, sent: Mapping[str, str]) -> str:
    """The page that a form stood on, to look at after signing in."""
    found = _PAGE.match(path)
    place = {name: sent[name] for name in _PLACE if _NAME.fullmatch(sent.get(name, ""))}
    return (found[0] if found else HOME) + (f"?{urlencode(place)}" if place else "")
