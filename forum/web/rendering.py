"""Templates: one environment for each language, strict about names, escaping everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket
from markupsafe import Markup

from forum.markup.html import Drawn, hole
from forum.paths import TEMPLATES_DIR
from forum.web.assets import asset
from forum.web.languages import Language


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Compiled(BytecodeCache):
    """The templates that this process has compiled, so that another renderer need not do so again."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what is kept under its key."""
        bucket.code = self._code.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what the bucket holds; files do not change while a process runs (`auto_reload` is off too)."""
        self._code[bucket.key] = bucket.code


@cache
def _compiled(language: str) -> _Compiled:
    """Each language has its own: the compiler already applies filters to what is constant."""
    return _Compiled()


class Renderer:
    """Draws templates. They get `page` (a context dataclass), `lang`, `dir`, `public_url` and `hole`."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._hole = hole()
        self._environments: dict[str, Environment] = {}
        self._kept: dict[tuple[str, str, str], Markup] = {}
        self._macros: dict[tuple[str, str, str], Callable[..., Markup]] = {}

    def page(self, template: str, context: object, language: Language, *, inner: Drawn | None = None) -> bytes:
        """A whole document in UTF-8.

        `inner`, ready bytes, takes the place of `{{ hole }}`: most of a page is neither copied nor encoded again.
        """
        names = {"lang": language.code, "dir": language.direction, "public_url": self._public_url}
        drawn = self._environment(language).get_template(template).render(page=context, hole=self._hole, **names)
        if inner is None:
            return drawn.encode()
        head, _, tail = drawn.partition(self._hole)
        return b"".join((head.encode(), inner, tail.encode()))

    def text(self, template: str, context: object, language: Language) -> str:
        """A template as text. Only one called .txt escapes nothing: it must never become part of a page."""
        names = {"lang": language.code, "dir": language.direction, "public_url": self._public_url}
        return self._environment(language).get_template(template).render(page=context, **names)

    def macro(self, file: str, name: str, language: Language) -> Callable[..., Markup]:
        """A macro of a template, for pieces that are kept and put together in Python."""
        key = (file, name, language.code)
        found = self._macros.get(key)
        if found is None:
            module = self._environment(language).get_template(f"macros/{file}.html").module
            found = self._macros[key] = getattr(module, name)
        return found

    def _keep(self, language: Language, file: str, name: str) -> Markup:
        """`kept("scripts", "texts")` in a template: a macro without arguments, drawn once for each language."""
        key = (file, name, language.code)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self.macro(file, name, language)()
        return found

    def _environment(self, language: Language) -> Environment:
        environment = self._environments.get(language.code)
        if environment is None:
            environment = self._environments[language.code] = _make(language)
            environment.globals["kept"] = partial(self._keep, language)
        return environment


def _make(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(language.code),
        extensions=["jinja2.ext.i18n"],
    )
    policy: dict[str, Any] = environment.policies
    policy["ext.i18n.trimmed"] = True
    install = environment.install_gettext_translations  # type: ignore[attr-defined]
    install(language.translations, newstyle=True)
    environment.globals["asset"] = asset
    environment.filters["iso"] = iso
    environment.filters["datetime"] = language.datetime
    environment.filters["date"] = language.date
    environment.filters["number"] = language.number
    return environment
