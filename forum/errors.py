"""Every refusal and failure the product answers with.

    AftershowError
    ├── BadRequest 400            malformed_json …
    ├── Unauthorized 401          bad_secret
    ├── SignInNeeded 401          sign_in_needed, session_ended
    ├── Forbidden 403             cross_site, not_yours, guests_not_allowed, sign_in_again …
    ├── NotFound 404              not_found, unknown_site, origin_not_allowed
    ├── Conflict 409              revision_conflict, key_reused
    ├── TooLarge 413              body_too_large
    ├── Invalid 422               a field is wrong: errors = [(where, code)]
    ├── TooManyRequests 429       rate_limited, with seconds to wait
    └── Unavailable 503           storage_busy, storage_full, storage_failing, shutting_down

Codes are stable and meant for programs; titles and details are sentences for people, translated where they are drawn.
Endpoints raise, one mapper (`forum.web.problems`) makes the problem document or the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forum.core.i18n import N_

# Of what may have been meant, a sentence lists so many.
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: `loc` names it ("body", "url"), `code` says what is wrong with it.

    `pos` is where in the field's text, in code points; `candidates` what may have been meant, as (label, token).
    """

    loc: str
    code: str
    pos: int | None = None
    candidates: tuple[tuple[str, str], ...] = ()


def _names(errors: Iterable[FieldError]) -> dict[str, object]:
    """What may have been meant, to be put into a sentence."""
    labels = [label for error in errors for label, _ in error.candidates]
    if not labels:
        return {}
    return {"names": " / ".join(labels[:MOST_NAMED]) + (" …" if labels[MOST_NAMED:] else "")}


class AftershowError(Exception):
    """The root: anything the product says no with. `detail` is an N_ sentence, `params` fills its placeholders:
    `names` with the labels of the candidates, where there are some.
    """

    status = 500
    code = "internal"
    title = N_("Something went wrong on our side")
    retry_after: int | None = None

    def __init__(
        self,
        code: str | None = None,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
        **params: object,
    ) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.detail = detail
        self.errors = errors
        self.params = {**_names(errors), **params}
        if retry_after is not None:
            self.retry_after = retry_after


class BadRequest(AftershowError):
    """The request could not be understood at all."""

    status = 400
    code = "bad_request"
    title = N_("We could not understand that request")


class Unauthorized(AftershowError):
    """A secret is missing or wrong."""

    status = 401
    code = "bad_secret"
    title = N_("This needs the site's secret key")


class SignInNeeded(AftershowError):
    """Nobody is signed in, or not any more."""

    status = 401
    code = "sign_in_needed"
    title = N_("You are not signed in")


class Forbidden(AftershowError):
    """Understood, and not allowed."""

    status = 403
    code = "forbidden"
    title = N_("That is not allowed")


class NotFound(AftershowError):
    """There is nothing here, or nothing this person may know of."""

    status = 404
    code = "not_found"
    title = N_("There is nothing here")


class MethodNotAllowed(AftershowError):
    """The address exists, but not for this method."""

    status = 405
    code = "method_not_allowed"
    title = N_("This address does not take that kind of request")


class Conflict(AftershowError):
    """Somebody else, or an earlier request, got there first."""

    status = 409
    code = "conflict"
    title = N_("Something changed in the meantime")


class TooLarge(AftershowError):
    """More bytes than any request of this kind needs."""

    status = 413
    code = "body_too_large"
    title = N_("That is too much at once")


class UnsupportedMedia(AftershowError):
    """A body of a type this address does not read."""

    status = 415
    code = "unsupported_media_type"
    title = N_("This address does not read that kind of data")


class Invalid(AftershowError):
    """One or more fields are wrong; `errors` says which and why."""

    status = 422
    code = "invalid"
    title = N_("Something in there needs a change")


class TooManyRequests(AftershowError):
    """Too much in too short a time."""

    status = 429
    code = "rate_limited"
    title = N_("A little slower, please")


class Unavailable(AftershowError):
    """The storage can't take this now; nothing was written and trying again is right."""

    status = 503
    code = "storage_busy"
    title = N_("Not saved yet: please try again in a moment")
    retry_after = 2
