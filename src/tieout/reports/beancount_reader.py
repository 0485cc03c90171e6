"""Reads the part of Beancount's language that says what was booked, at explicit amounts.

Accounts, entries and balance assertions are read; what would change an amount behind the reader's back (costs, prices
an item, amounts left out, arithmetic, pads, plugins, includes) is refused, with its line. A total price in base
currency says what a line is worth. Assertions are checked against the file's own entries, so that half a file or an
edited amount is found out.

Source of the rules: the Beancount language syntax (version 3), https://beancount.github.io/docs/.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from tieout.model.account import Account
from tieout.model.error import BadInput
from tieout.model.money import decimal_text, to_minor
from tieout.reports.beancount import account_names
from tieout.reports.incoming import REFUSALS_MAX, RULE, WHY, Refusal, Told, ToldEntry, ToldLine, minor_of

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<comment>;.*)|(?P<date>\d{4}[-/]\d{2}[-/]\d{2}(?!\S))
    |(?P<number>[-+]?(?:\d[\d,]*)(?:\.\d*)?(?![\w.]))|(?P<account>[A-Z][\w-]*(?::[\w-]+)+)
    |(?P<key>[a-z][\w-]*:(?=\s|$))|(?P<link>\^[\w./-]+)|(?P<tag>\#[\w./-]+)
    |(?P<currency>[A-Z][A-Z0-9'._-]*(?![a-z]))|(?P<word>[a-z][\w-]*)|(?P<other>\S))""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "b": "\b"}
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
#: Directives that say nothing about balances, and those that would change them unseen.
_HARMLESS = ("commodity", "note", "document", "event", "query", "custom", "price", "close")
_UNSEEN = ("pad", "plugin", "include", "pushtag", "poptag", "pushmeta", "popmeta")
_EXPLICIT = "Write every posting as an account and an explicit amount, such as 12.34 EUR."
_MARK = "Mark it * if it is to be booked, or take it out."
_ENTRY_KEYS = ("key", "id", "occurred", "rule", "version", "why", "late", "rate", "reverses")
_LINE_KEYS = ("base", "item", "party", "dimensions", "joined")
_PRICED = ["account", "number", "currency", "other", "other", "number", "currency"]


class _Token(Struct, frozen=True):
    kind: str
    text: str


class _Asserted(Struct, frozen=True):
    place: int
    day: date
    account: str
    amount_minor: int
    within_minor: int
    currency: str


class _Posting(Struct):
    line: ToldLine
    meta: dict[str, Any]


class _Block(Struct):
    """An entry while it is being read."""

    place: int
    day: date
    memo: str
    meta: dict[str, Any]
    postings: list[_Posting]
    spoilt: bool = False


class _Reader:
    """Reads a file line by line; what belongs to a line before is added to the block that is open."""

    def __init__(self, accounts: Mapping[str, Account], base_currency: str) -> None:
        self.base_currency = base_currency
        self.codes = {name: code for code, name in account_names(accounts.values()).items()}
        self.blocks: list[_Block] = []
        self.asserted: list[_Asserted] = []
        self.refusals: list[Refusal] = []
        #: Account beside another, for exchange differences -> code and currency of that one.
        self.beside: dict[str, dict[str, str]] = {}
        self.left: Counter[str] = Counter()
        self.opened: str | None = None
        self.block: _Block | None = None

    def read(self, place: int, row: str) -> None:
        """One line of the file."""
        tokens = _tokens(row)
        if not tokens:
            return
        if row[0].isspace():
            self._indented(place, tokens)
            return
        self.block = self.opened = None
        if tokens[0].kind == "date":
            self._dated(place, _day(tokens[0].text), tokens[1:])
        elif tokens[0].text in _UNSEEN:
            raise BadInput(f"“{tokens[0].text}” is not read", remedy=_EXPLICIT)
        elif tokens[0].text not in ("option", "*"):
            raise BadInput(f"“{row.strip():.40}” is not understood", remedy="See the import's page for what is read.")

    def _dated(self, place: int, day: date, tokens: list[_Token]) -> None:
        what = tokens[0].text if tokens else ""
        if what in ("*", "txn"):
            self._entry(place, day, tokens[1:])
        elif what == "open" and len(tokens) > 1 and tokens[1].kind == "account":
            self.opened = tokens[1].text
        elif what == "balance":
            self._assertion(place, day, tokens[1:])
        elif what == "!":
            raise BadInput("The entry is marked incomplete (!)", remedy=_MARK)
        elif what not in _HARMLESS:
            raise BadInput(f"“{what:.20}” is not read", remedy=_EXPLICIT)

    def _entry(self, place: int, day: date, tokens: list[_Token]) -> None:
        texts = [_string(t.text) for t in tokens if t.kind == "string"]
        self.left.update(f"{t.kind}s" for t in tokens if t.kind == "tag")
        self.block = _Block(place, day, " · ".join(text for text in texts if text), {}, [])
        self.blocks.append(self.block)
        if any(t.kind not in ("string", "tag", "link") for t in tokens) or not 1 <= len(texts) <= 2:
            self.block.spoilt = True
            raise BadInput("The entry's first line is not understood", remedy='Write: 2026-10-31 * "What it is".')

    def _assertion(self, place: int, day: date, tokens: list[_Token]) -> None:
        kinds = [t.kind for t in tokens]
        if kinds not in (["account", "number", "currency"], ["account", "number", "other", "number", "currency"]):
            raise BadInput("The assertion is not understood", remedy="Write: 2026-10-31 balance Assets:Bank 12.34 EUR.")
        currency = tokens[-1].text
        within = to_minor(_plain(tokens[3].text), currency) if len(tokens) == 5 else 0
        amount = minor_of(_plain(tokens[1].text), currency)
        self.asserted.append(_Asserted(place, day, tokens[0].text, amount, within, currency))

    def _indented(self, place: int, tokens: list[_Token]) -> None:
        if tokens[0].kind == "key":
            self._metadata(tokens[0].text[:-1], tokens[1:])
        elif self.block is None:
            if self.opened is None:
                raise BadInput("It belongs to nothing", remedy="A line that begins with blanks belongs to an entry.")
        else:
            self._posting(place, self.block, tokens)

    def _posting(self, place: int, block: _Block, tokens: list[_Token]) -> None:
        try:
            if tokens[0].text == "!":
                raise BadInput("The posting is marked incomplete (!)", remedy=_MARK)
            kinds = [t.kind for t in tokens if t.text != "*"]
            worth = self._worth(tokens, kinds)
            if worth is None and any(t.text in ("{", "@") for t in tokens):
                remedy = f"Write what the line is worth as a total: @@ 12.34 {self.base_currency}."
                raise BadInput("Costs, and prices but a total in base currency, are not read", remedy=remedy)
            if kinds == ["account"]:
                raise BadInput("The posting has no amount", remedy=_EXPLICIT)
            if worth is None and kinds != ["account", "number", "currency"]:
                raise BadInput("The posting is not understood", remedy=_EXPLICIT)
            name, number, currency = [t.text for t in tokens if t.text != "*"][:3]
            amount = minor_of(_plain(number), currency)
            base = None if worth is None else worth if amount >= 0 else -worth
            block.postings.append(_Posting(ToldLine(place, self.codes.get(name, name), currency, amount, base), {}))
        except BadInput:
            block.spoilt = True
            raise

    def _worth(self, tokens: list[_Token], kinds: list[str]) -> int | None:
        """The total price of a posting in base currency, in minor units; None if it has none."""
        texts = [t.text for t in tokens if t.text != "*"]
        if kinds != _PRICED or texts[3:5] != ["@", "@"] or texts[6] != self.base_currency:
            return None
        worth = minor_of(_plain(texts[5]), self.base_currency)
        if worth < 0:
            raise BadInput("A total price is negative", remedy="Its sign is that of the amount: leave out the minus.")
        return worth

    def _metadata(self, name: str, tokens: list[_Token]) -> None:
        if self.block is None:
            if self.opened and name == "code" and tokens:
                self.codes[self.opened] = _value(tokens)
            if self.opened and name in ("exchange-of", "exchange-currency") and tokens:
                self.beside.setdefault(self.opened, {})[name] = _value(tokens)
            return
        postings = self.block.postings
        known = name in _LINE_KEYS or name.startswith("dim-") if postings else name in _ENTRY_KEYS
        if not known:
            self.left[f"metadata “{name}”"] += 1
            return
        (postings[-1].meta if postings else self.block.meta)[name] = _value(tokens)


def read_journal(text: str, accounts: Mapping[str, Account], base_currency: str) -> Told:
    """What a Beancount file tells. An account is found by the `code` its opening says, or by the name we export it as.

    Entries keep their metadata `key`; an `id` stands for a key of the file's own.
    """
    reader = _Reader(accounts, base_currency)
    for place, row in enumerate(text.split("\n"), start=1):
        try:
            reader.read(place, row.rstrip("\r"))
        except BadInput as error:
            reader.refusals.append(Refusal(place, error.what, error.remedy))
            if len(reader.refusals) == REFUSALS_MAX:
                break
    entries: list[ToldEntry] = []
    for block in reader.blocks:
        try:
            entries += [] if block.spoilt else [_told(block, base_currency, reader.beside)]
        except (BadInput, ValueError, msgspec.DecodeError) as error:
            what = error.what if isinstance(error, BadInput) else f"Its metadata is not understood: {error}"
            reader.refusals.append(Refusal(block.place, what, "Write it as `tieout export beancount` does."))
    if not reader.refusals:
        reader.refusals += _wrong_assertions(reader, entries)
    if not entries and not reader.refusals:
        reader.refusals.append(Refusal(0, "There is no entry in it", "Is it the right file, and whole?"))
    notes = tuple(f"Left behind: {what} ({count})." for what, count in sorted(reader.left.items()))
    return Told(tuple(entries), tuple(reader.refusals), notes)


def _told(block: _Block, base_currency: str, beside: Mapping[str, Mapping[str, str]]) -> ToldEntry:
    meta = block.meta
    occurred = datetime.fromisoformat(meta["occurred"]) if "occurred" in meta else None
    if occurred is not None and occurred.tzinfo is None:
        occurred = occurred.replace(tzinfo=UTC)
    return ToldEntry(
        place=block.place,
        day=block.day,
        memo=block.memo,
        lines=_told_lines(block, base_currency, beside),
        key=meta.get("key"),
        id=meta.get("id"),
        occurred_at=occurred,
        rule_id=meta.get("rule", RULE),
        rule_version=int(meta.get("version", 1)),
        why=meta.get("why", WHY),
        rate=meta.get("rate"),
        late=meta.get("late") == "TRUE",
        reverses=meta.get("reverses"),
    )


def _told_lines(
    block: _Block, base_currency: str, beside: Mapping[str, Mapping[str, str]]
) -> tuple[ToldLine, ...]:  # fmt: skip
    """Lines of postings. One beside an account is worth something in its currency, alone or with the line before it."""
    lines: list[ToldLine] = []
    for posting in block.postings:
        line = _told_line(posting, base_currency)
        of = beside.get(line.account)
        if of is None:
            lines.append(line)
        elif posting.meta.get("joined") == "TRUE" and lines:
            lines[-1] = msgspec.structs.replace(lines[-1], base_minor=(lines[-1].base_minor or 0) + line.amount_minor)
        else:
            code, currency = of.get("exchange-of", line.account), of.get("exchange-currency", base_currency)
            worth = {"account": code, "currency": currency, "amount_minor": 0, "base_minor": line.amount_minor}
            lines.append(msgspec.structs.replace(line, **worth))
    return tuple(lines)


def _told_line(posting: _Posting, base_currency: str) -> ToldLine:
    meta = posting.meta
    base = posting.line.base_minor
    if "base" in meta:
        number, _, currency = meta["base"].partition(" ")
        if currency != base_currency:
            raise BadInput(f"The value in base currency on line {posting.line.place} is not in {base_currency}")
        base = minor_of(_plain(number), currency)
    dimensions = {name[4:]: text for name, text in meta.items() if name.startswith("dim-")}
    dimensions |= msgspec.json.decode(meta.get("dimensions", "{}"), type=dict[str, str])
    return msgspec.structs.replace(
        posting.line, base_minor=base, party=meta.get("party"), item=meta.get("item"), dimensions=dimensions
    )


def _wrong_assertions(reader: _Reader, entries: list[ToldEntry]) -> Iterator[Refusal]:
    """Assertions that the file's own entries do not bear out. They speak of the beginning of their day."""
    ordered = sorted(entries, key=lambda entry: entry.day)
    sums: Counter[tuple[str, str]] = Counter()
    done = 0
    for told in sorted(reader.asserted, key=lambda asserted: asserted.day):
        while done < len(ordered) and ordered[done].day < told.day:
            for line in ordered[done].lines:
                sums[line.account, line.currency] += line.amount_minor
            done += 1
        stands = sums[reader.codes.get(told.account, told.account), told.currency]
        if abs(stands - told.amount_minor) > told.within_minor:
            says, is_ = (decimal_text(m, told.currency) for m in (told.amount_minor, stands))
            what = f"It says {says} {told.currency}; the entries before it come to {is_}"
            yield Refusal(told.place, what, "Entries are missing from the file, or one was changed.")


def _tokens(row: str) -> list[_Token]:
    """The words of a line, comments left out. Raises BadInput for a text that does not end on its line."""
    found = []
    for match in _TOKEN.finditer(row):
        kind = match.lastgroup
        assert kind is not None
        if kind == "other" and match[kind] == '"':
            raise BadInput("A text does not end on its line", remedy="Write line ends in a text as \\n.")
        if kind == "comment":
            break
        found.append(_Token(kind, match[kind]))
    return found


def _string(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), text[1:-1])


def _value(tokens: list[_Token]) -> str:
    """A metadata value as text: a string without its quotes, anything else as it stands."""
    return " ".join(_string(t.text) if t.kind == "string" else t.text for t in tokens)


def _plain(number: str) -> str:
    """A number without Beancount's grouping; other commas are left for whoever refuses them."""
    return number.replace(",", "") if _GROUPED.fullmatch(number) else number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise BadInput(f"“{text}” is not a day", remedy="Write days like 2026-10-31.") from None
