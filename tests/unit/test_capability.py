"""Capabilities: which ones are ours, and whose a session's is."""

import pytest

from forum.core.capability import account_named, derive_token, is_genuine, new_session_token, new_token
from forum.core.visitor import Visitor

SECRET = "a secret of a server, long enough"


@pytest.mark.parametrize("token", [new_token(SECRET), derive_token(SECRET, "a"), new_session_token(SECRET, 77)])
def test_ours_are_genuine_and_no_others(token: str) -> None:
    assert is_genuine(SECRET, token)
    assert not is_genuine("another", token)
    assert not is_genuine(SECRET, token.replace(".", ""))
    for changed in (f"1{token}", f"78-{token.partition('-')[2]}", token[1:], token[:-1], f"-{token}", f"78-{token}"):
        assert not is_genuine(SECRET, changed), changed


def test_a_session_says_whose_it_is_and_a_guest_nothing() -> None:
    assert account_named(new_session_token(SECRET, 77)) == "77"
    assert account_named(new_token(SECRET)) is None
    assert account_named(derive_token(SECRET, "77-x")) is None
    assert new_session_token(SECRET, 77) != new_session_token(SECRET, 77)


def test_a_person_counts_as_one_in_all_their_sessions() -> None:
    main, embed, other = (new_session_token(SECRET, number) for number in (77, 77, 78))
    guest = new_token(SECRET)
    one = Visitor("192.0.2.1", token=guest, main=main)
    assert one.counts_as == Visitor("192.0.2.2", embed=embed).counts_as == "account:77"
    assert Visitor("192.0.2.1", main=other).counts_as == "account:78"
    assert Visitor("192.0.2.1", token=guest).counts_as == f"token:{guest[:32]}"
    assert Visitor("192.0.2.1").counts_as is None
