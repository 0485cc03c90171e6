"""The journal as an hledger file: a second judge beside Beancount, written by other people in another language.

hledger's signs are the ledger's: debit positive, credit negative. At the end, an entry of zeros asserts what every
account stands at, so `hledger check` adds everything up by itself. What a foreign line is worth in base currency is
its total cost, and exchange differences are postings beside it, as in `beancount`: `hledger bal -B` comes to our
balances in base currency.

Source of the rules: the hledger manual, “hledger journal format”, https://hledger.org/hledger.html.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from tieout.model.account import Account
from tieout.model.balance import Balance
from tieout.model.entry import Line
from tieout.model.ids import IdKind, public_id
from tieout.model.money import decimal_text, exponent_of
from tieout.reports.beancount import Beside, account_names, is_plain, price
from tieout.reports.journal import Extract, JournalEntry

#: Amounts end in this column, so that they can be read down.
_AMOUNT_COLUMN = 78
#: A posting of this file: two blanks or more stand before the amount.
_POSTING = re.compile(
    r"    \S.*?  +(?P<amount>-?[0-9]+(?:\.[0-9]+)?) (?P<currency>[A-Z]{3})(?: @@ (?P<worth>[0-9.]+) (?P<of>[A-Z]{3}))?"
    r"(?P<asserted> = .*)?(?:  ; (?P<tags>.*))?"
)
_EXCHANGE = re.compile(r"(?:^|, )exchange: ([A-Z]{3})( joined)?")
#: The type letters of hledger's account directives.
_TYPES = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}


def write(extract: Extract, journal: Iterable[JournalEntry]) -> Iterator[str]:
    """The file in pieces, an entry each; `journal` comes in the order of its days."""
    names = account_names(extract.accounts)
    base_currency = extract.entity.base_currency
    beside = Beside(names)
    yield f"; {_plain(extract.entity.name)}, books in {base_currency}\ndecimal-mark .\n"
    yield from _declared(extract, names)
    for found in journal:
        draft = found.entry.draft
        number = public_id(IdKind.ENTRY, found.entry.id) if found.entry.id else draft.rule_id
        yield f"\n{draft.effective_date} * ({number}) {_plain(draft.memo)}\n    ; key: {_tag(draft.key)}\n"
        yield f"    ; rule: {_tag(draft.rule_id)}, version: {draft.rule_version}\n"
        yield "".join(f"    ; {word}: {_tag(key)}\n" for word, key in found.related)
        yield "".join(_postings(line, draft.effective_date, beside, base_currency) for line in draft.lines)
    for (code, currency), (name, _) in sorted(beside.used.items()):
        yield f"\naccount {name}  ; exchange-of: {_tag(code)}, currency: {currency}\n"
    yield _assertions(extract, names)


def _declared(extract: Extract, names: Mapping[str, str]) -> Iterator[str]:
    """The currencies and accounts that are used, so that `hledger check --strict` finds nothing unknown."""
    currencies = sorted({balance.currency for balance in extract.closing} | {extract.entity.base_currency})
    for currency in currencies:
        exponent = exponent_of(currency)
        yield f"commodity 1000.{'0' * exponent} {currency}\n"
    used: list[Account] = [account for account in extract.accounts if account.code in extract.used]
    for account in sorted(used, key=lambda a: names[a.code]):
        yield f"account {names[account.code]}  ; code: {_tag(account.code)}, type: {_TYPES[account.type.value]}\n"


def _postings(line: Line, day: date, beside: Beside, base_currency: str) -> str:
    tags = {"item": line.item, "party": line.party}
    written = [f"{tag}: {_tag(text)}" for tag, text in tags.items() if text is not None]
    plain, posted = is_plain(line, base_currency), ""
    if plain or line.amount_minor:
        amount = _aligned(beside.names[line.account], line.amount_minor, line.currency)
        posted = f"{amount}{price(line, base_currency)}{_tags(written)}"
    if not plain:
        amount = _aligned(beside.of(line, day), line.base_minor, base_currency)
        joined = " joined" if line.amount_minor else ""
        posted += f"{amount}{_tags([f'exchange: {line.currency}{joined}', *([] if joined else written)])}"
    return posted


def _tags(written: Sequence[str]) -> str:
    return f"  ; {', '.join(written)}\n" if written else "\n"


def _aligned(name: str, amount_minor: int, currency: str) -> str:
    """An account and an amount, two blanks apart at least, which end the account's name."""
    amount = decimal_text(amount_minor, currency)
    start = f"    {name} "
    return f"{start}{amount:>{max(_AMOUNT_COLUMN - len(start), len(amount) + 1)}} {currency}"


def _assertions(extract: Extract, names: Mapping[str, str]) -> str:
    stands = sorted(
        (b for b in extract.closing if b.account in extract.used), key=lambda b: (names[b.account], b.currency)
    )
    if not stands:
        return ""
    return f"\n{extract.last} * (closing) Balances\n" + "".join(_asserted(b, names[b.account]) for b in stands)


def _asserted(balance: Balance, name: str) -> str:
    stood = decimal_text(balance.balance_minor, balance.currency)
    return f"{_aligned(name, 0, balance.currency)} = {stood} {balance.currency}\n"


def _plain(text: str) -> str:
    """Text on one line without what hledger reads as the start of a comment."""
    return " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" or c == ";" else c for c in text).split())


def _tag(text: str) -> str:
    """A tag's value, which a comma would end."""
    return _plain(text).replace(",", " ")


def lines_of(text: Iterable[str], base_currency: str) -> Iterator[tuple[bool, str, str, str]]:
    """For each line of such a file that is one of an entry's: (a new entry, amount, currency, amount in base).

    Entries that only assert are left out.
    """
    new, last = False, None
    for row in text:
        new = new or row[:1].isdigit()
        found = _POSTING.fullmatch(row.rstrip("\r\n"))
        if found is None or found["asserted"]:
            continue
        exchange = _EXCHANGE.search(found["tags"] or "")
        if exchange and exchange[2] and last:
            last = (*last[:3], found["amount"])
            continue
        if last:
            yield last
        if exchange:
            last = (new, "0", exchange[1], found["amount"])
        else:
            last = (new, found["amount"], found["currency"], _worth(found, base_currency))
        new = False
    if last:
        yield last


def _worth(found: re.Match[str], base_currency: str) -> str:
    if found["of"] != base_currency:
        return found["amount"]
    sign = "-" if found["amount"].startswith("-") else ""
    return f"{sign}{found['worth']}"
