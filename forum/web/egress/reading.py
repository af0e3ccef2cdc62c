"""Addresses to ask and bodies that come back, each read with suspicion."""

import re
import ssl
import zlib

import httpx

from forum.web.egress.model import EgressFailed, EgressRefused

DEFAULT_PORTS = {"http": 80, "https": 443}
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NUMERIC_END = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")
_DOTTED = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_GZIP_WINDOW = zlib.MAX_WBITS | 16


def parse(url: str, *, base: httpx.URL | None = None) -> httpx.URL:
    """An absolute http(s) address without credentials and fragment; relative ones are joined to `base`."""
    if _AMBIGUOUS.search(url):
        raise EgressRefused("bad_url")
    try:
        parsed = (base.join(url) if base else httpx.URL(url)).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise EgressRefused("bad_url") from error
    if parsed.scheme not in DEFAULT_PORTS:
        raise EgressRefused("bad_scheme")
    if parsed.userinfo:
        raise EgressRefused("has_credentials")
    if not parsed.host or not 0 < port_of(parsed) < 65_536 or _is_odd_number(parsed.host):
        raise EgressRefused("bad_url")
    return parsed


def port_of(url: httpx.URL) -> int:
    """The port that is meant, written or not."""
    return DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def _is_odd_number(host: str) -> bool:
    """Whether this looks like a name and would be read as an IPv4 address: 127.1, 0x7f000001, 2130706433."""
    return ":" not in host and bool(_NUMERIC_END.search(host)) and not _DOTTED.fullmatch(host)


async def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """The unpacked body, never holding more than `max_bytes` of it, however well it is packed."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise EgressRefused("bad_encoding")
    unpack = zlib.decompressobj(_GZIP_WINDOW) if encoding.endswith("gzip") else None
    body = bytearray()
    travelled = 0
    async for chunk in response.aiter_raw():
        travelled += len(chunk)
        room = max_bytes + 1 - len(body)
        body += unpack.decompress(chunk, room) if unpack else chunk[:room]
        if travelled > max_bytes or len(body) > max_bytes:
            raise EgressRefused("too_large")
    if unpack and travelled and not unpack.eof:
        raise EgressFailed("broken_answer")
    return bytes(body)


def charset_of(content_type: str) -> str | None:
    """What a Content-Type names, in lower case."""
    match = _CHARSET.search(content_type)
    return match[1].lower() if match else None


def is_certificate_problem(error: BaseException | None) -> bool:
    """Whether a TLS complaint lies somewhere under this error."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
