"""How large a world is and how often things happen in it; one shape per regime and difficulty."""

from dataclasses import dataclass

EXPONENTS = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0}


@dataclass(frozen=True, slots=True)
class Shape:
    """A world's size and habits. Rates are probabilities per order, payout or bank line."""

    name: str
    days: int
    orders_per_day: int
    accounts: int
    prices: str
    currencies: tuple[str, ...] = ("EUR", "USD", "GBP", "JPY")
    first_day: int = 20454  # 2026-01-01
    shipments: float = 0.02
    at_once: float = 0.9
    refunds: float = 0.05
    disputes: float = 0.002
    abroad: float = 0.0
    reserves: float = 0.1
    adjustments: float = 0.02
    payout_limit: int = 5_000_000
    rounded: bool = True
    """Whether an account in ten has its fees rounded once a payout instead of once a line."""
    netted: float = 0.0
    """Bank lines less one of the bank's known charges."""
    charged: float = 0.0
    """Bank lines less a charge nobody announced."""
    merged: float = 0.0
    """Payouts that arrive in one line with others of the day."""
    reissued: float = 0.0
    """Transfers that came, went back and came again."""
    converted: float = 0.0
    """Payouts the bank exchanged into the currency of the account."""
