"""What is hidden where, read from the rows that hold it; and what a reader may be told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from forum.articles.tables import discussion
from forum.comments.model import Status
from forum.comments.review.model import Queue
from forum.comments.review.tables import queue_item
from forum.comments.tables import comment, comment_revision
from forum.spoilers.passages import Passage, as_seen
from forum.spoilers.queries_passage import COLUMNS
from forum.spoilers.tables import passage
from tests.support.app import House
from tests.support.canaries import found_in, nonce
from tests.support.surfaces import Carries
from tests.support.sweep import TYPED, Ask, Role

NOTHING: frozenset[str] = frozenset()
EXPORT: Final = "/settings/export"
# Roles that see what was typed: who holds the site's secret, and who may moderate it.
MODERATING: Final = ("publisher", "trusted", "moderator", "owner")
# Who has a console: what they see in it of moderators, people and rules.
CONSOLE: Final = {
    "publisher": ("told",),
    "trusted": ("name", "told"),
    "moderator": ("name", "told", "rule", "flag", "note", "kept"),
    "owner": ("name", "told", "rule", "flag", "note", "kept"),
}
# Where nobody is told anything about themselves: others get the same.
IMPERSONAL: Final = (Carries.PUBLIC, Carries.REVEAL, Carries.MODERATED, Carries.UNCOVERED, Carries.RECORD)


@dataclass(slots=True)
class Words:
    """Fills hidden places with words that stand nowhere else, and remembers what each was asked for as."""

    kinds: dict[str, str] = field(default_factory=dict)
    writers: dict[str, str] = field(default_factory=dict)

    def __call__(self, kind: str, writer: str) -> str:
        word = nonce(len(self.kinds))
        self.kinds[word] = kind
        self.writers[word] = writer
        if kind in ("word", "warned", "name", "rule"):
            return word
        return f"first {word}\n\n- listed {word}\n\nlast" if kind == "lines" else f"well {word} did"

    @property
    def warned(self) -> frozenset[str]:
        """What the pages of an article may show that has warned its readers."""
        return self.of("warned")

    def of(self, *kinds: str) -> frozenset[str]:
        """Everything of these kinds."""
        return frozenset(word for word, kind in self.kinds.items() if kind in kinds)

    def told(self, name: str) -> frozenset[str]:
        """What moderators have told somebody."""
        return frozenset(word for word in self.of("told") if self.writers[word] == name)


@dataclass(slots=True)
class Truth:
    """Hidden words by comment and by the name of who wrote them, and the passages."""

    words: Words
    sources: dict[str, frozenset[str]]
    written: dict[str, frozenset[str]]
    # In what rows hold openly: there a discussion's scope alone covers it, or a moderator has not seen it yet.
    open: dict[str, frozenset[str]]
    published: frozenset[str]
    passages: dict[str, Passage]
    # By the name of who wrote them, with those of earlier texts.
    exported: dict[str, frozenset[str]] = field(default_factory=dict)
    # What a moderator meets who has seen nothing, and whoever they are in the queue of spoilers.
    uncovered: frozenset[str] = NOTHING
    suspected: frozenset[str] = NOTHING
    # Passages that say nothing: they quote what is not public.
    withheld: frozenset[str] = NOTHING

    @property
    def warned(self) -> frozenset[str]:
        """What the pages of an article may show that has warned its readers."""
        return self.words.warned

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
            return self.said(comment_id) if comment_id in self.published else NOTHING
        assert found is not None
        if str(found.comment_id) not in self.published:
            return NOTHING
        return self.outermost(asked).union(*(self.inside(p.id) for p in self.passages.values() if p.parent_id == asked))

    def said(self, comment_id: str) -> frozenset[str]:
        """All that a comment says to whoever uncovers everything in it: nothing that it quotes and nobody may read."""
        inside = [p for p in self.passages.values() if str(p.comment_id) == comment_id]
        unsaid = NOTHING.union(*(found_in(p.html) for p in inside if p.id in self.withheld))
        return self.sources[comment_id] - unsaid

    def outermost(self, asked: str) -> frozenset[str]:
        """What stands in it but in nothing that nests in it: this must come."""
        if asked in self.passages:
            found = self.passages[asked]
            if found.id in self.withheld or str(found.comment_id) not in self.published:
                return NOTHING
            return found_in(found.html)
        comment_id = asked.removeprefix("c")
        return self.open.get(comment_id, NOTHING) if comment_id in self.published else NOTHING

    def may(self, role: Role, ask: Ask) -> frozenset[str]:
        """Every hidden word that an answer may hold."""
        allowed = self._carried(role, ask) | found_in(role.person.name) | self._among_moderators(role, ask)
        if ask.surface.carries not in IMPERSONAL and not is_console(ask):
            allowed |= self.words.told(role.person.name)
        if ask.typed and is_console(ask) and not ask.path.startswith("/api/"):
            allowed |= {TYPED}  # given back, to whoever has no session any more as well
        return allowed if ask.path.startswith("/api/") else allowed | self.warned

    def _among_moderators(self, role: Role, ask: Ask) -> frozenset[str]:
        """What the console shows beside comments; what reporters have typed as well."""
        if role.name not in CONSOLE or not is_console(ask):
            return NOTHING
        return self.words.of(*CONSOLE[role.name]) | {TYPED}

    def _recorded(self, role: Role, comment_id: str) -> frozenset[str]:
        """What was typed; who is trusted, and no more, has no say about what is not public."""
        is_theirs = role.name != "trusted" or comment_id in self.published
        return self.sources.get(comment_id, NOTHING) if role.name in MODERATING and is_theirs else NOTHING

    def _moderated(self, role: Role, ask: Ask) -> frozenset[str]:
        """What a moderator may see of comments: who is trusted, and no more, nothing that is hidden."""
        seen = {"moderator": self.uncovered, "owner": self.everything}.get(role.name, NOTHING)
        if ask.surface.carries is Carries.UNCOVERED and role.name in MODERATING[1:]:
            # What readers report meanwhile comes into the queue of spoilers.
            is_theirs = role.name != "trusted" or ask.about in self.published | self.suspected
            return seen | (self.sources.get(ask.about, NOTHING) if is_theirs else NOTHING)
        return seen

    @property
    def everything(self) -> frozenset[str]:
        """All that stands in any comment."""
        return NOTHING.union(*self.sources.values())

    def _carried(self, role: Role, ask: Ask) -> frozenset[str]:
        carries = ask.surface.carries
        if ask.surface.pattern == EXPORT:
            return self.exported.get(role.person.name, NOTHING) | {TYPED}
        if carries in (Carries.MODERATED, Carries.UNCOVERED):
            return self._moderated(role, ask)
        if carries is Carries.OWN:
            return self.written.get(role.person.name, NOTHING) | {TYPED}
        if carries is Carries.ECHO:
            return frozenset({TYPED}) if ask.typed else NOTHING
        if carries is Carries.RECORD:
            return self._recorded(role, ask.about)
        if ask.reveals == ("opened",):
            return NOTHING.union(*(self.open[comment_id] for comment_id in self.open if comment_id in self.published))
        return NOTHING.union(*(self.inside(asked) for asked in ask.reveals))

    def must(self, role: Role, ask: Ask) -> frozenset[str]:
        """Hidden words that an answer has to hold, or the search for them would prove nothing."""
        if ask.surface.pattern == "/c/{id}/edit" and ask.surface.method == "GET" and role.name == "author":
            return self.sources[ask.about] & self.written[role.person.name] if ask.about in self.mine(role) else NOTHING
        if ask.surface.carries is Carries.RECORD:
            return self._recorded(role, ask.about)
        if ask.surface.pattern == "/api/v1/mod/items/{id}" and role.name in ("moderator", "owner"):
            return self.open.get(ask.about, NOTHING) & self.uncovered
        if ask.surface.pattern == "/api/v1/mod/items/{id}/reveal" and role.name in ("moderator", "owner"):
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
    truth = Truth(words, {}, {}, {}, frozenset(), {})
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
    kept = {p.id for p in as_seen(found)}
    truth.withheld = frozenset(p.id for p in found if p.withheld or p.id not in kept)
    gated = {row.id for row in await house.rows(select(discussion.c.id).where(discussion.c.scope_id.is_not(None)))}
    free = {str(row.id) for row in rows if row.discussion_id not in gated}
    truth.uncovered = NOTHING.union(*(words for comment_id, words in truth.open.items() if comment_id in free))
    in_queue = select(queue_item.c.comment_id).where(queue_item.c.queue == Queue.SPOILERS.value)
    truth.suspected = frozenset(str(row.comment_id) for row in await house.rows(in_queue))
    return truth


def is_console(ask: Ask) -> bool:
    """Whether only moderators get there."""
    return ask.surface.pattern.startswith(("/mod", "/api/v1/mod/"))
