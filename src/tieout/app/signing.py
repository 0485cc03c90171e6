"""Reconciliations that people sign: a bank account and what is on its way to it, at the end of a period, frozen."""

import csv
import hashlib
import io
from datetime import date

import msgspec
from msgspec import Struct

from tieout.app import banking
from tieout.app.banking import StatementLine
from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.proving import prove
from tieout.app.understanding import utc_now
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.account import Role
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound, ResolutionRefused
from tieout.model.money import decimal_text
from tieout.model.proof import BankLine, ProofLine
from tieout.model.spreadsheet import guarded
from tieout.reconciliation import signed
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.signed import Afterwards, Kept
from tieout.reports.reconciliation_pdf import reconciliation_pdf

__all__ = ["Afterwards", "Clearing", "Kept", "Reconciled", "Signing", "content_of", "csv_of"]


class Clearing(Struct, frozen=True):
    """A clearing account at the end of the period, taken apart; `refunds_minor` is the part of it that is refunds."""

    line: ProofLine
    refunds_minor: int


class Reconciled(Struct, frozen=True):
    """What a reconciliation says: the bank account against its statements, and what is on its way, by account.

    `moved_minor` is what the books moved by in the period, `told_minor` what the statements did.
    """

    entity: str
    account: str
    name: str
    currency: str
    first_day: date
    last_day: date
    bank: BankLine
    statements: tuple[StatementLine, ...]
    moved_minor: int
    told_minor: int
    clearing: tuple[Clearing, ...]

    @property
    def agrees(self) -> bool:
        """Whether the bank agrees, no statement is missing, and nothing is unexplained."""
        whole = self.bank.continuous and all(s.follows for s in self.statements) and bool(self.statements)
        explained = not any(c.line.unexplained_minor for c in self.clearing)
        return self.bank.difference_minor == 0 and whole and explained


class Signing(Opened):
    """The part of the face where reconciliations are prepared and signed."""

    def reconciled(self, account: str, currency: str, first: date, last: date) -> Reconciled:
        """What a reconciliation of a bank account would say now. Raises NotFound if it is no bank account."""
        with self._books() as (connection, context):
            return _reconciled(connection, context, account, currency, first, last)

    def prepare_reconciliation(self, account: str, currency: str, first: date, last: date, *, actor: Actor) -> int:
        """Freezes what a reconciliation says, for somebody else to sign. Returns its number."""
        with self._books() as (connection, context):
            reconciliation.take_turn(connection, context.id)
            found = _reconciled(connection, context, account, currency, first, last)
            content = msgspec.json.encode(found, order="deterministic")
            columns = {
                "account": context.accounts[account].id, "currency": currency, "first": first, "last": last,
                "content": content.decode(), "hash": hashlib.sha256(content).digest(), "csv": csv_of(found),
                "actor": actor.name, "now": utc_now(),
            }  # fmt: skip
            number = signed.prepare(connection, context.id, columns)
            controls.log(connection, context.id, actor.name, "reconciliation.prepared", f"rec_{number}", account)
            return number

    def sign_reconciliation(self, number: int, *, note: str, actor: Actor) -> Kept:
        """Signs what somebody else prepared. What runs tied up to its day is settled then: no run looks at it again.

        Raises ResolutionRefused for the preparer, if it is signed, or if the bank does not agree or something is
        unexplained, and BadInput without a note.
        """
        if not note.strip():
            raise BadInput("A note is required", where="note", remedy="Say what was looked at, in a sentence.")
        with self._books() as (connection, context):
            reconciliation.take_turn(connection, context.id)
            kept = signed.one_kept(connection, context.id, number)
            if kept.reviewed_by is not None:
                raise ResolutionRefused(f"rec_{number} is signed by {kept.reviewed_by}", where=f"rec_{number}")
            if not content_of(kept).agrees:
                raise ResolutionRefused(
                    f"rec_{number} does not agree, so nobody can sign it", where=f"rec_{number}",
                    remedy="See to the differences, reconcile, and prepare it again.",
                )  # fmt: skip
            complete = msgspec.structs.replace(kept, reviewed_by=actor.name, reviewed_at=utc_now(), note=note)
            pdf = reconciliation_pdf(msgspec.to_builtins(content_of(kept)), complete)
            assert complete.reviewed_at is not None
            signed.sign(connection, context.id, kept, actor.name, note, complete.reviewed_at, pdf)
            controls.log(connection, context.id, actor.name, "reconciliation.signed", f"rec_{number}", note)
            return complete

    def reconciliations(self) -> list[Kept]:
        """All that were prepared, newest first."""
        with self._books() as (connection, context):
            return signed.all_kept(connection, context.id)

    def reconciliation(self, number: int) -> tuple[Kept, list[Afterwards]]:
        """One of them, and what was tied or taken back afterwards. Raises NotFound."""
        with self._books() as (connection, context):
            kept = signed.one_kept(connection, context.id, number)
            return kept, signed.afterwards(connection, context.id, number)

    def reconciliation_pdf(self, number: int) -> bytes:
        """The PDF as it was signed. Raises NotFound if nobody has signed it."""
        with self._books() as (connection, context):
            found = signed.pdf(connection, context.id, number)
            if found is None:
                raise NotFound(f"Nobody has signed rec_{number}", where="id", remedy="Sign it first.")
            return found


