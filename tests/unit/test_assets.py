"""Static files as they are sent."""

import re

import pytest

from forum.paths import STATIC_DIR
from forum.web.assets import content_of, without_comments

MODULES = sorted(path.name for path in (STATIC_DIR / "js").glob("*.js"))


@pytest.mark.parametrize(
    ("script", "sent"),
    [
        ("// a\nb();\n", "\nb();\n"),
        ("/** a */\nb();\n", "\nb();\n"),
        ("/**\n * a\n * // b\n */\nc();\n", "\n\n\n\nc();\n"),
        ("  // a\n  b();\n", "\n  b();\n"),
        ('a("//b"); // c\n', 'a("//b"); // c\n'),
        ('a = "https://b";\n', 'a = "https://b";\n'),
        ("const a = /** @type {any} */ (b);\n", "const a = /** @type {any} */ (b);\n"),
        ("/** @type {any} */ (a).b();\n", "/** @type {any} */ (a).b();\n"),
        ("/* a */ b();\n", "/* a */ b();\n"),
    ],
)
def test_comments_on_lines_of_their_own_are_not_sent(script: str, sent: str) -> None:
    assert without_comments(script.encode()) == sent.encode()


@pytest.mark.parametrize("name", MODULES)
def test_modules_keep_their_lines_and_their_code(name: str) -> None:
    source = (STATIC_DIR / "js" / name).read_text(encoding="utf-8")
    sent = content_of(f"js/{name}").decode()
    assert len(sent.split("\n")) == len(source.split("\n"))
    for before, after in zip(source.split("\n"), sent.split("\n"), strict=True):
        assert after in (before, "")
        if after == "":
            assert re.match(r"\s*(//|/?\*|$)", before), before
    # A template literal over several lines could hold what looks like a comment.
    for line in source.split("\n"):
        assert line.replace("\\`", "").count("`") % 2 == 0 or "/gi;" in line, line


def test_the_loader_keeps_its_notice() -> None:
    assert content_of("embed.js").startswith(b"/*! Aftershow")
