"""Origins with and without `www.`: the one place that knows which two names belong together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from forum.sites.model import Site


def in_force(site: Site) -> Site:
    """The site as it is served: with `strip_www` every origin stands beside its twin with or without `www.`"""
    return replace(site, origins=with_www_twins(site.origins)) if site.strip_www else site


def without_www(origin: str) -> str:
    """The origin without leading ``www.`` labels, as long as a name with a dot remains."""
    scheme, _, host = origin.partition("://")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return f"{scheme}://{host}"


def with_www_twins(origins: Iterable[str]) -> tuple[str, ...]:
    """Each origin (as browsers write it), followed by its other spelling where that is a name too."""
    found: dict[str, None] = {}
    for origin in origins:
        bare = without_www(origin)
        found[origin] = None
        if bare != origin:
            found[bare] = None
        elif _is_name_with_dot(origin):
            found[origin.replace("://", "://www.", 1)] = None
    return tuple(found)


def _is_name_with_dot(origin: str) -> bool:
    """An address of numbers has no `www.`, and a single label (`localhost`) would not lose it again."""
    name = origin.partition("://")[2].partition(":")[0]
    return "." in name and not name.startswith("[") and not name.rpartition(".")[2].isdecimal()
