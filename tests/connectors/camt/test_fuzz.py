"""Whatever arrives: either it is refused with a sentence, or it becomes a document the mapping can read."""

from decimal import Decimal

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.connectors.camt.connector import connector
from tests.connectors.camt.statements import balance, entry, message, payment, statement
from tieout.connectors.camt import source
from tieout.events.mapping import Reading, read
from tieout.model.case import Reason
from tieout.model.connector import Undecodable
from tieout.model.event import EventKind

CONNECTOR = connector()
GOOD = message(
    statement(
        entry("4.00", reference="A", details=payment([("Amt", "4.00", "EUR")], remittance=["po_123456", "x"])),
        entry("6.00", own_reference="B"),
        entry("0.00"),
        entry("1.00", status="PDNG"),
    ),
    statement(entry("10.00", "DBIT"), opening="10.00", closing="0.00", name="S2"),
)


def outcome(body: bytes) -> Reading | str:
    """The reading, or the sentence of the refusal; nothing else may happen."""
    topic = source.describe({}, {}, body).topic
    try:
        document = source.parse(topic, {}, body)
    except Undecodable as error:
        return str(error)
    assert msgspec.json.decode(msgspec.json.encode(document)) == document
    return read(CONNECTOR, "bank", topic, {}, document)


@given(st.binary(max_size=400))
@example(b"")
@example(b"\x00" * 50)
@example("<Document/>".encode("utf-16"))
@example("<Document/>".encode("utf-32"))
def test_random_bytes_are_refused(body: bytes) -> None:
    found = outcome(body)
    assert isinstance(found, str)
    assert found[0].isupper()
    assert found.endswith(".")


@given(st.integers(0, len(GOOD)))
def test_half_a_file_is_refused(length: int) -> None:
    found = outcome(GOOD[:length])
    assert isinstance(found, str) is (length < len(GOOD))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes_never_raise(changes: list[tuple[int, int]]) -> None:
    body = bytearray(GOOD)
    for place, value in changes:
        body[place] = value
    outcome(bytes(body))


@settings(max_examples=200)
@given(st.data())
def test_pieces_taken_out_or_doubled_never_raise(data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))))
    body = GOOD[:start] + GOOD[end:] if data.draw(st.booleans()) else GOOD[:end] + GOOD[start:]
    outcome(body)


ODD_AMOUNTS = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.sampled_from(["", " ", "sNaN", "1E999999999", "-0", "0x10", "1_0", "1.", ".1", ".", "1e5", "٣", "9" * 200]),
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="<&>"), max_size=30),
)
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='<&>"'), max_size=40)


@settings(max_examples=200)
@given(
    amount=ODD_AMOUNTS, direction=st.sampled_from(["CRDT", "DBIT", "", "both"]), currency=WORDS,
    status=st.sampled_from(["BOOK", "PDNG", "", "NEWS"]), day=WORDS, reference=WORDS, text=WORDS, opening=ODD_AMOUNTS,
)  # fmt: skip
def test_odd_values_never_raise_and_never_vanish(
    amount: str, direction: str, currency: str, status: str, day: str, reference: str, text: str, opening: str
) -> None:
    """The one line is booked, held, noted or an exception: it is never lost."""
    line = entry(
        amount, direction, currency=currency, status=status, day=day, reference=reference,
        details=payment([("Amt", amount, currency)], direction, [text, text]),
    )  # fmt: skip
    found = outcome(message(statement(line, opening=opening, closing="10.00")))
    assert not isinstance(found, str)
    about_the_line = [e for e in found.events if e.kind is not EventKind.STATEMENT_RECEIVED]
    told = len(about_the_line) + len(found.notes) + len([o for o in found.objections if "entries" in o.place])
    assert told == 1


LINES = st.lists(st.tuples(st.integers(0, 10**9), st.booleans(), st.sampled_from(["", "A", "B", "A#2"])), max_size=12)


@given(lines=LINES, opening=st.integers(-(10**9), 10**9), off=st.sampled_from([0, 0, 1, -7]))
def test_a_statement_is_booked_exactly_if_it_adds_up(
    lines: list[tuple[int, bool, str]], opening: int, off: int
) -> None:
    def text(cents: int) -> str:
        return f"{Decimal(abs(cents)).scaleb(-2):.2f}"

    def bal(kind: str, cents: int) -> str:
        return balance(kind, text(cents), "CRDT" if cents >= 0 else "DBIT")

    moved = sum(cents if credit else -cents for cents, credit, _ in lines)
    parts = [entry(text(cents), "CRDT" if credit else "DBIT", reference=ref) for cents, credit, ref in lines]
    balances = bal("OPBD", opening) + bal("CLBD", opening + moved + off)
    found = outcome(message(statement(balances, *parts, opening=None, closing=None)))
    assert not isinstance(found, str)
    wanted = None if off == 0 else Reason.STATEMENT_UNBALANCED.value
    assert {event.objection for event in found.events} == {wanted}
    booked = [event for event in found.events if event.kind is not EventKind.STATEMENT_RECEIVED]
    signs = {EventKind.BANK_CREDITED: 1, EventKind.BANK_DEBITED: -1}
    assert sum(signs[e.kind] * e.components[0].amount_minor for e in booked) == moved
    assert len({e.key for e in booked}) == len(booked) == len([cents for cents, _, _ in lines if cents])
    assert len(found.notes) == len([cents for cents, _, _ in lines if cents == 0])
