"""The phases of screening, in their order: each looks at a text, at what is known and at the rules, and says nothing,
or a verdict. Pure: no phase asks anybody, and none waits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from forum.articles.model import DiscussionState
from forum.articles.policy import is_over
from forum.comments.review.policy import Act, premoderates, stops
from forum.comments.review.words import refusal
from forum.comments.screening import sentences as say
from forum.comments.screening.facts import Facts
from forum.comments.screening.links import Link, ascii_host, domain_of, is_below
from forum.comments.screening.model import Kind, Outcome, Rule, Span, Verdict
from forum.comments.screening.reading import NOWHERE, Case
from forum.comments.screening.rules import Action, Rules

Phase = Callable[[Case, Facts, Rules], Verdict | None]
_WORDING: Final = (
    (Kind.REFUSE, say.REFUSED_WORDING),
    (Kind.HOLD, say.HELD_WORD),
    (Kind.FLAG, say.FLAGGED_WORD),
)
_KINDS: Final = {Action.HOLD: Kind.HOLD, Action.REFUSE: Kind.REFUSE}


def length(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """As long as the site wants comments to be. What is the most anywhere was checked before."""
    if case.length < rules.shortest:
        return Verdict(Kind.REFUSE, Rule.LENGTH, say.TOO_SHORT, {"least": rules.shortest})
    if rules.longest is not None and case.length > rules.longest:
        return Verdict(Kind.REFUSE, Rule.LENGTH, say.TOO_LONG, {"most": rules.longest})
    return None


def closed(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Nobody writes in a closed discussion, nor in one whose time is over. What is there may be edited."""
    if facts.discussion is None or facts.is_edit:
        return None
    if facts.discussion.state is not DiscussionState.OPEN:
        return Verdict(Kind.REFUSE, Rule.CLOSED, say.CLOSED)
    if is_over(facts.discussion, days=rules.close_after_days, now=facts.now):
        return Verdict(Kind.REFUSE, Rule.CLOSED, say.OVER)
    return None


