"""Typed inputs: what a body, a form or a query may hold is declared, everything else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request

from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import BadRequest, FieldError, Invalid, NotFound, UnsupportedMedia

M = TypeVar("M", bound="Input")
JSON = "application/json"
# What somebody sent as the name of a field is repeated to them, but not without end.
MAX_LOC = 100
NUL = "\0"


class Input(BaseModel):
    """The base of every input. Unknown fields are refused; values are not silently converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(Input):
    """The base of query strings, where numbers arrive as text."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class PageParams(Query):
    """The base of query strings of pages for people, which collect what others append to links ("?fbclid=…")."""

    model_config = ConfigDict(extra="ignore", strict=False, frozen=True)


def _id_from_text(value: Any) -> Any:
    if isinstance(value, str):
        return parse_id(value)
    raise ValueError("an id is a decimal string")


# An id in a body or query: a decimal string there, a number here.
ID_PATTERN = "^[0-9]{1,19}$"
Id = Annotated[
    int, BeforeValidator(_id_from_text, json_schema_input_type=Annotated[str, StringConstraints(pattern=ID_PATTERN)])
]


def _invalid(error: ValidationError) -> Invalid:
    found = tuple(
        FieldError(".".join(str(part) for part in e["loc"])[:MAX_LOC] or "body", _code(e["type"]))
        for e in error.errors()
    )
    return Invalid(detail=N_("Some fields are missing, unknown, or of the wrong kind."), errors=found)


def _code(kind: str) -> str:
    known = {"missing": "missing", "extra_forbidden": "unknown_field", "string_too_long": "too_long"}
    return known.get(kind, "wrong_value")


def parse(model: type[M], values: Mapping[str, Any]) -> M:
    """Check values against a model; raises Invalid naming each wrong field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid(error) from error


async def read_json(request: Request, model: type[M]) -> M:
    """The request's JSON body as a model; raises UnsupportedMedia, BadRequest or Invalid."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise UnsupportedMedia("unsupported_media_type", N_("Send application/json here."))
    try:
        values = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest("malformed_json", N_("The body is no valid JSON.")) from error
    if not isinstance(values, dict):
        raise Invalid("invalid", N_("The body must be a JSON object."), errors=(FieldError("body", "wrong_value"),))
    return parse(model, values)


async def read_form(request: Request, fields: frozenset[str]) -> dict[str, str]:
    """A form's fields as text; fields that are not expected are refused, files too."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise UnsupportedMedia("unsupported_media_type", N_("Send a form here."))
    async with request.form(max_files=0, max_fields=max(20, len(fields))) as form:
        values = {_text(name): _text(value) for name, value in form.multi_items() if isinstance(value, str)}
    unknown = sorted(set(values) - fields)
    if unknown:
        raise Invalid(errors=tuple(FieldError(name[:MAX_LOC], "unknown_field") for name in unknown))
    return values


def _text(value: str) -> str:
    """A form may declare a character set that yields halves of characters: they become question marks."""
    return value.encode("utf-8", "replace").decode()


async def read_plain_form(request: Request, fields: frozenset[str]) -> dict[str, str]:
    """The same without NUL, which no field of a page can hold and no database keeps."""
    return {name: value.replace(NUL, "") for name, value in (await read_form(request, fields)).items()}


def require_plain_query(request: Request) -> None:
    """Raise Invalid for NUL in the query, which nothing that is stored can hold."""
    wrong = [name for name, value in request.query_params.multi_items() if NUL in value]
    if wrong:
        raise Invalid(errors=tuple(FieldError(name[:MAX_LOC], "wrong_value") for name in wrong))


def read_query(request: Request, model: type[M], *, lists: frozenset[str] = frozenset()) -> M:
    """The query string as a model. A parameter given twice counts once, except those in `lists`."""
    values: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in lists:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    return parse(model, values)


def has_only_known(request: Request, model: type[Input]) -> bool:
    """Whether every parameter of the address is one that the model knows."""
    return set(request.query_params) <= set(model.model_fields)


def path_id(request: Request, name: str = "id") -> int:
    """An id in the address; text that can't be one names nothing, so it is a 404."""
    try:
        return parse_id(request.path_params[name])
    except ValueError as error:
        raise NotFound() from error
