"""The documentation is about this program: what it names exists, and what exists is named."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.main import get_command

from forum.app import OPERATIONS
from forum.cli import app as command_line
from forum.errors import AftershowError
from forum.settings import describe
from forum.web.openapi import PROBLEM_MEANINGS
from tests.support.repository import ROOT

PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK: Final = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
CODE: Final = re.compile(r"`([^`\n]+)`")
# A file or folder of this repository, as texts name it.
PATH: Final = re.compile(r"(?:forum|templates|static|migrations|tests|docs|bench|requirements)(?:/[\w.*-]+)+/?")
HEADING: Final = re.compile(r"^#+ +(.+)$", re.MULTILINE)
FENCE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SETTING: Final = re.compile(r"\bAFTERSHOW_[A-Z_]+\b")
# What the loader reads of its own tag, and of the elements it fills.
DATASET: Final = re.compile(r"\b(?:given|dataset)\.(\w+)")
QUOTED_OPTIONS: Final = re.compile(r'\["identifier", "accent", "lang", "assumes", "works"\]')
MAY_BE_MISSING: Final = {"docs/images/discussion.png"}  # a picture of the running program


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The fragments that headings of a page can be linked by."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(prose)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith("https://"):
            continue
        name, _, fragment = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        relative = found.relative_to(ROOT).as_posix()
        assert found.exists() or relative in MAY_BE_MISSING, target
        if fragment:
            assert fragment in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_exists(page: Path) -> None:
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        if PATH.fullmatch(code):
            assert list(ROOT.glob(code.rstrip("/"))), code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {item.name for item in describe()} | {"AFTERSHOW_CONFIG", "AFTERSHOW_TEST_"}
    known |= {f"{item.name}_FILE" for item in describe() if item.secret}
    assert set(SETTING.findall(page.read_text(encoding="utf-8"))) <= known


def test_every_setting_has_a_section() -> None:
    headings = set(re.findall(r"^## (\w+)", text("docs/settings.md"), re.MULTILINE))
    assert {item.name for item in describe()} == headings


def commands() -> Iterator[tuple[str, set[str]]]:
    """(words after `aftershow`, its long options) of every command."""

    def walk(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, set[str]]]:
        inner = getattr(command, "commands", None)
        if inner is not None:
            for name, below in inner.items():
                yield from walk(below, (*words, name))
            return
        options = [option for parameter in getattr(command, "params", ()) for option in parameter.opts]
        yield " ".join(words), {option for option in options if option.startswith("--")} - {"--help"}

    yield from walk(get_command(command_line), ())


def test_every_command_is_explained() -> None:
    explained = text("docs/operators.md") + text("docs/sign-in.md") + text("README.md")
    found = dict(commands())
    assert {"serve", "worker", "migrate", "demo", "doctor", "site add", "site edit", "site list"} <= set(found)
    missing = [words for words in found if f"aftershow {words}" not in explained]
    assert missing == []


def test_commands_in_the_documentation_exist() -> None:
    known = dict(commands())
    every_option = {option for options in known.values() for option in options} | {"--version"}
    for page in PAGES:
        for line in re.findall(
            r"\baftershow ((?:site |catalogue |provider |user )?[a-z]+)((?: [^`\n]*)?)", shell(page)
        ):
            words, rest = line
            if words in known or words.split()[0] in known:
                used = set(re.findall(r"(?<= )--[a-z-]+", f" {rest}"))
                assert used <= every_option, (page.name, line)


def shell(page: Path) -> str:
    """The commands of a page."""
    blocks = re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return "\n".join(blocks)


def test_every_attribute_of_the_loader_is_explained() -> None:
    loader = text("static/embed.js")
    assert QUOTED_OPTIONS.search(loader), "the options that go into the frame's address are listed elsewhere now"
    read = set(DATASET.findall(loader)) | {"identifier", "accent", "lang", "assumes", "works", "countsOnly"}
    read |= {"gate"}  # by the server alone, in the page's HTML
    read |= {"one", "two", "few", "many"}  # read by the name of the plural form
    attributes = {"data-" + re.sub(r"[A-Z]", lambda m: f"-{m[0].lower()}", name) for name in read}
    assert attributes >= {"data-site", "data-url", "data-theme", "data-target", "data-aftershow-count", "data-zero"}
    explained = set(CODE.findall(text("docs/publishers.md")))
    assert attributes <= explained
    named = {name for name in explained if re.fullmatch(r"data-[a-z-]+", name)}
    assert named <= attributes
    assert all(
        f"`{option}`" in text("docs/publishers.md")
        for option in ("theme", "accent", "lang", "identifier", "assumes", "works")
    )


def test_every_read_operation_and_every_status_is_explained() -> None:
    explained = text("docs/api.md")
    for operation in OPERATIONS:
        assert operation.path in explained.replace("$ID", "{id}").replace("newsroom", "{site}"), operation.path
    statuses = set(map(int, re.findall(r"\b[45]\d\d\b", explained)))
    assert set(PROBLEM_MEANINGS) <= statuses
    assert {kind.status for kind in AftershowError.__subclasses__()} - statuses <= {502}


def test_every_decision_is_listed() -> None:
    index = text("docs/decisions/README.md")
    pages = {page.name for page in (ROOT / "docs/decisions").glob("*.md")} - {"README.md"}
    assert all(f"({name})" in index for name in pages)


def test_the_changelog_knows_this_version() -> None:
    version = re.search(r'^version = "([^"]+)"', text("pyproject.toml"), re.MULTILINE)
    assert version is not None
    assert f"## [{version[1]}]" in text("CHANGELOG.md")
