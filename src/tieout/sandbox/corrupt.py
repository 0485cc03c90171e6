"""What the road between a provider and us does to messages: repeats, disorder, delay and loss. Seeded, and pure."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from tieout.sandbox.dice import Dice
from tieout.sandbox.emission import Emission


def duplicate(emissions: Sequence[Emission], per_mille: int = 50, seed: int = 0) -> list[Emission]:
    """Sends `per_mille` of a thousand messages again, some time after the first, as a provider does that timed out."""
    dice = Dice(seed, "duplicate")
    placed = [((place, 0), emission) for place, emission in enumerate(emissions)]
    for place, emission in enumerate(emissions):
        if dice.chance(per_mille):
            placed.append(((place + dice.between(1, 40), 1 + place), emission))
    return [emission for _, emission in sorted(placed, key=lambda item: item[0])]


def shuffle(emissions: Sequence[Emission], window: int = 50, seed: int = 0) -> list[Emission]:
    """Lets messages overtake each other by up to `window` places; a window of 0 shuffles all of them."""
    dice = Dice(seed, "shuffle")
    reach = window or len(emissions) * 1000
    order = sorted(range(len(emissions)), key=lambda place: place + dice.below(reach + 1))
    return [emissions[place] for place in order]


def drop(emissions: Sequence[Emission], per_mille: int = 10, seed: int = 0) -> tuple[list[Emission], list[Emission]]:
    """Loses `per_mille` of a thousand messages. Returns what arrives and what was lost."""
    dice = Dice(seed, "drop")
    kept: list[Emission] = []
    lost: list[Emission] = []
    for emission in emissions:
        (lost if dice.chance(per_mille) else kept).append(emission)
    return kept, lost


def delay(
    emissions: Sequence[Emission], by: timedelta = timedelta(days=2), per_mille: int = 50, seed: int = 0
) -> list[Emission]:
    """Holds `per_mille` of a thousand messages back for a time; their content stays as it was."""
    dice = Dice(seed, "delay")
    late = [msgspec.structs.replace(e, at=e.at + by) if dice.chance(per_mille) else e for e in emissions]
    return sorted(late, key=lambda emission: emission.at)
