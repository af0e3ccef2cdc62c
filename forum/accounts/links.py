"""What a mail carries as proof: a link and a code, both derived from a flow's handle when they are needed.

Nothing secret is stored. Who has the database has handles, and without the server's key a handle is neither.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from forum.core.capability import mac
from forum.settings import Settings

# Without what is easily mistaken for something else (I, L, O, U, 0, 1). There are 656,100,000,000 codes, of which a
# flow lets somebody try a handful.
ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH: Final = 8
PATH: Final = "/auth/link/"
_PROOF_LENGTH: Final = 32  # hexadecimal digits: 128 bits
_HANDLE: Final = re.compile(r"[0-9a-f]{32}")
# What people put between the characters of a code, or their mail program does.
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015\u2212.]+")


def mail_token(settings: Settings, handle: str) -> str:
    """The last part of a link's address: the handle, and the proof that this server made it so."""
    return f"{handle}.{_proof(settings, handle)}"


def mail_link(settings: Settings, handle: str) -> str:
    """The absolute address in a mail."""
    return f"{settings.public_origin}{PATH}{mail_token(settings, handle)}"


def verify_link(settings: Settings, token: str) -> str | None:
    """The handle of a link's token, or None when this server did not make it."""
    handle, _, proof = token.partition(".")
    if not (_HANDLE.fullmatch(handle) and proof.isascii()):
        return None
    return handle if hmac.compare_digest(proof, _proof(settings, handle)) else None


def mail_code(settings: Settings, handle: str) -> str:
    """The eight characters to type instead of opening the link."""
    number = int(mac(settings.secret_key, "mail-code", handle), 16)
    characters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def shown_code(code: str) -> str:
    """A code as people read it: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(text: str) -> str:
    """What somebody typed or pasted, without what does not count: case, spaces and dashes."""
    return _BETWEEN.sub("", text).upper()


def is_code(settings: Settings, handle: str, text: str) -> bool:
    """Whether this is the code of a flow, however it was typed."""
    typed = typed_code(text)
    return typed.isascii() and hmac.compare_digest(typed, mail_code(settings, handle))


def _proof(settings: Settings, handle: str) -> str:
    return mac(settings.secret_key, "mail-link", handle)[:_PROOF_LENGTH]
