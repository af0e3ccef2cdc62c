"""Exceptions become answers with a status and a stable code."""

import pytest
from starlette.exceptions import HTTPException

from forum.db import ConstraintViolated
from forum.errors import FieldError, Invalid, NotFound
from forum.web.languages import choose
from forum.web.problems import as_error, document


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (NotFound("unknown_site"), 404, "unknown_site"),
        (HTTPException(404), 404, "not_found"),
        (HTTPException(405), 405, "method_not_allowed"),
        (HTTPException(400), 400, "malformed_form"),
        (ConstraintViolated("UNIQUE constraint failed: comment.id"), 503, "storage_busy"),
        (RuntimeError("a mistake of ours"), 500, "internal"),
    ],
)
def test_every_exception_has_an_answer(raised: Exception, status: int, code: str) -> None:
    error = as_error(raised)
    assert (error.status, error.code) == (status, code)


def test_a_collision_can_be_repeated() -> None:
    assert as_error(ConstraintViolated("")).retry_after is not None


def test_a_sentence_names_what_may_have_been_meant() -> None:
    several = tuple((f"War {number}", f"war-{number}:") for number in range(1, 11))
    detail = "That name can mean %(names)s here. Say which one."
    few = Invalid("ambiguous_scope", detail, errors=(FieldError("body", "x", candidates=several[:2]),))
    assert document(few, choose("en"))["detail"] == "That name can mean War 1 / War 2 here. Say which one."
    longer = Invalid("ambiguous_scope", detail, errors=(FieldError("body", "x", candidates=several),))
    assert str(document(longer, choose("en"))["detail"]).endswith("War 7 / War 8 … here. Say which one.")
