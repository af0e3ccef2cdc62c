"""`aftershow site sso`: which keys it takes, and what it leaves alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from forum.db import open_database
from forum.sites.model import Site
from forum.sites.queries import list_sites
from tests.support.command import aftershow

KEY = ed25519.Ed25519PrivateKey.generate()
ISSUER = ("--issuer", "https://login.news.example")


def pem(key: ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | rsa.RSAPrivateKey) -> str:
    """A public key as publishers send it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def site(url: str) -> Site:
    async def read() -> list[Site]:
        async with open_database(url) as db, db.read() as tx:
            return await list_sites(tx)

    (found,) = asyncio.run(read())
    return found


@pytest.fixture
def newsroom(engine_url: str) -> str:
    """A database with one site."""
    added = aftershow(
        "site", "add", "newsroom", "--name", "News", "--origin", "https://news.example", database_url=engine_url
    )
    assert added.exit_code == 0, added.output
    return engine_url


def sso(url: str, *words: str) -> int:
    return aftershow("site", "sso", "newsroom", *words, database_url=url).exit_code


def test_a_public_key_a_secret_and_off(newsroom: str, tmp_path: Path) -> None:
    before, file = site(newsroom), tmp_path / "key.pem"
    file.write_text(pem(KEY))
    assert sso(newsroom, "--algorithm", "eddsa", "--public-key", str(file), *ISSUER, "--role", "moderator") == 0
    found = site(newsroom)
    assert (found.sso_algorithm, found.sso_key, found.sso_issuer, found.sso_role) == (
        "EdDSA",
        pem(KEY).strip(),
        ISSUER[1],
        "moderator",
    )
    file.write_text(f"{'s' * 32}\n")
    assert sso(newsroom, "--algorithm", "HS256", "--secret-file", str(file), *ISSUER) == 0
    found = site(newsroom)
    assert (found.sso_algorithm, found.sso_key, found.sso_role) == ("HS256", "s" * 32, "")
    assert sso(newsroom, "--off") == 0
    assert site(newsroom) == before


def test_what_is_no_key_is_refused(newsroom: str, tmp_path: Path) -> None:
    before, file = site(newsroom), tmp_path / "key.pem"
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for text in ("", "x", private, pem(rsa_key), pem(ed448.Ed448PrivateKey.generate()), "s" * 32):
        file.write_text(text)
        assert sso(newsroom, "--algorithm", "EdDSA", "--public-key", str(file), *ISSUER) == 2, text
    file.write_text("s" * 31)
    assert sso(newsroom, "--algorithm", "HS256", "--secret-file", str(file), *ISSUER) == 2
    assert site(newsroom) == before


def test_options_that_do_not_go_together(newsroom: str, tmp_path: Path) -> None:
    before, file = site(newsroom), tmp_path / "key.pem"
    file.write_text(pem(KEY))
    key = ("--public-key", str(file))
    for words in (
        (),
        ("--algorithm", "EdDSA", *key),
        (*key, *ISSUER),
        ("--algorithm", "EdDSA", *ISSUER),
        ("--algorithm", "HS256", *key, *ISSUER),
        ("--algorithm", "EdDSA", *key, "--secret-file", str(file), *ISSUER),
        ("--algorithm", "EdDSA", "--public-key", str(tmp_path / "nothing"), *ISSUER),
        ("--algorithm", "RS256", *key, *ISSUER),
        ("--algorithm", "none", *key, *ISSUER),
        ("--algorithm", "EdDSA", *key, *ISSUER, "--role", "owner"),
        ("--algorithm", "EdDSA", *key, "--issuer", " "),
    ):
        assert sso(newsroom, *words) == 2, words
    assert site(newsroom) == before


def test_a_site_that_is_not_there(newsroom: str) -> None:
    answer = aftershow("site", "sso", "nowhere", "--off", database_url=newsroom)
    assert (answer.exit_code, "no site 'nowhere'" in answer.output) == (1, True)
