"""What the pages of a person's settings have in common: whose they are, how they are drawn, where the others go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.model import Account, Kind, Session
from forum.accounts.present import account_view
from forum.accounts.service_session import require_account
from forum.accounts.settings_nav import NAV
from forum.accounts.views import AccountView
from forum.errors import Forbidden, SignInNeeded
from forum.runtime import Runtime
from forum.web.headers import shell_headers
from forum.web.languages import Language, choose, choose_accepted
from forum.web.pages import personal_page, see_other
from forum.web.visitors import visitor_of

SIGN_IN, SIGN_IN_AGAIN = "/auth", "/auth/again"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage:
    """What `settings.html` draws; pages add what they need. `here` is their path in the menu. `said` is what was done
    just now and `error` what stood in the way: sentences marked with N_, or translated already."""

    person: AccountView
    here: str
    theme: str = "auto"
    said: str = ""
    error: str = ""
    nav: tuple[tuple[str, str], ...] = NAV


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody at their own settings, by a first-party session."""

    rt: Runtime
    request: Request
    account: Account
    session: Session

    @property
    def person(self) -> AccountView:
        """Who it is, for the masthead."""
        return account_view(self.account, kind=Kind.MAIN)

    @property
    def language(self) -> Language:
        """The language of their choice, or else of their browser."""
        return language_of(self.account, self.request)

    def page(
        self, template: str, page: SettingsPage, *, status: int = 200, extra: Mapping[str, str] | None = None
    ) -> Response:
        """A page of theirs. `extra` are headers."""
        headers = {**shell_headers(None, https=self.rt.settings.secure_cookies), **(extra or {})}
        return personal_page(self.rt.renderer.page(template, page, self.language), headers, status)


def language_of(account: Account | None, request: Request) -> Language:
    """The language of a personal page: of its person's choice, or else of the browser."""
    if account is not None and account.locale:
        return choose(account.locale)
    return choose_accepted(request.headers.get("accept-language", ""))


def at_home(
    rt: Runtime, show: Callable[[Home], Awaitable[Response]], *, path: str, fresh: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for who is signed in. Everybody else goes to sign in, and from there to `path`; who did so a while
    ago goes to do it again where `show` (or `fresh`) asks for that."""

    async def endpoint(request: Request) -> Response:
        request.state.back_href = path
        try:
            account, session = await require_account(rt, visitor_of(request, rt.settings), fresh=fresh)
            return await show(Home(rt, request, account, session))
        except SignInNeeded:
            return see_other(to_sign_in(path))
        except Forbidden as error:
            if error.code != "sign_in_again":
                raise
            return see_other(to_sign_in(path, again=True))

    return endpoint


def to_sign_in(path: str, *, again: bool = False) -> str:
    """Where somebody signs in (or proves themselves again) who wants to go to a path of this server."""
    return f"{SIGN_IN_AGAIN if again else SIGN_IN}?next={quote(path, safe='/')}"
