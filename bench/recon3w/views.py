"""The regimes' looks at a world: which records become the rows of the left and of the right file, before corruption."""

from collections import defaultdict
from collections.abc import Callable
from random import Random

from bench.recon3w import bank
from bench.recon3w.rows import Group, Row, View
from bench.recon3w.world import Claim, Movement, Payout, World

CUTS = (16, 18, 35, 140)
NOISE = ("SEPA CREDIT TRANSFER EREF+{} SVWZ+PAYOUT", "PAYOUT {} THANK YOU", "/ROC/{}//", "ACH CCD {} WEB", "REF {}")
PLAIN_NOISE = ("SEPA CREDIT TRANSFER", "GUTSCHRIFT", "ACH CREDIT", "INCOMING PAYMENT", "FASTER PAYMENT")


def sales(world: World, rng: Random, as_of: int) -> View:
    """R1: the shop's sales and refunds and the gateway's gross lines, both with the charge's or refund's reference."""
    groups = []
    for claim in world.claims:
        rights = [_gross(movement, claim.token, rng) for movement in claim.movements]
        left = Row(claim.id, claim.day, claim.amount, claim.currency, claim.token, "", claim.customer, claim.day)
        cause = "plain" if sum(right.amount for right in rights) == claim.amount else "partly"
        cause = "abroad" if any(right.currency != claim.currency for right in rights) else cause
        groups.append(Group([left], rights, cause))
    for movement in world.movements:
        if movement.kind in ("dispute", "won", "adjustment"):
            reference = f"dp_{movement.id}" if movement.kind != "adjustment" else ""
            groups.append(Group([], [_gross(movement, reference, rng)], "stranger"))
    return View(groups, as_of, keyed=True)


def _gross(movement: Movement, reference: str, rng: Random) -> Row:
    name = movement.claim.customer if movement.claim else movement.kind
    arrival = movement.day + (rng.random() < 0.3)
    currency = movement.currency
    return Row(movement.id, movement.day, movement.gross, currency, reference, "", name.upper(), arrival)


def sales_unnamed(world: World, rng: Random, as_of: int) -> View:
    """R5: as R1 for single captures, but nothing names the partner except a customer's name, cut and noisy."""
    view = sales(world, rng, as_of)
    view.groups = [group for group in view.groups if len(group.rights) <= 1]
    view.keyed = False
    for group in view.groups:
        for row in group.lefts:
            row.description = f"{row.id.upper()} {row.description}"
            row.reference = ""
        for row in group.rights:
            row.reference, row.description = "", _noisy_name(row.description, rng)
    return view


def _noisy_name(name: str, rng: Random) -> str:
    """A customer's name as it comes through a payment form: initials, cut, with a word before or after it."""
    first, _, last = name.partition(" ")
    chance = rng.random()
    if chance < 0.25 and last:
        name = f"{first[0]} {last}"
    elif chance < 0.35:
        name = name[:8]
    return f"{rng.choice(('CARD', 'POS', 'WEB', 'KARTE'))} {name}" if rng.random() < 0.5 else name


def payouts(world: World, rng: Random, as_of: int) -> View:
    """R2: the lines of the balance with the payout they went into, and the payouts; several rows if over the limit."""
    groups = []
    for payout in world.payouts:
        lefts = [_net(movement, payout.token) for movement in payout.movements]
        rights = [
            Row(f"{payout.id}-{number}", payout.day, part, payout.currency, payout.token, "", "PAYOUT", payout.day)
            for number, part in enumerate(payout.parts, start=1)
        ]
        off = payout.amount - sum(row.amount for row in lefts)
        groups.append(Group(lefts, rights, "within" if off else "plain"))
    groups += [Group([_net(movement, "")], [], "unpaid") for movement in world.unpaid]
    del rng
    return View(groups, as_of, keyed=True)


def _net(movement: Movement, batch: str) -> Row:
    day = movement.day
    return Row(movement.id, day, movement.net, movement.currency, movement.id, batch, movement.kind, day)


def payouts_unnamed(world: World, rng: Random, as_of: int) -> View:
    """R6: as R2, but no line says which payout it went into; ids and days are in the order of time."""
    view = payouts(world, rng, as_of)
    view.keyed = False
    for group in view.groups:
        for row in group.lefts:
            row.batch = row.reference = ""
        for row in group.rights:
            row.reference = ""
    return view


def transfers(world: World, rng: Random, as_of: int) -> View:
    """R3: payouts and bank lines; the payout's reference is in the line's reference or text, cut or in noise."""
    return _transfers(world, as_of, keyed=True, name=lambda line: _named(line, rng))


def transfers_unnamed(world: World, rng: Random, as_of: int) -> View:
    """R4: payouts and bank lines, and nothing in the line names the payout."""
    return _transfers(world, as_of, keyed=False, name=lambda _line: ("", rng.choice(PLAIN_NOISE), ""))


def _transfers(world: World, as_of: int, *, keyed: bool, name: Callable[[bank.Line], tuple[str, str, str]]) -> View:
    by_payout: defaultdict[str, list[bank.Line]] = defaultdict(list)
    for line in world.lines:
        for payout, _ in line.carries:
            by_payout[payout.id].append(line)
    groups: list[Group] = []
    merged: set[str] = set()
    for payout in world.payouts:
        lines = by_payout[payout.id]
        if not lines or payout.id in merged:
            continue
        carried = [other for other, _ in lines[0].carries]
        merged.update(other.id for other in carried)
        rights, oddity = [], ""
        for line in lines:
            reference, description, oddity = name(line)
            rights.append(Row(line.id, line.day, line.amount, line.currency, reference, "", description, line.day))
        groups.append(Group([_payout(other) for other in carried], rights, _cause(lines[0], rights, oddity)))
    return View(groups, as_of, keyed=keyed)


def _payout(payout: Payout) -> Row:
    return Row(payout.id, payout.day, payout.amount, payout.currency, payout.token, "", "PAYOUT", payout.day)


def _cause(line: bank.Line, rights: list[Row], oddity: str) -> str:
    """Under which cause a transfer's group goes."""
    if line.what == "plain":
        return "split" if len(rights) > 1 else oddity or "plain"
    return {"charged": "overcharged", "converted": "abroad", "merged": oddity or "merged"}.get(line.what, line.what)


def _named(line: bank.Line, rng: Random) -> tuple[str, str, str]:
    """(reference, description, oddity) of a bank line: where the payout's token stands, and how much of it."""
    tokens = [payout.token for payout, _ in line.carries]
    if len(tokens) > 1:
        if rng.random() < 0.3:
            return tokens[0], "COLLECTED PAYOUTS", "merged_first"
        return "", " ".join(tokens), "merged"
    token, chance = tokens[0], rng.random()
    if chance < 0.6:
        return token, "PAYOUT", ""
    cut = token[: rng.choice(CUTS)]
    if chance < 0.75:
        return cut, "PAYOUT", "truncated"
    text = rng.choice(NOISE)
    if chance < 0.9:
        return "", text.format(cut), "truncated"
    return text.format(cut)[:140], "", "truncated"


def twins(world: World, rng: Random, as_of: int) -> View:
    """R7: sales of a few prices, every other one with its reference on both sides; corruption does the rest."""
    view = sales_unnamed(world, rng, as_of)
    tokens = {claim.id: claim for claim in world.claims}
    for group in view.groups:
        for left in group.lefts:
            claim: Claim = tokens[left.id]
            if rng.random() < 0.5:
                for row in (left, *group.rights):
                    row.reference = claim.token
    return view
