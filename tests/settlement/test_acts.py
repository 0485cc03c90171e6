"""Acts as they are kept: once by key, and approved by another."""

import msgspec
import psycopg
import pytest

from tests.settlement.test_act import GIFT
from tieout.db.pool import Connection
from tieout.settlement import acts


def test_an_act_comes_back_as_it_was_and_is_decided_once(connection: Connection, ledger: int) -> None:
    number = acts.add(connection, ledger, GIFT, "eva", needs_second=True)
    assert number is not None
    assert acts.add(connection, ledger, GIFT, "eva", needs_second=True) is None
    other = msgspec.structs.replace(GIFT, key="l", party="anna", sale="order:7", source="", extra_minor=3)
    assert acts.add(connection, ledger, other, "eva", needs_second=False) is not None
    assert [row.act for row in acts.acts(connection, ledger)] == [other, GIFT]
    assert [row.id for row in acts.acts(connection, ledger, waiting=True)] == [number]
    with pytest.raises(psycopg.errors.CheckViolation, match="cannot approve it"), connection.transaction():
        acts.decide(connection, ledger, number, "eva", "Me.", approved=True)
    assert acts.decide(connection, ledger, number, "bert", "Fine.", approved=True)
    assert not acts.decide(connection, ledger, number, "cleo", "No.", approved=False)
    (row,) = acts.acts(connection, ledger, key="k")
    assert (row.approved, row.decided_by) == (True, "bert")
    assert acts.acts(connection, ledger, waiting=True) == []


def test_a_job_is_done_by_one_at_a_time(connection: Connection, ledger: int, url: str) -> None:
    assert acts.try_turn(connection, ledger, "release")
    with psycopg.connect(url) as other:
        assert not acts.try_turn(other, ledger, "release")
        assert acts.try_turn(other, ledger, "something else")
    assert acts.overdrawn(connection, ledger, "2320", GIFT.day) == []
