"""Entries go to the database as columns, and come back as they were, whatever is in their texts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import entry
from tieout.ledger import store
from tieout.ledger.columns import columns
from tieout.masterdata import store as masterdata
from tieout.model.account import Account
from tieout.model.entry import EntryDraft, Line, content_hash

Accounts = Mapping[str, Account]


def made(*drafts: EntryDraft, accounts: Accounts, numbers: list[int] | None = None) -> dict[str, Any]:
    return columns(drafts, [content_hash(draft) for draft in drafts], numbers, accounts)


def test_numbers_and_days_are_arrays_texts_are_joined_and_nothing_stays_nothing(accounts: Accounts) -> None:
    receivable, sales = accounts["1200"].id, accounts["4000"].id
    one = msgspec.structs.replace(
        entry("a", "1200 5 item=order:1; 4000 -5 USD -4; 4000 5 USD 4; 1200 -5 item=order:2"), event_id=7, late=True
    )
    found = made(one, entry("b"), accounts=accounts)
    assert {name: found[name] for name in ("separator", "nothing")} == {"separator": "\x1f", "nothing": "\x1e"}
    assert found["keys"] == "a\x1fb\x1f"
    assert found["counts"] == "{4,2}"
    assert found["days"] == "{2026-01-15,2026-01-15}"
    assert found["times"] == "{2026-01-15T12:00:00+00:00,2026-01-15T12:00:00+00:00}"
    assert found["accounts"] == f"{{{receivable},{sales},{sales},{receivable},{receivable},{sales}}}"
    assert found["amounts"] == "{5,-5,5,-5,1000,-1000}"
    assert found["bases"] == "{5,-4,4,-5,1000,-1000}"
    assert found["currencies"] == "EUR\x1fUSD\x1fUSD\x1fEUR\x1fEUR\x1fEUR\x1f"
    assert found["items"] == "order:1\x1f\x1e\x1f\x1e\x1forder:2\x1f\x1e\x1f\x1e\x1f"
    assert (found["events"], found["lates"]) == ("{7,null}", "{True,False}")
    assert [found[name] for name in ("parties", "dims", "rates", "reverses", "reserved")] == [None] * 5
    assert found["hashes"] == content_hash(one) + content_hash(entry("b"))
    assert made(one, accounts=accounts, numbers=[9])["reserved"] == "{9}"


@pytest.mark.parametrize("text", ["a\x1fb", "\x1e", "\x1f\x1e" * 1000])
def test_a_text_with_the_separator_in_it_gets_another_separator(accounts: Accounts, text: str) -> None:
    found = made(entry(text), entry("b"), accounts=accounts)
    assert found["separator"] not in text
    assert found["nothing"] not in text
    assert found["keys"].split(found["separator"]) == [text, "b", ""]


texts = st.text(
    st.one_of(
        st.sampled_from("\x1f\x1e{}\",\\ '%\n"), st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    ),
    max_size=6,
)
#: Accounts are open from 1900 on.
moments = st.builds(
    lambda seconds, zone: (
        datetime(1900, 1, 2, tzinfo=UTC).astimezone(zone) + timedelta(seconds=seconds, microseconds=seconds)
    ),
    st.integers(0, 8000 * 365 * 86400),
    st.sampled_from([UTC, timezone(timedelta(hours=-7, minutes=-30)), timezone(timedelta(hours=14))]),
)


@given(
    st.lists(
        st.tuples(texts, texts, st.none() | texts, st.none() | texts, st.none() | texts,
                  st.dictionaries(texts, texts, max_size=2), moments, st.booleans()),
        min_size=1, max_size=3,
    )
)  # fmt: skip
def test_what_goes_in_comes_out(url: str, found: list[Any]) -> None:
    """Any text in any field, in batches of any shape: read back, every entry equals what was sent, to the hash."""
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        drafts = [
            EntryDraft(
                key=f"{number}{memo}",
                effective_date=when.date(),
                occurred_at=when,
                lines=(
                    Line("1200", "EUR", number, number, party, item, dims),
                    Line("4000", "EUR", -number, -number, item, party),
                ),
                memo=memo,
                rule_id=why,
                rule_version=number,
                why=why,
                actor=memo,
                rate=rate,
                late=late,
            )
            for number, (memo, why, rate, party, item, dims, when, late) in enumerate(found, start=1)
        ]
        posted = store.post(connection, 1, drafts, masterdata.accounts(connection, 1))
        read = store.entries(connection, 1, [p.entry_id for p in posted])
        assert [e.draft for e in read] == drafts
        assert [e.content_hash for e in read] == [content_hash(draft) for draft in drafts]
        connection.rollback()