def content_of(kept: Kept) -> Reconciled:
    """What a reconciliation said when it was prepared."""
    return msgspec.json.decode(kept.content, type=Reconciled)


def _reconciled(
    connection: Connection, context: LedgerContext, code: str, currency: str, first: date, last: date
) -> Reconciled:
    account = context.accounts.get(code)
    if account is None or account.role is not Role.BANK:
        raise NotFound(f"“{code}” is no bank account", where="account", remedy="See `tieout proof`.")
    if first > last:
        raise BadInput(f"{first} is after {last}", where="first", remedy="Give the first day first.")
    proof = prove(connection, context, utc_now(), last)
    bank = next((b for b in proof.banks if (b.account, b.currency) == (code, currency)), None)
    if bank is None:
        raise NotFound(f"Nothing is known of {code} in {currency} by {last}", where="currency")
    refunds = signed.refunds(connection, context.id, currency, last)
    statements = banking.statement_lines(connection, context, account, currency, first, last)
    return Reconciled(
        context.entity.name, code, account.name, currency, first, last, bank, statements,
        _balance(connection, context, code, currency, last)
        - _balance(connection, context, code, currency, date.fromordinal(first.toordinal() - 1)),
        sum(s.closing_minor - s.opening_minor for s in statements),
        tuple(Clearing(line, refunds.get(line.account, 0)) for line in proof.lines if line.currency == currency),
    )  # fmt: skip


def _balance(connection: Connection, context: LedgerContext, account: str, currency: str, until: date) -> int:
    found = ledger.balances(connection, context.id, until=until, accounts=[account])
    return sum(b.balance_minor for b in found if b.currency == currency)


def csv_of(found: Reconciled) -> str:
    """The reconciliation as CSV: what, account, name, day, amount; one figure a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("what", "account", "name", "day", "amount", "currency"))
    bank, last = found.bank, found.last_day.isoformat()
    rows: list[tuple[str, str, str, str, int]] = [
        ("book balance", found.account, found.name, last, bank.books_minor),
        ("before the books", found.account, found.name, last, bank.opening_minor),
    ]
    if bank.statement_minor is not None:
        rows.append(("bank balance", found.account, found.name, str(bank.statement_date), bank.statement_minor))
    rows.append(("difference", found.account, found.name, last, bank.difference_minor))
    for s in found.statements:
        rows.append((f"statement {'opens' if s.follows else 'opens after a gap'}", found.account, s.name,
                     s.first_day.isoformat(), s.opening_minor))  # fmt: skip
        rows.append(("statement closes", found.account, s.name, s.last_day.isoformat(), s.closing_minor))
    for c in found.clearing:
        p = c.line
        parts = (
            ("book balance", p.balance_minor), ("in transit", p.transit_minor), ("of it and of exceptions, refunds",
            c.refunds_minor), ("disputed", p.disputed_minor), ("reserved", p.reserved_minor),
            ("exceptions", p.exceptions_minor), ("unexplained", p.unexplained_minor),
        )  # fmt: skip
        rows += [(what, p.account, p.name, last, amount) for what, amount in parts]
    for what, account, name, day, amount in rows:
        writer.writerow(
            [guarded(c) for c in (what, account, name, day)] + [decimal_text(amount, found.currency), found.currency]
        )
    return text.getvalue()
