"""The only place where Markup is put together by hand. Everything given as `str` is escaped here."""

import json
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

_IN_SCRIPT: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def join(parts: Iterable[Markup]) -> Markup:
    """Return the parts one after the other. A part that is not Markup is a mistake and raises TypeError."""
    checked = list(parts)
    for part in checked:
        if not isinstance(part, Markup):
            raise TypeError("only Markup can be joined")
    return Markup("".join(checked))  # noqa: S704 (every part was Markup before)


def json_script(value: object) -> Markup:
    """Return `value` as JSON that cannot end, or be misread in, the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 (nothing in it can open or close an element)


def node(comment_id: int, parent_id: int | None, depth: int, article: Markup, tail: Markup) -> Markup:
    """Return the list item that holds one comment and, as `tail`, what hangs below it."""
    # Numbers and Markup only: nothing here needs escaping, and Markup.format would take most of a page's time.
    return Markup(  # noqa: S704
        f'<li id="c{comment_id:d}" class="node" data-comment="{comment_id:d}" '
        f'data-parent="{"" if parent_id is None else int(parent_id)}" data-depth="{depth:d}">'
        f"{_checked(article)}{_checked(tail)}</li>"
    )


def replies(comment_id: int, items: Iterable[Markup]) -> Markup:
    """Return the list of replies below a comment, or empty Markup when there are none."""
    inner = join(items)
    if not inner:
        return inner
    return Markup(f'<ol class="replies" data-replies="{comment_id:d}">{inner}</ol>')  # noqa: S704


def _checked(part: Markup) -> str:
    if not isinstance(part, Markup):
        raise TypeError("only Markup can be joined")
    return str.__str__(part)


def stored(html: str) -> Markup:
    """Return HTML that `render` made and the database kept. Nothing else may be passed here."""
    return Markup(html)  # noqa: S704 (it came out of the sanitiser)
