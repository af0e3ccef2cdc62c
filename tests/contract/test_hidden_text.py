"""Hidden text has few doors: who may read it out of the database, store it, and hand it out is listed here.

An import of one of these names is a door; what goes through it is hidden text. Whoever needs another door changes this
list, and says why.
"""

import ast
from collections.abc import Iterator
from typing import Final

import pytest
from jinja2 import nodes

from forum.comments import model, views
from forum.comments.queries import COLUMNS
from tests.support.repository import texts
from tests.support.templates import ENVIRONMENT

PASSAGES, COMMENTS = "forum.spoilers.queries_passage", "forum.comments.queries"
TABLES: Final = "forum.schema"  # which only names them all

# SQL: the tables that hold it.
STATEMENTS: Final = {
    ("forum.spoilers.tables", "passage"): {
        *("forum.spoilers.queries_passage", "forum.comments.queries_scope", TABLES),
        "forum.doctor.queries.covers",  # counts rows; selects no text
        "forum.doctor.queries.decisions",  # the same
        "forum.people.queries_quotes",  # changes whom a passage quotes; selects nothing
        "forum.moderation.queues.queries_item",  # counts quotes; selects no text
    },
    ("forum.spoilers.tables", "passage_words"): {
        *("forum.spoilers.queries_passage", TABLES),
        "forum.comments.queries_repeats",  # compares hashes; selects no text
    },
    ("forum.comments.tables", "comment_revision"): {
        *("forum.comments.queries", "forum.comments.queries_scope", "forum.doctor.queries.threads", TABLES),
        "forum.people.queries_erase",  # empties and deletes; selects nothing
        "forum.people.queries_export",  # for its author
        "forum.people.queries_quotes",  # takes a name out of what others typed
    },
}
# Storage: who lays a text out, moves it behind a cover or back, and finds out what it needs.
STORAGE: Final = {
    "forum.comments.birth",
    "forum.comments.covering",
    "forum.comments.desk",
    "forum.comments.repeats",
    "forum.comments.requoting",
    "forum.comments.service_edit",
    "forum.comments.service_scope",
    "forum.comments.spread",
    "forum.comments.stretches",
}
# The door out: to its author, and to whoever asks for it.
DOOR: Final = {"forum.comments.bodies", "forum.comments.service_read", "forum.comments.service_reveal"}
# To a moderator, as far as they have got; the rest when they ask for it.
MODERATED: Final = {"forum.moderation.queues.service_item", "forum.moderation.queues.sight"}
# Tries rules on everything that was written, and tells how often each would have said something.
TRIED: Final = {"forum.moderation.rules.service_dry_run"}
READING: Final = {
    ("forum.spoilers.passages", "Passage"): STORAGE | DOOR | MODERATED | TRIED | {PASSAGES},
    (PASSAGES, "list_passages"): STORAGE | MODERATED | TRIED | {"forum.comments.service_read"},
    # Ids of comments only.
    (PASSAGES, "list_quoting"): {
        *("forum.comments.spread", "forum.comments.requoting", "forum.people.queries_quotes"),
    },
    (PASSAGES, "list_around"): {"forum.comments.service_reveal"},
    (PASSAGES, "insert_passages"): STORAGE,
    # For its author, to be changed.
    ("forum.comments.service", "get_source"): {"forum.comments.pages_write"},
    ("forum.comments.service_reveal", "reveal"): {"forum.comments.api_reveals", "forum.comments.pages_spoiler"},
    # For its author, to take along.
    ("forum.people.service_export", "export"): {"forum.people.pages_data"},
    # To its place again, with another name where somebody's was.
    ("forum.people", "queries_quotes"): {"forum.people.service_quotes"},
    # For moderators.
    ("forum.moderation.deciding.service_cover", "get_record"): {"forum.moderation.deciding.api_scope"},
}
FIND_SOURCE: Final = {
    *("forum.comments.service", "forum.comments.service_edit", "forum.comments.service_scope"),
    *("forum.moderation.deciding.service_cover", "forum.moderation.queues.service_item"),
}
SOURCE_COLUMN: Final = {
    *("forum.comments.queries", "forum.people.queries_quotes"),
    "forum.comments.screening.queries_known",  # compares it; selects nothing
}
# The same with the comment: for its author, to be changed.
FIND_SOURCED: Final = {"forum.comments.service_edit"}
# Who names the column in other ways: to write it, to empty it, to select it by name.
SOURCE_NAMED: Final = {
    *("forum.comments.queries", "forum.comments.tables", "forum.people.queries_erase"),
    *("forum.people.queries_export", "forum.people.service_export"),
}
HIDDEN_TABLES: Final = ("comment", "comment_revision", "passage")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path, source in texts("forum", suffix=".py"):
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        yield name, ast.parse(source)


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def users(test: object) -> set[str]:
    assert callable(test)
    return {name for name, tree in modules() for node in ast.walk(tree) if test(node)}


