"""A seller's statement: opening balances, what moved by order, closing balances, and why anything is not payable yet.

Made of the seller's own lines in the ledger, and checked against its balances: opening and lines come to closing,
bucket by bucket, or there is no statement.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import StringIO

from tieout.model.bucket import Bucket, Hold
from tieout.model.ids import IdKind, public_id
from tieout.model.money import decimal_text
from tieout.model.owed import BucketRow, SellerStatement, StatementRow, Withheld
from tieout.model.spreadsheet import guarded
from tieout.reports.owed import Amounts, KeyedLine, Standing

COLUMNS = (
    "seller", "currency", "kind", "day", "reference", "what", "bucket", "amount", "amount_minor", "entry", "made_of",
)  # fmt: skip
#: What is told of an occasion; others are told by their code.
_WORDS: Mapping[str, str] = {
    "captured": "Sold",
    "accrued": "Sold",
    "released": "Released",
    "refunded": "Refunded",
    "reserve_released": "Reserve released",
    "held": "Held for a dispute",
    "unheld": "Dispute won",
    "dispute_lost": "Dispute lost",
    "fee_recharged": "Dispute fee",
    "fee_charged": "Fee",
    "submitted": "Paid out",
    "confirmed": "Arrived at the bank",
    "failed": "Payout failed",
    "came_back": "Payout came back",
    "carried": "Left for the next payout",
    "credited": "Correction in your favour",
    "charged": "Correction",
    "goodwill_of_seller": "Goodwill to a buyer",
}


def words_of(occasion: str) -> str:
    """What happened, in a seller's words."""
    return _WORDS.get(occasion) or occasion.replace("_", " ").replace(".", " ").capitalize()


def rows_of_lines(lines: Iterable[KeyedLine], amounts: Amounts) -> tuple[StatementRow, ...]:
    """One row for what an entry moved of one order, by order in the order in which each first moved."""
    groups: dict[str, dict[int, list[KeyedLine]]] = {}
    for keyed in lines:
        groups.setdefault(keyed.line.reference, {}).setdefault(keyed.line.entry, []).append(keyed)
    return tuple(_row(own, amounts) for entries in groups.values() for own in entries.values())


def _row(own: Sequence[KeyedLine], amounts: Amounts) -> StatementRow:
    line, moved = own[0].line, dict[Bucket, int]()
    for keyed in own:
        moved[keyed.line.bucket] = moved.get(keyed.line.bucket, 0) + keyed.line.amount_minor
    kept = {bucket: amount for bucket, amount in moved.items() if amount}
    parts = amounts.get(own[0].key, {})
    known = parts if sum(parts.values()) == sum(kept.values()) else {}
    return StatementRow(
        line.day, public_id(IdKind.ENTRY, line.entry), line.reference, words_of(line.occasion), kept, known
    )


def buckets_of(
    opening: Mapping[Bucket, int], rows: Iterable[StatementRow], closing: Mapping[Bucket, int]
) -> tuple[BucketRow, ...]:
    """Each bucket on which anything stood or moved. The ledger's closing balance must be what the rows come to."""
    came, went = dict[Bucket, int](), dict[Bucket, int]()
    for row in rows:
        for bucket, amount in row.moved_minor.items():
            side = came if amount > 0 else went
            side[bucket] = side.get(bucket, 0) + amount
    found = []
    for bucket in Bucket:
        before, plus, minus = (balances.get(bucket, 0) for balances in (opening, came, went))
        assert before + plus + minus == closing.get(bucket, 0), f"the lines of {bucket} do not come to its balance"
        if before or plus or minus:
            found.append(BucketRow(bucket, before, plus, minus, closing.get(bucket, 0)))
    return tuple(found)


def withheld_of(standing: Iterable[Standing], holds: Iterable[Hold]) -> tuple[Withheld, ...]:
    """Why money that is owed is not payable, the soonest to be free first."""
    sums: dict[tuple[str, date | None], int] = {}
    for one in standing:
        why = one.bucket.meaning.rstrip(".")
        if one.bucket is Bucket.DISPUTE_HOLD:
            why = f"{why} ({one.reference.replace(':', ' ', 1)})"
        sums[why, one.until] = sums.get((why, one.until), 0) + one.amount_minor
    found = [Withheld(amount, why, until) for (why, until), amount in sums.items() if amount]
    found += [Withheld(h.amount_minor, f"{h.reason.meaning.rstrip('.')}. {h.ends_when}", h.until) for h in holds]
    return tuple(sorted(found, key=lambda one: (one.until is None, one.until or date.max, one.why)))


def csv_text(statements: Iterable[SellerStatement]) -> str:
    """Statements as one CSV: opening, movements and closing by bucket; the amounts of a seller's currency add up."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for statement in statements:
        for row in _csv_rows(statement):
            writer.writerow([guarded(cell) for cell in (statement.party, statement.currency, *row)])
    return text.getvalue()


def _csv_rows(statement: SellerStatement) -> Iterable[Sequence[object]]:
    def money(minor: int) -> tuple[str, int]:
        return decimal_text(minor, statement.currency), minor

    for bucket in statement.buckets:
        yield "opening", statement.since, "", "", bucket.bucket, *money(bucket.opening_minor), "", ""
    for row in statement.rows:
        parts = "; ".join(f"{name} {decimal_text(n, statement.currency)}" for name, n in row.parts_minor.items())
        for number, (place, amount) in enumerate(row.moved_minor.items()):
            told = "" if number else parts
            yield "movement", row.day, row.reference, row.what, place, *money(amount), row.entry, told
    for bucket in statement.buckets:
        yield "closing", statement.until, "", "", bucket.bucket, *money(bucket.closing_minor), "", ""
