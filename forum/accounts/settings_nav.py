"""The parts of a person's settings, in the order of their menu."""

from __future__ import annotations

from typing import Final

from forum.core.i18n import N_

NAV: Final = (
    ("/settings", N_("You")),
    ("/settings/sign-in", N_("Ways to sign in")),
    ("/settings/sessions", N_("Where you are signed in")),
    ("/settings/progress", N_("How far you are")),
    ("/settings/people", N_("People and discussions")),
    ("/settings/moderation", N_("What moderators decided")),
    ("/settings/data", N_("Your data")),
)
