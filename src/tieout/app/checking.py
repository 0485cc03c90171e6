"""What `tieout check` looks at: every number worked out again from what is beneath it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from tieout.app.context import LedgerContext
from tieout.app.proving import prove
from tieout.app.views import Finding
from tieout.db.pool import Connection
from tieout.ledger import guard
from tieout.ledger import store as ledger
from tieout.model.entry import Entry, content_hash
from tieout.model.ids import IdKind, public_id
from tieout.model.money import display
from tieout.model.proof import Proof
from tieout.settlement import sales

_TAMPERED = "Something wrote past the ledger. Restore the database from a backup and replay what came after."


def check(connection: Connection, context: LedgerContext, now: datetime) -> list[Finding]:
    """What does not hold; nothing if all does. Reads every entry, so it takes a while on large books."""
    booked = [*_ledger(connection, context), *_guards(connection, context), *_sellers(connection, context)]
    return [*booked, *_proof(prove(connection, context, now))]


def _ledger(connection: Connection, context: LedgerContext) -> Iterator[Finding]:
    """Every entry balances and is what it was when it was posted, and the balances are the sums of its lines."""
    folded: Counter[tuple[str, str]] = Counter()
    worth: Counter[tuple[str, str]] = Counter()
    for entry in ledger.walk(connection, context.id, date.max):
        name = public_id(IdKind.ENTRY, entry.id)
        if content_hash(entry.draft) != entry.content_hash:
            yield Finding(name, False, "its content is not what was posted", _TAMPERED)
        if off := _off(entry, context.entity.base_currency):
            yield Finding(name, False, f"debit and credit differ by {off}", _TAMPERED)
        for line in entry.draft.lines:
            folded[line.account, line.currency] += line.amount_minor
            worth[line.account, line.currency] += line.base_minor
    base = context.entity.base_currency
    stated = {(b.account, b.currency): b for b in ledger.balances(connection, context.id)}
    for account, currency in sorted(folded.keys() | stated.keys()):
        known = stated.get((account, currency))
        balances = (0, 0) if known is None else (known.balance_minor, known.base_minor)
        for lines, balance, unit in (
            (folded[account, currency], balances[0], currency),
            (worth[account, currency], balances[1], base),
        ):
            if lines != balance:
                detail = f"balance {display(balance, unit)} {unit}, but its lines come to {display(lines, unit)}"
                yield Finding(f"account {account}", False, detail, _TAMPERED)
                break


def _guards(connection: Connection, context: LedgerContext) -> Iterator[Finding]:
    """What a guarded account is checked against is the sum of its lines."""
    for wrong in guard.astray(connection, context.id):
        who = f"account {wrong.account}{f' of {wrong.party}' if wrong.party else ''}"
        kept, lines = (
            f"{display(minor, wrong.currency)} {wrong.currency}" for minor in (wrong.balance_minor, wrong.other_minor)
        )
        remedy = f"Guard it again with `tieout account guard {wrong.account}`: that sums its lines anew."
        yield Finding(who, False, f"its guard goes by {kept}, but its lines come to {lines}", remedy)


def _sellers(connection: Connection, context: LedgerContext) -> Iterator[Finding]:
    """What each sale has come to for each seller is the sum of the seller's lines of the sale."""
    for wrong in sales.astray(connection, context.id):
        detail = f"{wrong.role} is kept at {wrong.kept_minor} minor units, but its lines come to {wrong.booked_minor}"
        yield Finding(f"{wrong.sale} of {wrong.party}", False, detail, _TAMPERED)


def _off(entry: Entry, base: str) -> str:
    totals: Counter[str] = Counter()
    worth = sum(line.base_minor for line in entry.draft.lines)
    for line in entry.draft.lines:
        totals[line.currency] += line.amount_minor
    off = [f"{display(amount, currency)} {currency}" for currency, amount in totals.items() if amount]
    return ", ".join(off) or (f"{display(worth, base)} {base} in base currency" if worth else "")


def _proof(proof: Proof) -> Iterator[Finding]:
    if proof.run_id is None:
        yield Finding("proof", False, "no reconciliation has been run yet", "Run `tieout reconcile`.")
        return
    for line in proof.lines:
        if line.unexplained_minor:
            amount = f"{display(line.unexplained_minor, line.currency)} {line.currency}"
            remedy = "Run `tieout reconcile`; entries that came after the last run are not named yet."
            yield Finding(f"account {line.account}", False, f"{amount} of {line.name} is unexplained", remedy)
        elif line.unexplained_base_minor:
            base = proof.base_currency
            amount = f"{display(line.unexplained_base_minor, base)} {base} on {line.name} in {line.currency}"
            remedy = "Run `tieout reconcile`, which books exchange differences; someone may have reversed one by hand."
            yield Finding(f"account {line.account}", False, f"{amount} is not what its open items carry", remedy)
    for bank in proof.banks:
        if bank.difference_minor:
            amount = f"{display(bank.difference_minor, bank.currency)} {bank.currency}"
            remedy = "Look at the exceptions of this bank: a statement is missing or held."
            yield Finding(f"bank {bank.account}", False, f"{bank.name} differs from its statement by {amount}", remedy)
