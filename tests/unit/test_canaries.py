"""The nose for hidden words finds them however they are spelled, and finds nothing else."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from tests.support.canaries import SOME, found_in, nonce

WORD = nonce(29)
SPELLINGS = {
    "as it is": WORD,
    "in capitals": WORD.upper(),
    "in a word": f"un{WORD}ly",
    "backwards": WORD[::-1],
    "in a URL": "".join(f"%{ord(letter):02x}" for letter in WORD),
    "half in a URL": quote(f"<{WORD}>").replace("w", "%77"),
    "in decimal": "".join(f"&#{ord(letter)};" for letter in WORD),
    "in long decimal": "".join(f"&#000{ord(letter)};" for letter in WORD),
    "in hexadecimal": "".join(f"&#x{ord(letter):X};" for letter in WORD),
    "half in entities": html.escape(f"<b>{WORD}").replace("t", "&#116;"),
    "in JSON": "".join(f"\\u{ord(letter):04x}" for letter in WORD),
    "in JSON in JSON": json.dumps(json.dumps(WORD)),
    "in a script": "".join(f"\\u{{{ord(letter):x}}}" for letter in WORD),
    "in bytes": "".join(f"\\x{ord(letter):02X}" for letter in WORD),
    "in a style": "".join(f"\\{ord(letter):06x}" for letter in WORD),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_finds_every_spelling(spelling: str) -> None:
    assert found_in(f'<p title="{SPELLINGS[spelling]}">text</p>') == {WORD}
    assert found_in(SPELLINGS[spelling].encode()) == {WORD}


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("word", [WORD, WORD.upper(), WORD[::-1]])
def test_it_finds_base64(before: str, encode: object, word: str) -> None:
    assert callable(encode)
    assert found_in(encode(f"{before}{word} and more".encode())) >= {SOME}


def test_it_finds_several() -> None:
    assert found_in(f"{nonce(0)} {nonce(675)[::-1]}") == {nonce(0), nonce(675)}


@pytest.mark.parametrize("text", ["", "wombletri", "womble trixaa", "%zz &#x; \\u \\u00", "wombletrix"])
def test_it_finds_nothing_else(text: str) -> None:
    assert found_in(text) == frozenset()
