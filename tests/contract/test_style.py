"""The style no linter checks: sizes, docstrings, words that must not be here, text that no translator would find."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.repository import texts
from tests.support.templates import findings

MOST_LINES: Final = 300
MOST_TEST_LINES: Final = 500  # a use case keeps its tests together: it works, the refusals, the race
MOST_FUNCTION_LINES: Final = 40
MOST_PARAMETERS: Final = 6
PYTHON: Final = ("forum", "bench", "migrations", "tests")
CODE: Final = (".py", ".html", ".js", ".css")
# A site of its own, made up for the demonstration and written in English like its articles.
OTHER_SITE: Final = "templates/newsroom/"
# Mail may load nothing, so its stylesheet travels with it.
MAIL_LAYOUT: Final = ("templates/mail/base.html", "inline style element")
# A string in a script that is written for people; what goes to the console is for developers.
SENTENCE: Final = re.compile(r"""(?<!Error\()(?P<q>["'`])(?P<text>[A-Z][a-z]+[ ,.…!?](?:(?!(?P=q)).)*)(?P=q)""")
COMMENT: Final = re.compile(r"/\*.*?\*/|(?<![:\w])//[^\n]*", re.DOTALL)
LOADER: Final = {"static/embed.js"}  # runs on the publisher's page, whose markup gives its words: one fallback link
FORBIDDEN: Final = {
    "a package registry's host": r"pyp[i]\.org|python[h]osted|registry\.npm[j]s|deb\.debian\.or[g]",
    "a path of one machine": r"(?<![\w.])/(?:work|root|farm|tmp|home)/\w",
    "a left-over marker": r"\b(?:TO[D]O|FIXM[E]|XX[X])\b",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    for path, source in texts(*PYTHON, suffix=".py"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, Function):
                yield f"{path}:{node.lineno} {node.name}", node


def test_files_are_short() -> None:
    sizes = {path: text.count("\n") for path, text in texts(*PYTHON, "templates", "static")}
    long = {
        path: lines
        for path, lines in sizes.items()
        if lines > (MOST_TEST_LINES if path.startswith("tests/") else MOST_LINES) and path.endswith(CODE)
    }
    assert long == {}


def test_functions_are_short() -> None:
    sizes = {
        where: (node.end_lineno or node.lineno) - node.lineno + 1
        for where, node in functions()
        if not where.startswith("migrations/versions/")  # a migration is one list of steps
    }
    assert {where: size for where, size in sizes.items() if size > MOST_FUNCTION_LINES} == {}


def test_functions_take_few_parameters() -> None:
    counts = {
        where: len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs)
        for where, node in functions()
        if not where.startswith("tests/")  # fixtures are asked for by parameter
    }
    assert {where: count for where, count in counts.items() if count > MOST_PARAMETERS} == {}


def test_every_module_says_what_it_is_for() -> None:
    modules = {path: ast.get_docstring(ast.parse(source)) for path, source in texts(*PYTHON, suffix=".py")}
    assert [path for path, docstring in modules.items() if not docstring] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_names(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    hits = [
        f"{path}:{number}: {match[0]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert hits == []


def test_only_markup_vouches_for_html() -> None:
    vouching = re.compile(r"\bMarkup\(|\bmarkupsafe\.Markup\b|\|\s*safe\b")
    hits = [path for path, text in texts("forum", "templates", "bench") if vouching.search(text)]
    assert [path for path in hits if not path.startswith("forum/markup/")] == []


def test_templates_hold_no_untranslated_text_and_nothing_inline() -> None:
    hits = [
        f"{path}:{finding.line}: {finding.what}"
        for suffix in (".html", ".txt")
        for path, source in texts("templates", suffix=suffix)
        for finding in findings(source)
        if not (finding.what.startswith("unwrapped") and path.startswith(OTHER_SITE))
        and (path, finding.what) != MAIL_LAYOUT
    ]
    assert hits == []


def test_scripts_take_their_words_from_the_page() -> None:
    hits = []
    for path, source in texts("static", suffix=".js"):
        code = COMMENT.sub("", source)
        hits += [f"{path}: {match['text']}" for match in SENTENCE.finditer(code) if path not in LOADER]
    assert hits == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("<p>Hello</p>", "unwrapped in text: 'Hello'"),
        ("<p>{{ 'Hello' }}</p>", "unwrapped in text: 'Hello'"),
        ("<p>{{ 'yes' if page.ok else _('no') }}</p>", "unwrapped in text: 'yes'"),
        ('<a title="Close">{{ x }}</a>', "unwrapped in title: 'Close'"),
        ('<a aria-label="{{ "close" }}"></a>', "unwrapped in aria-label: 'close'"),
        ("{% if x %}<p>a</p>{% endif %}", "unwrapped in text: 'a'"),
        ("{{ field('Your name here') }}", "unwrapped in an expression: 'Your name here'"),
        ("{% trans %}wrapped{% endtrans %} bare", "unwrapped in text: 'bare'"),
        ("<script>go()</script>", "inline script"),
        ("<p style='x'></p>", "inline style attribute"),
        ("<p onclick='x'></p>", "inline onclick attribute"),
    ],
)
def test_the_check_of_templates_sees(source: str, what: str) -> None:
    assert what in {finding.what for finding in findings(source)}


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ _('Hello') }}, {{ page.name }}: 12 · —</p>",
        "<p class='a b'{% if x %} hidden{% endif %}>{% trans n=1 %}One{% pluralize %}{{ n }} many{% endtrans %}</p>",
        '<a class="{{ "on" if x else "off" }}" href="/c/1" title="{{ _("Link") }}">{{ x|iso }}</a>',
        '<script type="module" src="/static/a.js"></script>',
        '<script type="application/ld+json">{{ page.data }}</script>',
        "{# A comment in words #}{% set kind = 'own held' %}&nbsp;",
    ],
)
def test_the_check_of_templates_lets_pass(source: str) -> None:
    assert findings(source) == []