@pytest.mark.parametrize("door", [*STATEMENTS, *READING], ids=lambda door: ".".join(door))
def test_only_these_open(door: tuple[str, str]) -> None:
    allowed = {**STATEMENTS, **READING}[door]
    found = {name for name, tree in modules() if door in set(imports(tree))}
    assert found - allowed == set()
    assert found, "nobody uses it: it has another name now"


def test_modules_with_hidden_text_are_not_imported_whole() -> None:
    """`queries_passage.list_passages` would go past the list above."""
    whole = {("forum.spoilers", "queries_passage"), ("forum.spoilers", "tables"), ("forum.spoilers", "passages")}
    whole |= {("forum.comments", "tables"), ("forum.comments", "service_reveal"), ("forum.comments", "service_scope")}
    found = {name: whole & set(imports(tree)) for name, tree in modules()}
    assert {name: names for name, names in found.items() if names} == {}


def test_what_was_typed_is_read_by_few() -> None:
    def names_column(node: ast.AST) -> bool:
        is_column = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "c"
        return is_column and node.attr == "source"  # type: ignore[attr-defined]

    assert users(names_column) <= SOURCE_COLUMN
    assert users(lambda node: isinstance(node, ast.Attribute) and node.attr == "find_source") <= FIND_SOURCE
    assert users(lambda node: isinstance(node, ast.Attribute) and node.attr == "find_sourced") <= FIND_SOURCED
    assert not {"find_source", "find_sourced"} & {name for _, tree in modules() for _, name in imports(tree)}
    assert users(lambda node: isinstance(node, ast.Constant) and node.value == "source") <= SOURCE_NAMED


def test_nobody_reads_whole_rows() -> None:
    """`select(comment)` would bring along what was typed."""

    def selects_all(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "select":
            return False
        return any(isinstance(given, ast.Name) and given.id in HIDDEN_TABLES for given in node.args)

    assert users(selects_all) == set()
    assert "source" not in {column.name for column in COLUMNS}


def test_nothing_that_is_shown_has_a_place_for_it() -> None:
    shown = {name: getattr(kind, "__annotations__", {}) for name, kind in vars(views).items() if isinstance(kind, type)}
    assert len(shown) > 5
    assert [name for name, fields in shown.items() if "source" in fields] == []
    assert not {"source", "passages"} & set(model.Comment._fields)


def test_templates_never_name_it() -> None:
    named: list[str] = []
    found = 0
    for path, source in texts("templates", suffix=".html"):
        if path.startswith("templates/pages/catalogue"):  # where a work comes from
            continue
        tree = ENVIRONMENT.parse(source)
        found += 1
        for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
            name = getattr(node, "attr", None) or getattr(node, "name", None) or getattr(node, "arg", None)
            if name in ("source", "passage", "inner_html", "hidden_text"):
                named.append(f"{path}:{node.lineno} {name}")
    assert found > 20
    assert named == []
