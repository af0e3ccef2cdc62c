"""The delimiters in a source, and which pipes are text."""

import re
from typing import Final, NamedTuple

from forum.markup.carve_model import MAX_CUTS, SpoilerProblem
from forum.markup.carve_shape import PREFIX, Shape, around
from forum.markup.carve_text import is_spaced

_LABEL: Final = r"[^\[\]\n]{0,200}"
_NAME: Final = r"[ \t]{0,3}/?[ \t]{0,3}(?i:spoiler)"
# A heart ("!<3") is no closer and a cheerful end of a word ("yay~!") no opener: both are text, as if escaped.
# An escaped opener is text, and so is the closer that belongs to it; hence it is a token too.
_TOKEN: Final = re.compile(
    rf"""
    (?=[\\|\[<>!~:])(?:
      \\\|(?P<dead_pipe>\|)(?!\|)
    | (?P<dead_angle>\\>!|>\\!)
    | (?P<dead_tilde>\\~!|~\\!)
    | \\(?:(?P<dead_bracket>\[[ \t]*(?i:spoiler)[ \t]*(?:={_LABEL})?\])
        |(?P<dead_tag><[ \t]*(?i:spoiler)(?:\s[^<>\n]{{0,250}})?>)
        |(?P<dead_colon>:{{3,}}[ \t]*(?i:spoiler)\b))
    | (?P<escape>(?:\\\\|\\\|(?!\|))+|\\[|>!~<\[\]:]|!<3(?!\w)|(?<=\w)~!(?=\s|\Z))
    | (?P<pipe>\|{{2,}})
    | (?P<bracket_close>\[[ \t]{{0,3}}/[ \t]{{0,3}}(?i:spoilers?)[ \t]{{0,3}}\])
    | (?P<bracket>\[[ \t]{{0,3}}(?i:spoiler)[ \t]{{0,3}}(?:=(?P<bracket_label>{_LABEL}))?\])
    | (?P<tag_close><[ \t]{{0,3}}/[ \t]{{0,3}}(?i:spoilers?)[ \t]{{0,3}}>)
    | (?P<tag><[ \t]{{0,3}}(?i:spoiler)(?P<tag_label>\s[^<>\n]{{0,250}})?>)
    | (?P<angle>>!)
    | (?P<angle_close>!<(?!{_NAME}))
    | (?P<tilde>~!(?!<(?!{_NAME})))
    | (?P<tilde_close>!~)
    | :{{3,}}(?P<colon>[ \t]*(?i:spoiler)\b)?
    )""",
    re.VERBOSE,
)
_FOR: Final = re.compile(r"""\sfor\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_LIVE: Final = frozenset({"open", "close", "any"})
# Every cut takes two, and what is text may take as many again; so floods end early.
_MOST: Final = 2 * MAX_CUTS
_MOST_AT_ALL: Final = 1_000
_QUOTES: Final = "\"'“”„‘’ \t"


class Token(NamedTuple):
    """A delimiter. Kinds: pipe, angle, tilde, bracket, tag, colon, and "escape", which only hides what it escapes.

    role: "open", "close", "any" (pipes: either), "text" (a lone run of pipes), "dead" (an escaped opener).
    `first`: nothing but the signs of quotes and lists stands before it on its line; `prefix` are these signs.
    """

    kind: str
    role: str
    start: int
    end: int
    label: str | None = None
    first: bool = False
    prefix: str = ""


def tokens_of(text: str, shape: Shape) -> list[Token]:
    """Return the delimiters outside of code, in order. Raises SpoilerProblem when they are far too many."""
    found: list[Token] = []
    line = done = live = 0
    while match := _TOKEN.search(text, done):
        start = match.start()
        line = max(line, text.rfind("\n", max(done - 1, 0), start) + 1)
        prefix = PREFIX.match(text, line, start) if done <= line else None
        if shape.code and (code := around(shape.code, start)):
            done = code.end
            continue
        first = prefix is not None and prefix.end() == start
        token = _token(match, first, text[line:start] if first else "")
        done = token.end
        if token.role == "none":
            continue
        found.append(token)
        live += token.role in _LIVE and not (first and token.kind == "angle")
        if live > _MOST + len(found) - live or len(found) > _MOST_AT_ALL:
            raise SpoilerProblem("too_many_spoilers", start)
    return found


def _token(match: re.Match[str], first: bool, prefix: str) -> Token:
    start, end = match.span()
    name = match.lastgroup
    kind, _, _ = (name or "").partition("_")
    if name is None or name == "colon":
        return _colons(match, first, prefix)
    if name == "escape":
        return Token(name, "text", start, end)
    if name == "pipe":
        is_text = not first and is_spaced(match.string, start, end)
        return Token(name, "text" if is_text else "any", start, end, None, first, prefix)
    if kind == "dead":
        return Token(name.removeprefix("dead_"), "dead", start, end)
    if kind != name:
        return Token(kind, "close", start, end, None, first, prefix)
    return Token(kind, "open", start, end, _label_of(match, kind), first, prefix)


def _label_of(match: re.Match[str], kind: str) -> str | None:
    if kind not in ("bracket", "tag"):
        return None
    label: str | None = match[f"{kind}_label"]
    if kind == "tag" and label is not None:
        attribute = _FOR.search(label)
        label = attribute[1] if attribute else None
    return (label.strip(_QUOTES) or None) if label else None


def _colons(match: re.Match[str], first: bool, prefix: str) -> Token:
    """Colons count at the beginning of a line: with the name they open, and alone on it they close."""
    text, (start, end) = match.string, match.span()
    stop = text.find("\n", end)
    stop = stop if stop >= 0 else len(text)
    if match["colon"]:
        label = text[end:stop].strip("[] \t") if first and stop - end <= 200 else None
        return Token("colon", "open", start, end, label or None, first, prefix)
    closes = first and not text[end:stop].strip()
    return Token("colon", "close" if closes else "none", start, end, None, first, prefix)
