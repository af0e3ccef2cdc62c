"""What decisions, deciders, rules and sanctions are called on the pages of moderators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forum.accounts.model import Role
from forum.comments.review.model import By, Sanction, Verdict
from forum.comments.screening import sentences as say
from forum.comments.screening.model import Rule
from forum.core.i18n import N_

# What people are on a site; readers are nothing in particular.
ROLE_NAMES: Final[Mapping[str, str]] = {
    "owner": N_("Owner of this server"),
    Role.ADMIN: N_("Administrator"),
    Role.EDITOR: N_("Editor"),
    Role.MODERATOR: N_("Moderator"),
    Role.TRUSTED: N_("Trusted"),
}
VERDICT_NAMES: Final[Mapping[str, str]] = {
    Verdict.HOLD: N_("Held back"),
    Verdict.HIDE: N_("Hidden after reports"),
    Verdict.COVER_FOR_NOW: N_("Covered after reports"),
    Verdict.APPROVE: N_("Approved"),
    Verdict.REMOVE: N_("Removed"),
    Verdict.SPAM: N_("Marked as spam"),
    Verdict.COVER: N_("Covered"),
    Verdict.UNCOVER: N_("Uncovered"),
    Verdict.DISMISS: N_("Reports dismissed"),
    Verdict.FEATURE: N_("Put on top"),
    Verdict.UNFEATURE: N_("No longer on top"),
    Verdict.WARN: N_("Warned"),
    Verdict.MUTE: N_("Muted"),
    Verdict.SUSPEND: N_("Suspended"),
    Verdict.BAN: N_("Banned"),
    Verdict.PREMODERATE: N_("Pre-moderated"),
    Verdict.LIFT: N_("Sanction lifted"),
    Verdict.CLOSE: N_("Discussion closed"),
    Verdict.OPEN: N_("Discussion opened"),
    Verdict.SLOW: N_("Slow mode changed"),
    Verdict.PIN: N_("Discussion pinned"),
    Verdict.UNPIN: N_("Discussion unpinned"),
    Verdict.RETITLE: N_("Discussion retitled"),
    Verdict.WATCH: N_("Discussion pre-moderated"),
    Verdict.UNWATCH: N_("Discussion no longer pre-moderated"),
    Verdict.UNDO: N_("Undone"),
}
# The same before it is done: what stands before what a verdict does.
EFFECT_NAMES: Final[Mapping[str, str]] = {
    Verdict.APPROVE: N_("Approve"),
    Verdict.REMOVE: N_("Remove"),
    Verdict.SPAM: N_("Spam"),
    Verdict.COVER: N_("Cover"),
    Verdict.UNCOVER: N_("Not a spoiler"),
    Verdict.DISMISS: N_("Dismiss the reports"),
    Verdict.WARN: N_("Warn"),
    Verdict.MUTE: N_("Mute"),
    Verdict.SUSPEND: N_("Suspend"),
    Verdict.BAN: N_("Ban"),
    Verdict.PREMODERATE: N_("Pre-moderate"),
    Verdict.FEATURE: N_("Put on top"),
    Verdict.UNFEATURE: N_("No longer on top"),
}
BY_NAMES: Final[Mapping[str, str]] = {
    By.MODERATOR: N_("by a moderator"),
    By.RULE: N_("by a rule"),
    By.READERS: N_("by readers"),
    By.TIME: N_("time that has passed"),
    By.PUBLISHER: N_("by the site"),
}
RULE_NAMES: Final[Mapping[str, str]] = {
    Rule.LENGTH: N_("Length"),
    Rule.CLOSED: N_("Closed discussion"),
    Rule.SANCTION: N_("Sanction"),
    Rule.SLOW: N_("Slow discussion"),
    Rule.RATE: N_("Too many comments in a short time"),
    Rule.REPEAT: N_("Repetition"),
    Rule.WORDS: N_("Words"),
    Rule.LINKS: N_("Links"),
    Rule.NEW_PERSON: N_("First comments"),
    Rule.MEDIA: N_("Pictures, videos and audio"),
    Rule.PREMODERATED: N_("Everything is held"),
    Rule.COVERED_WORDS: N_("Covered words"),
    Rule.SPAM: N_("Spam filter"),
    Rule.CHECK: N_("Check from outside"),
}
# What screening found, as moderators read it: the sentence that is stored speaks to the author.
FOUND: Final[Mapping[str, str]] = {
    say.PERSON_HELD: N_("A moderator looks at everything that they write here for now."),
    say.HELD_REPEATED: N_("They have said nearly the same here before."),
    say.HELD_ALIKE: N_("Others have just written nearly the same here."),
    say.HELD_WORD: N_("There is a word in it that the rules hold."),
    say.FLAGGED_WORD: N_("There is a word in it that the rules point out."),
    say.HELD_LINKS: N_("There are more links in it than the rules let through."),
    say.HELD_NEWCOMER_LINKS: N_("There is a link in it, and they are new here."),
    say.HELD_FIRST: N_("They are new here: it is one of their first comments."),
    say.HELD_MEDIA: N_("There is a link to a picture, a video or audio in it."),
    say.SITE_HELD: N_("On this site, a moderator looks at every comment first."),
    say.DISCUSSION_HELD: N_("In this discussion, a moderator looks at every comment first."),
    say.HELD_COVERED: N_("It repeats words that somebody has covered here."),
    say.HELD_SPAM: N_("To the spam filter, it looks like advertising."),
    say.HELD_CHECK: N_("It was sent to be checked for spam."),
}
# What a sanction is, where one is picked.
SANCTION_NAMES: Final[Mapping[str, str]] = {
    Sanction.WARN: N_("Warn: they have to say that they read it"),
    Sanction.MUTE: N_("Mute: no new comments"),
    Sanction.SUSPEND: N_("Suspend: nothing written, edited or reported"),
    Sanction.BAN: N_("Ban: the same for good, and signed out on the article pages"),
    Sanction.PREMODERATE: N_("Pre-moderate: a moderator looks before others see it"),
}
STATUS_NAMES: Final[Mapping[str, str]] = {
    "published": N_("Public"),
    "held": N_("Held"),
    "removed": N_("Removed"),
    "spam": N_("Spam"),
    "deleted": N_("Deleted by themselves"),
}
# How long, in hours; 0 is until it is lifted.
LENGTHS: Final[tuple[tuple[int, str], ...]] = (
    (1, N_("1 hour")),
    (6, N_("6 hours")),
    (24, N_("1 day")),
    (72, N_("3 days")),
    (168, N_("1 week")),
    (720, N_("30 days")),
    (2160, N_("90 days")),
    (8760, N_("1 year")),
    (0, N_("Until it is lifted")),
)
