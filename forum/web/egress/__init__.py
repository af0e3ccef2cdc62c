"""The one door out: every request this program makes to another server goes through `Egress`.

What a name stands for is decided here, once: it is resolved, every answer is checked
(`forum.web.addresses`), and the connection goes to a checked address while TLS still verifies the name. So a
name that answers differently the second time gains nothing. Redirects are followed by hand, each target
checked the same way. Connections are never reused: the pool knows them by address, and two names may share
one.

Errors: `EgressRefused` is permanent (asking again gives the same answer), `EgressFailed` may pass.
"""

from forum.web.egress.client import Egress
from forum.web.egress.model import EgressError, EgressFailed, EgressRefused, Fetched, Resolver

__all__ = ["Egress", "EgressError", "EgressFailed", "EgressRefused", "Fetched", "Resolver"]
