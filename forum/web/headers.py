"""Security headers by class of route. Every answer carries a set: pages, errors, redirects and files."""

from __future__ import annotations

from collections.abc import Iterable

_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
_PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
_HSTS = "max-age=31536000"


def _common(*, https: bool) -> dict[str, str]:
    headers = {"x-content-type-options": "nosniff", "permissions-policy": _PERMISSIONS}
    if https:
        headers["strict-transport-security"] = _HSTS
    return headers


def page_headers(*, https: bool) -> dict[str, str]:
    """For pages that stand alone: nobody may frame them."""
    return {
        **_common(https=https),
        "content-security-policy": _PAGE_CSP.format(ancestors="'none'"),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "strict-origin",
    }


def auth_headers(*, https: bool) -> dict[str, str]:
    """For pages that sign in: a frame may have opened them, and their addresses (which may hold what signs in) go to
    nobody. A page with forms says `<meta name="referrer" content="same-origin">` beside (partials/auth_head.html):
    with no referrer at all browsers send its forms with `Origin: null`, which no write of ours accepts."""
    headers = page_headers(https=https)
    return {**headers, "cross-origin-opener-policy": "unsafe-none", "referrer-policy": "no-referrer"}


def embed_headers(origins: Iterable[str], *, https: bool) -> dict[str, str]:
    """For documents that live in a frame: only the site's own origins may frame them."""
    ancestors = " ".join(origins) or "'none'"
    return {
        **_common(https=https),
        "content-security-policy": _PAGE_CSP.format(ancestors=ancestors),
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "strict-origin",
    }


def data_headers(*, https: bool) -> dict[str, str]:
    """For JSON, feeds and exports: nothing in them may ever run."""
    return {
        **_common(https=https),
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
    }


def file_headers(*, https: bool) -> dict[str, str]:
    """For static files: the loader is fetched by pages of other origins."""
    return {
        **_common(https=https),
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "no-referrer",
    }


def shell_headers(origins: Iterable[str] | None, *, https: bool) -> dict[str, str]:
    """The headers of a page: in a frame only these origins may show it, alone (None) nobody may frame it."""
    return page_headers(https=https) if origins is None else embed_headers(origins, https=https)
