"""The database keeps who prepares and who reviews apart, whatever the program does."""

from datetime import UTC, date, datetime

import psycopg
import pytest

from tieout.db.pool import Connection
from tieout.model.error import NotFound
from tieout.reconciliation import signed


def test_two_people_sign_and_a_signature_is_for_ever(connection: Connection) -> None:
    columns = {
        "account": 1, "currency": "EUR", "first": date(2026, 3, 1), "last": date(2026, 3, 31), "content": "{}",
        "hash": b"h", "csv": "", "actor": "anna", "now": datetime(2026, 4, 1, tzinfo=UTC),
    }  # fmt: skip
    number = signed.prepare(connection, 1, columns)
    kept = signed.one_kept(connection, 1, number)
    assert (kept.prepared_by, kept.reviewed_by, signed.pdf(connection, 1, number)) == ("anna", None, None)
    signed.sign(connection, 1, kept, "eva", "Seen.", datetime(2026, 4, 2, tzinfo=UTC), b"%PDF")
    assert signed.one_kept(connection, 1, number).reviewed_by == "eva"
    assert (signed.pdf(connection, 1, number), signed.afterwards(connection, 1, number)) == (b"%PDF", [])
    with pytest.raises(NotFound):
        signed.one_kept(connection, 1, number + 1)
    again = signed.prepare(connection, 1, columns)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute(
            "insert into reconciliation_signature (ledger_id, id, reviewed_by, reviewed_at, note, pdf)"
            " values (1, %s, 'anna', now(), 'n', '')", [again]
        )  # fmt: skip
    assert refused.value.diag.constraint_name == "two_people_sign"
