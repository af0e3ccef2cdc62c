"""What is hidden where, read from the rows that hold it; and what a reader may be told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from forum.comments.model import Status
from forum.comments.tables import comment, comment_revision
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import COLUMNS
from forum.spoilers.tables import passage
from tests.support.app import House
from tests.support.canaries import found_in, nonce
from tests.support.surfaces import Carries
from tests.support.sweep import TYPED, Ask, Role

NOTHING: frozenset[str] = frozenset()
EXPORT: Final = "/settings/export"
# Roles that see what was typed: who holds the site's secret, and who may moderate it.
MODERATING: Final = ("publisher", "moderator")


@dataclass(slots=True)
class Words:
    """Fills hidden places with words that stand nowhere else, and remembers what each was asked for as."""

    kinds: dict[str, str] = field(default_factory=dict)

    def __call__(self, kind: str, writer: str) -> str:
        word = nonce(len(self.kinds))
        self.kinds[word] = kind
        if kind in ("word", "warned"):
            return word
        return f"first {word}\n\n- listed {word}\n\nlast" if kind == "lines" else f"well {word} did"

    @property
    def warned(self) -> frozenset[str]:
        """What the pages of an article may show that has warned its readers."""
        return frozenset(word for word, kind in self.kinds.items() if kind == "warned")


@dataclass(slots=True)
class Truth:
    """Hidden words by comment and by the name of who wrote them, and the passages."""

    warned: frozenset[str]
    sources: dict[str, frozenset[str]]
    written: dict[str, frozenset[str]]
    # In what rows hold openly: there a discussion's scope alone covers it, or a moderator has not seen it yet.
    open: dict[str, frozenset[str]]
    published: frozenset[str]
    passages: dict[str, Passage]
    # By the name of who wrote them, with those of earlier texts.
    exported: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """Everything that can be asked for: passages, nested ones too, and whole comments, also those that are gone."""
        return [
            *self.passages,
            *(f"c{comment_id}" for comment_id in self.sources if f"c{comment_id}" not in self.passages),
        ]

    def inside(self, asked: str) -> frozenset[str]:
        """All that stands in a passage or a comment, however deep."""
        found = self.passages.get(asked)
        comment_id = asked.removeprefix("c") if found is None or found.seq == 0 else ""
        if comment_id:
            return self.sources[comment_id] if comment_id in self.published else NOTHING
        assert found is not None
        if str(found.comment_id) not in self.published:
            return NOTHING
        return self.outermost(asked).union(*(self.inside(p.id) for p in self.passages.values() if p.parent_id == asked))

    def outermost(self, asked: str) -> frozenset[str]:
        """What stands in it but in nothing that nests in it: this must come."""
        if asked in self.passages:
            found = self.passages[asked]
            return found_in(found.html) if str(found.comment_id) in self.published else NOTHING
        comment_id = asked.removeprefix("c")
        return self.open.get(comment_id, NOTHING) if comment_id in self.published else NOTHING

    def may(self, role: Role, ask: Ask) -> frozenset[str]:
        """Every hidden word that an answer may hold."""
        allowed = self._carried(role, ask)
        return allowed if ask.path.startswith("/api/") else allowed | self.warned

    def _carried(self, role: Role, ask: Ask) -> frozenset[str]:
        carries = ask.surface.carries
        if ask.surface.pattern == EXPORT:
            return self.exported.get(role.person.name, NOTHING) | {TYPED}
        if carries is Carries.OWN:
            return self.written.get(role.person.name, NOTHING) | {TYPED}
        if carries is Carries.ECHO:
            return frozenset({TYPED}) if ask.typed else NOTHING
        if carries is Carries.RECORD:
            return self.sources.get(ask.about, NOTHING) if role.name in MODERATING else NOTHING
        if ask.reveals == ("opened",):
            return NOTHING.union(*(self.open[comment_id] for comment_id in self.open if comment_id in self.published))
        return NOTHING.union(*(self.inside(asked) for asked in ask.reveals))

    def must(self, role: Role, ask: Ask) -> frozenset[str]:
        """Hidden words that an answer has to hold, or the search for them would prove nothing."""
        if ask.surface.pattern == "/c/{id}/edit" and ask.surface.method == "GET" and role.name == "author":
            return self.sources[ask.about] & self.written[role.person.name] if ask.about in self.mine(role) else NOTHING
        if ask.surface.carries is Carries.RECORD and role.name in MODERATING:
            return self.sources.get(ask.about, NOTHING)
        if ask.surface.pattern == EXPORT and role.name == "author":
            return self.exported[role.person.name]
        return NOTHING.union(*(self.outermost(asked) for asked in ask.reveals if asked != "opened"))

    def mine(self, role: Role) -> frozenset[str]:
        """Comments that somebody can still edit."""
        return frozenset(i for i, words in self.sources.items() if words and words <= self.written[role.person.name])


async def truth_of(house: House, words: Words) -> Truth:
    """Read it."""
    rows = await house.rows(select(comment))
    truth = Truth(words.warned, {}, {}, {}, frozenset(), {})
    for row in rows:
        truth.sources[str(row.id)] = found_in(row.source)
        truth.written[row.author_name] = truth.written.get(row.author_name, NOTHING) | found_in(row.source)
        if found_in(row.html):
            truth.open[str(row.id)] = found_in(row.html)
    earlier = await house.rows(select(comment_revision.c.comment_id, comment_revision.c.source))
    names = {row.id: row.author_name for row in rows}
    for comment_id, source in [
        *((row.id, row.source) for row in rows),
        *((row.comment_id, row.source) for row in earlier),
    ]:
        name = names[comment_id]
        truth.exported[name] = truth.exported.get(name, NOTHING) | found_in(source)
    truth.published = frozenset(str(row.id) for row in rows if row.status == Status.PUBLISHED.value)
    found = [Passage._make(row) for row in await house.rows(select(*COLUMNS).select_from(passage))]
    truth.passages = {p.id: p for p in found}
    return truth