def sanctioned(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """What moderators have decided about this person."""
    row = stops(facts.known.sanctions, Act.EDIT if facts.is_edit else Act.POST, facts.now)
    if row is not None:
        code, sentence, args = refusal(row)
        filled = {name: value for name, value in args.items() if isinstance(value, str | int | datetime)}
        return Verdict(Kind.REFUSE, Rule.SANCTION, sentence, filled, details=(code,))
    if premoderates(facts.known.sanctions, facts.now) is not None:
        return Verdict(Kind.HOLD, Rule.SANCTION, say.PERSON_HELD)
    return None


def trusted(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Of people who have a role on the site nothing is held by the rules for everybody."""
    return Verdict(Kind.PUBLISH, Rule.TRUSTED, "") if facts.is_trusted else None


def slow(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """A discussion may be slow: so many seconds between two comments of one person."""
    if facts.discussion is None or facts.is_edit or facts.known.last_here is None:
        return None
    every = facts.discussion.steered.slow_seconds
    wait = _seconds(facts.known.last_here + timedelta(seconds=every), facts.now)
    if wait <= 0:
        return None
    args = {"every": timedelta(seconds=every), "wait": timedelta(seconds=wait)}
    return Verdict(Kind.REFUSE, Rule.SLOW, say.SLOW, args, retry_after=wait)


def rate(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """So many comments of one person in this many minutes, on all of the site."""
    most = rules.rate_comments
    if most is None or facts.is_edit or len(facts.known.recent) < most:
        return None
    wait = _seconds(facts.known.recent[most - 1].at + timedelta(minutes=rules.rate_minutes), facts.now)
    if wait <= 0:
        return None
    return Verdict(Kind.REFUSE, Rule.RATE, say.RATE, {"wait": timedelta(seconds=wait)}, retry_after=wait)


def repeated(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """The same, or nearly the same, as this person has written before, or as others have just written."""
    if rules.repeat_person is not Action.OFF and any(earlier.alike for earlier in facts.known.recent):
        refused = rules.repeat_person is Action.REFUSE
        return Verdict(_KINDS[rules.repeat_person], Rule.REPEAT, say.REPEATED if refused else say.HELD_REPEATED)
    if rules.repeat_site is not Action.OFF and facts.known.others_alike:
        return Verdict(Kind.HOLD, Rule.REPEAT, say.HELD_ALIKE)
    return None


def words(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """The site's lists: what refuses a text comes before what holds it, and that before what is only pointed out."""
    for kind, sentence in (
        (Kind.REFUSE, say.REFUSED_WORDING),
        (Kind.HOLD, say.HELD_WORD),
        (Kind.FLAG, say.FLAGGED_WORD),
    ):
        hits = [hit for hit in case.hits if hit.kind is kind]
        if not hits:
            continue
        spans = tuple(hit.span for hit in hits if hit.span != NOWHERE)
        args: dict[str, str | int | datetime] = {}
        if kind is Kind.REFUSE and spans:
            sentence, args = say.REFUSED_WORD, {"word": case.source[slice(*spans[0])]}
        return Verdict(kind, Rule.WORDS, sentence, args, spans, tuple(dict.fromkeys(hit.entry for hit in hits)))
    return None


def links(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Links to blocked domains, more links than one has here, and links of people who are new."""
    blocked = frozenset(map(ascii_host, rules.blocked_domains))
    for link in case.links:
        if (domain := domain_of(link.host, blocked)) is not None:
            return Verdict(Kind.REFUSE, Rule.LINKS, say.BLOCKED_LINK, {"host": link.host}, _spans((link,)), (domain,))
    own = frozenset(map(ascii_host, rules.trusted_domains))
    counted = tuple(link for link in case.links if not is_below(link.host, own))
    if rules.most_links is not None and len(counted) > rules.most_links:
        if rules.too_many_links is Action.REFUSE:
            sentence = say.TOO_MANY_LINKS if rules.most_links else say.NO_LINKS
            return Verdict(Kind.REFUSE, Rule.LINKS, sentence, {"most": rules.most_links}, _spans(counted))
        return Verdict(Kind.HOLD, Rule.LINKS, say.HELD_LINKS, spans=_spans(counted))
    is_new = facts.known.published < rules.newcomer_comments and not facts.is_trusted
    if counted and rules.newcomer_links is not Action.OFF and is_new:
        if rules.newcomer_links is Action.HOLD:
            return Verdict(Kind.HOLD, Rule.LINKS, say.HELD_NEWCOMER_LINKS, spans=_spans(counted))
        return Verdict(Kind.REFUSE, Rule.LINKS, say.NO_NEWCOMER_LINKS, spans=_spans(counted))
    return None


def first_ones(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """The first comments of everybody, until so many of theirs are public."""
    if facts.known.published < rules.first_comments:
        return Verdict(Kind.HOLD, Rule.NEW_PERSON, say.HELD_FIRST)
    return None


def media(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Links to pictures, videos and audio, as far as their addresses say."""
    found = tuple(link for link in case.links if link.is_media)
    if not found or rules.media is Action.OFF:
        return None
    sentence = say.NO_MEDIA if rules.media is Action.REFUSE else say.HELD_MEDIA
    return Verdict(_KINDS[rules.media], Rule.MEDIA, sentence, spans=_spans(found))


def premoderated(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Everything waits here: on the site, in the discussion, or this for a reason of its own."""
    if facts.must_hold or facts.site_holds or rules.premoderate:
        return Verdict(Kind.HOLD, Rule.PREMODERATED, say.SITE_HELD)
    if facts.discussion is not None and facts.discussion.steered.premoderated:
        return Verdict(Kind.HOLD, Rule.PREMODERATED, say.DISCUSSION_HELD)
    return None


def covered_words(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Words that somebody has covered here, and this text does not."""
    return Verdict(Kind.HOLD, Rule.COVERED_WORDS, say.HELD_COVERED) if facts.repeats else None


def spam(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """What the site's own filter thinks, once it may speak."""
    if not rules.spam or case.score is None or case.score.probability < rules.spam_threshold:
        return None
    details = tuple(reason.sentence % {"what": reason.what} for reason in case.score.reasons)
    return Verdict(Kind.HOLD, Rule.SPAM, say.HELD_SPAM, details=details)


def checked(case: Case, facts: Facts, rules: Rules) -> Verdict | None:
    """Somebody outside is asked: until they answer it waits."""
    return Verdict(Kind.HOLD, Rule.CHECK, say.HELD_CHECK) if rules.check is not None else None


PHASES: Final[tuple[Phase, ...]] = (
    length,
    closed,
    sanctioned,
    trusted,
    slow,
    rate,
    repeated,
    words,
    links,
    first_ones,
    media,
    premoderated,
    covered_words,
    spam,
    checked,
)


def screen(case: Case, facts: Facts, rules: Rules) -> Outcome:
    """What all phases say together. A refusal is the last word; what only holds is gathered, the first decides."""
    found: list[Verdict] = []
    is_free = False
    for phase in PHASES:
        verdict = phase(case, facts, rules)
        if verdict is None:
            continue
        if verdict.kind is Kind.REFUSE:
            return Outcome(verdict, (verdict,))
        if verdict.kind is Kind.PUBLISH:
            is_free = True
        elif not is_free:
            found.append(verdict)
    held = [verdict for verdict in found if verdict.kind is Kind.HOLD]
    flagged = [verdict for verdict in found if verdict.kind is Kind.FLAG]
    return Outcome(next(iter(held + flagged), None), (*held, *flagged))


def asks_for_all(facts: Facts, rules: Rules) -> bool:
    """Whether more than sanctions has to be known of whoever writes."""
    is_slow = facts.discussion is not None and facts.discussion.steered.slow_seconds > 0
    asked = (rules.repeat_person, rules.repeat_site, rules.newcomer_links)
    limited = rules.rate_comments is not None or rules.first_comments > 0
    return is_slow or limited or any(action is not Action.OFF for action in asked)


def _seconds(until: datetime, now: datetime) -> int:
    return ceil((until - now).total_seconds())


def _spans(found: tuple[Link, ...]) -> tuple[Span, ...]:
    return tuple(link.span for link in found if link.span is not None)
