"""What may be configured for a site, and who may act for it."""

from __future__ import annotations

import hmac
import re

from forum.core.decision import ALLOW, Decision, Deny
from forum.sites.model import Site, hash_secret

KEY_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def may_use_key(key: str) -> Decision:
    """A site's key is part of addresses: 1 to 40 lower-case letters, digits and hyphens, no hyphen at an end."""
    return ALLOW if KEY_PATTERN.fullmatch(key) else Deny("bad_site_key")


def may_publish(site: Site, secret: str) -> Decision:
    """Only the holder of the site's secret key may describe its articles."""
    return ALLOW if hmac.compare_digest(hash_secret(secret), site.secret_hash) else Deny("bad_secret")
