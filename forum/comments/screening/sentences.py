"""What screening tells the author of a text: one sentence for each thing that it may say no to, or hold.

Why a comment is held follows "Only you can see this yet. A moderator looks at it before others can."; refusals end with
what one can do now. None of them repeats a word of what was typed but for its author alone.
"""

from __future__ import annotations

from typing import Final

from forum.core.i18n import N_

TOO_SHORT: Final = N_("Comments here have at least %(least)d characters. Say a little more, and send it again.")
TOO_LONG: Final = N_("Comments here have at most %(most)d characters. Make it a little shorter, and send it again.")
CLOSED: Final = N_("This discussion is closed. You can still read it.")
OVER: Final = N_("Discussions close here after a time, and this one has. You can still read it.")
SLOW: Final = N_(
    "This discussion is in slow mode: everybody may write once in %(every)s. Your text is kept; try again in %(wait)s."
)
RATE: Final = N_("That was a lot in a short time. Your text is kept; try again in %(wait)s.")
REPEATED: Final = N_("You have said this here before. Say something new, or leave it at that.")
REFUSED_WORD: Final = N_("“%(word)s” is not accepted in comments here. Say it in another way, and send it again.")
REFUSED_WORDING: Final = N_("Something in the wording is not accepted in comments here. Say it in another way.")
NO_LINKS: Final = N_("Comments can't have links here. Leave them out, and send it again.")
TOO_MANY_LINKS: Final = N_("There are too many links in it: at most %(most)d here. Leave some out, and send it again.")
NO_NEWCOMER_LINKS: Final = N_(
    "Links can be posted here once a few comments of yours are public. Leave them out, and send it again."
)
BLOCKED_LINK: Final = N_("Links to %(host)s are not accepted here. Leave it out, and send it again.")
NO_MEDIA: Final = N_("Links to pictures, videos or audio are not accepted here. Leave them out, and send it again.")

PERSON_HELD: Final = N_("The reason: a moderator looks at everything that you write here for now.")
HELD_REPEATED: Final = N_("The reason: you have said nearly the same here before.")
HELD_ALIKE: Final = N_("The reason: others have just written nearly the same here.")
HELD_WORD: Final = N_("The reason: there is a word in it that moderators want to see first here.")
FLAGGED_WORD: Final = N_("There is a word in it that moderators want to know of.")
HELD_LINKS: Final = N_("The reason: there are more links in it than most comments here have.")
HELD_NEWCOMER_LINKS: Final = N_("The reason: there is a link in it, and you are new here.")
HELD_FIRST: Final = N_("The reason: you are new here. Once a few comments of yours are public, they appear at once.")
HELD_MEDIA: Final = N_("The reason: there is a link to a picture, a video or audio in it.")
SITE_HELD: Final = N_("The reason: on this site, a moderator looks at every comment first.")
DISCUSSION_HELD: Final = N_("The reason: in this discussion, a moderator looks at every comment first.")
HELD_COVERED: Final = N_(
    "The reason: it repeats words that somebody has covered here. You can edit it, and cover them too."
)
HELD_SPAM: Final = N_("The reason: to the spam filter, it looks like advertising.")
HELD_CHECK: Final = N_("The reason: it is being checked for spam. That takes a few minutes at most.")
