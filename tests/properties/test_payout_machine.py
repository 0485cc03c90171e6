"""Payouts in any order of deeds: no line is paid twice, nobody is paid another's, and no money is nowhere."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app.payroom import ANNA, DAY, EVA, IDA, open_market, owe, sell
from tieout.app import Tieout
from tieout.model.error import TieoutError
from tieout.model.payout import Outcome

DEEDS = ("owe", "take", "run", "run", "make", "approve", "send", "send", "hold", "release", "cancel", "retry")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(DEEDS), st.integers(0, 5)),
        st.tuples(st.sampled_from([o for o in Outcome if o is not Outcome.ACCEPTED]), st.integers(0, 5)),
    ),
    min_size=8, max_size=22,
)  # fmt: skip
#: Of each seller: what the ledger says can be paid; what is open; what living payouts have that have not left; what is
#: in transit by the ledger; and what payouts that left and did not come back come to.
STANDING = """
select s.party,
       coalesce((select -sum(l.amount_minor) from line l join account a on a.id = l.account_id
                  where a.role = 'seller_available' and l.party = s.party), 0),
       coalesce((select sum(o.amount_minor) from payable_line o where o.party = s.party), 0),
       coalesce((select sum(p.amount_minor) from payout p where p.party = s.party
                    and p.state in ('draft', 'pending_approval', 'approved', 'held', 'queued')), 0),
       coalesce((select -sum(l.amount_minor) from line l join account a on a.id = l.account_id
                  where a.role = 'seller_in_transit' and l.party = s.party), 0),
       coalesce((select sum(p.amount_minor) from payout p where p.party = s.party
                    and p.state in ('submitted', 'in_transit', 'paid')), 0)
  from seller_version s
"""
WRONG = """
select count(*) from payout p
 where p.amount_minor <> (select sum(l.amount_minor) from payout_line l where l.payout_id = p.id)
    or exists (select from payout_line l join line n on n.entry_id = l.entry_id and n.line_no = l.line_no
                where l.payout_id = p.id and (n.party <> p.party or n.amount_minor <> -l.amount_minor))
    or exists (select from payout_line l where l.payout_id = p.id and l.alive <> payout_lives(p.state))
"""


@pytest.fixture(scope="module")
def market(
    fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tieout, str]]:
    """Books that all examples share; each has sellers of its own."""
    url = fresh_database()
    folder: Path = tmp_path_factory.mktemp("market")
    with open_market(url, folder) as app:
        yield app, url


def do(app: Tieout, deed: str, number: int, parties: list[str], place: int) -> None:
    party, day = parties[number % 2], DAY + timedelta(days=place)
    name = f"pay_{max((int(p.name[4:]) for p in app.payout_list(limit=1)), default=0) - number}"
    if deed in ("owe", "take"):
        owe(app, party, 700 + number if deed == "owe" else -300 - number, mark=f"{place}.")
    elif deed == "run":
        app.run_payouts(day, parties=parties, key=f"{parties[0]}.{place}", actor=ANNA)
    elif deed == "make":
        app.make_payout(party, 200 if number % 2 else None, "EUR", reason="asked", day=day, actor=ANNA)
    elif deed == "approve":
        app.approve_payout(name, actor=EVA)
    elif deed == "send":
        app.send_payouts(day, actor=IDA)
    elif deed in ("hold", "release", "cancel", "retry"):
        app.decide_payout(name, deed, reason="so", actor=EVA)
    else:
        app.settle_payout(name, Outcome(deed), code="AM04" if number % 2 else "AC04", actor=EVA, day=day)


@settings(max_examples=12)
@given(steps=STEPS)
def test_money_is_always_in_one_place(market: tuple[Tieout, str], steps: list[tuple[str, int]]) -> None:
    app, url = market
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("select count(*) from seller_version").fetchone()
        assert row is not None
        parties = [f"s{row[0]}", f"s{row[0] + 1}"]
        for party in parties:
            sell(app, party, kept_minimum_minor=100)
            owe(app, party, 900)
        for place, (deed, number) in enumerate(steps):
            with suppress(TieoutError):  # refused: then nothing happened, as is seen below
                do(app, deed, number, parties, place)
        for party in parties:
            app.payable(party)  # takes in what came last
        for party, available, opened, claimed, transit, gone in connection.execute(STANDING).fetchall():
            assert available == opened + claimed, party
            assert transit == gone, party
        assert connection.execute(WRONG).fetchone() == (0,)
        assert connection.execute("select sum(amount_minor) from line").fetchone() == (0,)
