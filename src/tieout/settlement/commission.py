"""Commission and fees: which rule holds for a line, and what it charges.

The first rule of a list that matches wins. Percentages are exact fractions until one rounding, half up unless the rule
says otherwise; the fixed part is added after it, then the bounds of the sale's currency hold. VAT on the fee is rounded
apart and added.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec

from tieout.model.commission import Base, FeeRule, FixedPer, Tier, TiersBy
from tieout.model.error import ConfigError
from tieout.model.money import display
from tieout.model.settlement import FrozenFee
from tieout.settlement.allocate import allocate, is_percentage, rounded

_WHOLE = 100


class Charged(NamedTuple):
    """What a rule looks at on one line. Prices are after the seller's own discounts, tax contained in them included.

    `contained_minor` and `added_minor` are the tax in and on top of goods, `shipping_…` the same of shipping that goes
    to the seller, `…discount_minor` what the seller itself took off their prices; `volume_minor` is what the seller
    sold in the period before.
    """

    line: int
    quantity: int
    goods_minor: int
    contained_minor: int = 0
    added_minor: int = 0
    shipping_minor: int = 0
    shipping_contained_minor: int = 0
    shipping_added_minor: int = 0
    discount_minor: int = 0
    shipping_discount_minor: int = 0
    volume_minor: int = 0
    facts: Mapping[str, str] = {}


def choose(rules: Sequence[FeeRule], facts: Mapping[str, str], day: date | None) -> FeeRule | None:
    """The first rule of the list that is valid on the day and matches the facts; None if none does.

    Without a day, rules that have ended are left out.
    """
    return next((rule for rule in rules if _is_valid(rule, day) and _matches(rule, facts)), None)


def _is_valid(rule: FeeRule, day: date | None) -> bool:
    if day is None:
        return rule.valid_until is None
    return (rule.valid_from is None or rule.valid_from <= day) and (rule.valid_until is None or day < rule.valid_until)


def _matches(rule: FeeRule, facts: Mapping[str, str]) -> bool:
    return all(
        facts.get(name) in ((values,) if isinstance(values, str) else values) for name, values in rule.when.items()
    )


def charge(
    name: str, rules: Sequence[FeeRule], lines: Sequence[Charged], currency: str, day: date | None
) -> list[FrozenFee]:
    """The fee called `name` of each line that a rule matches, with everything it was worked out from.

    A fixed part per order is allocated over the lines its rule matched, by their base, and never exceeds it.
    Raises ConfigError for a rule that names no amount in the sale's currency.
    """
    chosen = [(line, matching) for line in lines if (matching := choose(rules, line.facts, day)) is not None]
    for rule in {rule.id: rule for _, rule in chosen}.values():
        check(rule, currency)
    fixed = _fixed_per_order(chosen, currency)
    return [_fee(name, rule, line, currency, fixed.get(line.line)) for line, rule in chosen]


def check(rule: FeeRule, currency: str) -> None:
    """Raises ConfigError for a rule that contradicts itself or names no amount in `currency`."""
    where = f"rule {rule.id}"
    percentages = (rule.percent, rule.vat_percent, *(tier.percent for tier in rule.tiers))
    wrong = next((percent for percent in percentages if not is_percentage(percent)), None)
    if wrong is not None:
        raise ConfigError(f"{wrong!s:.40} is no percentage of a fee", where=where, remedy="Give 0 or more per cent.")
    amounts = (rule.fixed_minor, rule.minimum_minor, rule.maximum_minor)
    if any(amount < 0 for by_currency in amounts for amount in by_currency.values()):
        raise ConfigError("An amount is negative", where=where, remedy="Give nothing back by a fee rule.")
    if rule.fixed_minor and currency not in rule.fixed_minor:
        raise ConfigError(
            f"There is no fixed amount in {currency}", where=where, remedy=f"Add one for {currency}, or 0."
        )
    if any(currency not in tier.from_minor for tier in rule.tiers):
        raise ConfigError(f"A tier has no limit in {currency}", where=where, remedy=f"Add the limits for {currency}.")
    starts = [tier.from_minor[currency] for tier in rule.tiers]
    if starts and (starts[0] != 0 or starts != sorted(set(starts))):
        raise ConfigError("The tiers do not rise from 0", where=where, remedy="List them from 0 upwards, each once.")
    low, high = rule.minimum_minor.get(currency), rule.maximum_minor.get(currency)
    if low is not None and high is not None and low > high:
        raise ConfigError("The minimum is above the maximum", where=where, remedy="Swap them.")


def _fixed_per_order(chosen: Sequence[tuple[Charged, FeeRule]], currency: str) -> dict[int, int]:
    """By line: its part of fixed amounts that are charged once an order."""
    found: dict[int, int] = {}
    for rule in {rule.id: rule for _, rule in chosen if rule.fixed_per is FixedPer.ORDER}.values():
        lines = [line for line, its in chosen if its.id == rule.id]
        bases = [base_of(rule, line) for line in lines]
        fixed = min(rule.fixed_minor.get(currency, 0), sum(bases))
        found |= dict(zip([line.line for line in lines], allocate(fixed, bases), strict=True))
    return found


def base_of(rule: FeeRule, line: Charged) -> int:
    """What the percentage is taken of, in minor units; never below nothing."""
    base = line.goods_minor + (line.shipping_minor if rule.with_shipping else 0)
    if rule.before_discount:
        base += line.discount_minor + (line.shipping_discount_minor if rule.with_shipping else 0)
    if rule.base is Base.NET:
        base -= line.contained_minor + (line.shipping_contained_minor if rule.with_shipping else 0)
    else:
        base += line.added_minor + (line.shipping_added_minor if rule.with_shipping else 0)
    return max(base, 0)


def _exact(rule: FeeRule, base_minor: int, currency: str, quantity: int, volume_minor: int) -> Fraction:
    """The part of a fee that is a percentage, before rounding."""
    if not rule.tiers:
        return base_minor * Fraction(rule.percent) / _WHOLE
    by_price = rule.tiers_by is TiersBy.PRICE
    start = Fraction(0) if by_price else Fraction(volume_minor)
    amount = Fraction(base_minor, quantity) if by_price else Fraction(base_minor)
    times = quantity if by_price else 1
    if not rule.graduated:
        tier = _tier_at(rule.tiers, amount if by_price else start, currency)
        return base_minor * Fraction(tier.percent) / _WHOLE
    return times * sum(
        (_overlap(low, high, start, start + amount) * Fraction(tier.percent) / _WHOLE
         for tier, low, high in _slices(rule.tiers, currency)),
        Fraction(0),
    )  # fmt: skip


def _tier_at(tiers: Sequence[Tier], amount: Fraction, currency: str) -> Tier:
    return [tier for tier in tiers if tier.from_minor[currency] <= amount][-1]


def _slices(tiers: Sequence[Tier], currency: str) -> Iterable[tuple[Tier, int, int | None]]:
    ends = [tier.from_minor[currency] for tier in tiers[1:]]
    return ((tier, tier.from_minor[currency], end) for tier, end in zip(tiers, [*ends, None], strict=True))


def _overlap(low: int, high: int | None, start: Fraction, end: Fraction) -> Fraction:
    return max((end if high is None else min(end, Fraction(high))) - max(start, Fraction(low)), Fraction(0))


def _bounded(rule: FeeRule, currency: str, fee: int) -> int:
    fee = max(fee, rule.minimum_minor.get(currency, fee))
    return min(fee, rule.maximum_minor.get(currency, fee))


def _fee(name: str, rule: FeeRule, line: Charged, currency: str, of_order: int | None) -> FrozenFee:
    base = base_of(rule, line)
    if of_order is None:
        fixed = rule.fixed_minor.get(currency, 0) * (line.quantity if rule.fixed_per is FixedPer.UNIT else 1)
    else:
        fixed = of_order
    exact = _exact(rule, base, currency, line.quantity, line.volume_minor)
    percentage = rounded(exact, rule.rounding)
    fee = _bounded(rule, currency, percentage + fixed)
    percent = Decimal(exact.numerator * _WHOLE) / Decimal(exact.denominator * base) if base else rule.percent
    return FrozenFee(
        line=line.line,
        name=name,
        rule=rule.id,
        version=rule.version,
        base_minor=base,
        percent=percent if rule.tiers else rule.percent,
        fixed_minor=fixed,
        fee_minor=fee,
        vat_percent=rule.vat_percent,
        vat_minor=rounded(fee * Fraction(rule.vat_percent) / _WHOLE, rule.rounding),
        kept_on_refund=rule.kept_on_refund,
        why=_why(rule, base, fixed, fee, percentage, currency),
        shipping_base_minor=base - base_of(msgspec.structs.replace(rule, with_shipping=False), line),
        rounding=rule.rounding,
        minimum_minor=rule.minimum_minor.get(currency),
        maximum_minor=rule.maximum_minor.get(currency),
    )


def _why(rule: FeeRule, base: int, fixed: int, fee: int, percentage: int, currency: str) -> str:
    """One sentence that can be checked with a pencil."""
    rate = "the tiers' rate" if rule.tiers else f"{rule.percent.normalize():f} %"
    said = f"Rule {rule.id}: {rate} of {display(base, currency)} {currency} is {display(percentage, currency)}"
    if fixed:
        said += f", plus {display(fixed, currency)}"
    if fee != percentage + fixed:
        bound = "at least" if fee > percentage + fixed else "at most"
        said += f", {bound} {display(fee, currency)}"
    return said + "."
