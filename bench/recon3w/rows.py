"""What a matcher is given, and what it is not told: rows of two files, tied together in groups by their causes."""

from dataclasses import dataclass, field

LEFT, RIGHT = "left", "right"


@dataclass(slots=True)
class Row:
    """A row of a file. `arrival` is the day it was delivered; `says` overrides what its group admits.

    `copies` are further deliveries under the same id, as (amount, description).
    """

    id: str
    day: int
    amount: int
    currency: str
    reference: str = ""
    batch: str = ""
    description: str = ""
    arrival: int = 0
    cause: str = ""
    says: tuple[str, ...] = ()
    copies: list[tuple[int, str]] = field(default_factory=list)
    hidden: bool = False


@dataclass(slots=True)
class Group:
    """Rows that belong together because one thing caused them all; `cause` says what is odd about it."""

    lefts: list[Row]
    rights: list[Row]
    cause: str = "plain"

    @property
    def clean(self) -> bool:
        """Whether nothing was done to it yet."""
        return self.cause == "plain"


@dataclass(slots=True)
class View:
    """One regime's look at a world; rows that belong to nothing are groups of their own."""

    groups: list[Group]
    as_of: int
    keyed: bool
