"""`doctor` looks at people: whatever names an account leads to one, and what was revoked stays revoked."""

from __future__ import annotations

import asyncio

import pytest

from forum.accounts.model import Role
from tests.integration.test_doctor import damage, look, wrongs
from tests.support.app import open_house
from tests.support.estate import leave
from tests.support.people import embedded, signed_in

FAULTS = [
    ("comments are by an account that is not there", "UPDATE comment SET author_id = 7 WHERE author_kind = 'account'"),
    ("comments of nobody bear a name", "UPDATE comment SET author_name = 'Ada' WHERE author_kind = 'gone'"),
    ("sessions of frames have outlived", "DELETE FROM session WHERE kind = 'main'"),
    ("sessions of frames belong to somebody else", "UPDATE session SET account_id = 7 WHERE kind = 'main'"),
    ("sessions belong to nobody", "UPDATE session SET account_id = 7"),
    ("roles belong to nobody", "UPDATE account_role SET account_id = 7"),
    ("roles belong to an account that is being erased", "UPDATE account SET state = 'erasing'"),
]


@pytest.fixture
def url(engine_url: str) -> str:
    """A database with somebody who is signed in, also in a frame, and the comments of somebody who has gone."""
    asyncio.run(write(engine_url))
    return engine_url


async def write(url: str) -> None:
    async with open_house(url) as house:
        edda = await signed_in(house, "Edda", role=Role.MODERATOR)
        await (await embedded(house, edda)).post("Who lit the lantern?", key="a key of some length")
        gone = await signed_in(house, "Otto")
        await gone.post("Not me.", key="another key of some length")
        assert (await leave(gone, "keep")).status_code == 303


def test_people_as_they_should_be(url: str) -> None:
    assert wrongs(look(url)) == {}


@pytest.mark.parametrize(("words", "statement"), FAULTS)
def test_what_leads_nowhere_is_found(url: str, words: str, statement: str) -> None:
    damage(url, statement)
    found = wrongs(look(url))
    assert words in found["I11"]
