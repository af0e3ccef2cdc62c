"""Which articles have discussions here."""

from __future__ import annotations

from forum.articles.urls import is_allowed
from forum.core.decision import ALLOW, Decision, Deny
from forum.sites.model import Site


def may_discuss(site: Site, url: str) -> Decision:
    """Only articles on a site's allowed origins exist; to everybody else they are unknown."""
    if is_allowed(url, site.origins, strip_www=site.strip_www):
        return ALLOW
    return Deny("origin_not_allowed")
