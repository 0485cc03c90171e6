"""Draws why one payout differs from another. Pure: steps in, SVG text out; the page has the same figures as a table.

Each bar is a link to the lines it is the sum of, and named for screen readers.
"""

from markupsafe import Markup

from tieout.console.waterfall import Step, waterfall
from tieout.model.owed import Bridge


def steps_of(found: Bridge) -> list[Step]:
    """From the earlier payout, by what each driver adds or takes, to the later one."""
    changes = [
        Step(step.driver.value.replace("_", " ").capitalize(), step.change_minor, f"#{step.driver.value}")
        for step in found.steps
        if step.change_minor
    ]
    first = Step(found.earlier.payout, found.earlier.amount_minor, "#drivers", net=True)
    return [first, *changes, Step(found.later.payout, found.later.amount_minor, "#drivers", net=True)]


def chart(found: Bridge) -> Markup:
    """The figure."""
    return waterfall(steps_of(found), found.later.currency, f"From {found.earlier.payout} to {found.later.payout}")
