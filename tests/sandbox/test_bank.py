"""Statements chain, deposits are payouts, and what the bank does wrong is just what was asked for."""

from hypothesis import given

from tests.sandbox.worlds import WORLDS, clean, demo
from tieout.sandbox.bank import stated
from tieout.sandbox.calendar import business_days
from tieout.sandbox.trail import BankLineKind, Facts
from tieout.sandbox.world import World


@given(world=WORLDS)
def test_one_statement_a_business_day_each_opening_where_the_last_closed(world: World) -> None:
    facts = world.facts
    for bank in facts.banks:
        mine = [statement for statement in facts.statements if statement.bank == bank]
        assert [s.day for s in mine] == business_days(facts.start.date(), facts.end.date(), bank.currency)
        assert [s.number for s in mine] == list(range(mine[0].number, mine[0].number + len(mine)))
        assert mine[0].opening_minor == world.opening_minor
        assert [s.opening_minor for s in mine[1:]] == [s.closing_minor for s in mine[:-1]]
        assert all(booking.booked == s.day for s in mine for booking in s.bookings)
        references = [booking.reference for s in mine for booking in s.bookings]
        assert len(set(references)) == len(references)


@given(world=WORLDS)
def test_every_payout_that_arrives_in_time_is_deposited_once(world: World) -> None:
    facts = world.facts
    due = {p.id: p.amount_minor for p in facts.payouts if p.arrival < facts.end.date()}
    booked = {b.payout: b.amount_minor for s in facts.statements for b in s.bookings if b.payout}
    assert set(booked) == set(due)
    different = [payout for payout, amount in booked.items() if amount != due[payout]]
    assert len(different) == sum(o.story == "The bank kept a charge from this payout." for o in facts.oddities)


def kinds(facts: Facts) -> set[BankLineKind]:
    return {booking.kind for statement in facts.statements for booking in statement.bookings}


def test_a_clean_month_has_only_lines_that_rules_know() -> None:
    assert kinds(clean().facts) == {BankLineKind.PAYOUT, BankLineKind.CHARGES}
    assert kinds(demo().facts) == set(BankLineKind)


@given(world=WORLDS)
def test_a_deposit_names_its_payout_or_trace_unless_its_reference_was_lost(world: World) -> None:
    facts = world.facts
    payouts = {payout.id: payout for payout in facts.payouts}
    nameless = 0
    for booking in (b for s in facts.statements for b in s.bookings if b.payout):
        payout = payouts[booking.payout or ""]
        words = " ".join((booking.end_to_end, *booking.text)).split()
        assert "STRIPE" in f"{booking.counterparty} {' '.join(booking.text)}".upper()
        nameless += not {payout.id, payout.trace} & set(words)
    assert nameless <= (not world.clean)


def test_banks_pass_references_on_in_several_ways() -> None:
    deposits = [b for s in demo().facts.statements for b in s.bookings if b.payout]
    ways = {(b.end_to_end[:2], b.text[0].split()[0]) for b in deposits}
    assert len(ways) >= 4


def test_an_opening_balance_is_carried() -> None:
    first = World(seed=1, orders=3, opening_minor=12_345).facts.statements[0]
    assert first.opening_minor == 12_345


def test_statements_are_made_in_the_evening() -> None:
    facts = demo().facts
    assert all(stated(statement.day, facts.end) for statement in facts.statements)
    assert not stated(facts.end.date(), facts.end)
