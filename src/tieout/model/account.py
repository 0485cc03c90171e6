"""Accounts and the roles they play. Rules name a role; the chart of accounts says which account plays it."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from tieout.model.period import Area
from tieout.model.vocabulary import Word


class AccountType(StrEnum):
    """The five types of double-entry bookkeeping."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class Role(Word):
    """What an account is for. Posting rules speak in roles, so one rule serves every chart."""

    BANK = "bank", "Money in a bank account, as the bank's own statement has it."
    ORDER_RECEIVABLE = "order_receivable", "What buyers owe for orders until a gateway or gift card confirms payment."
    SELLER_RECEIVABLE = "seller_receivable", "What sellers owe after refunds and disputes that followed their payout."
    CAPTURED = "captured", "Captured or refunded by the gateway, not yet in the gateway's balance."
    GATEWAY = "gateway", "The gateway's balance: settled charges less fees, refunds, disputes and payouts."
    PAYOUT_IN_TRANSIT = "payout_in_transit", "Paid out by the gateway, not yet on the bank statement."
    DISPUTED = "disputed", "Withdrawn by the card scheme while a dispute is open."
    RESERVE = "reserve", "Held back by the gateway and released later."
    SUSPENSE = "suspense", "Money whose reason is not known yet; every item has an open exception."
    FX_CLEARING = "fx_clearing", "The two legs of a currency conversion; nil once both are booked in base currency."
    GIFT_CARD_LIABILITY = "gift_card_liability", "Gift cards sold and not yet redeemed."
    STORE_CREDIT_LIABILITY = "store_credit_liability", "Store credit granted and not yet used."
    TAX_PAYABLE = "tax_payable", "Sales tax or VAT collected and owed to the authority."
    FACILITATOR_TAX = "facilitator_tax", "Tax the channel remits itself; nil once it is withheld."
    TIPS_PAYABLE = "tips_payable", "Tips received and owed to staff."
    DUTIES_PAYABLE = "duties_payable", "Import duties collected from buyers and owed to carriers or customs."
    FEE_TAX_PAYABLE = "fee_tax_payable", "VAT on commission and fees charged to sellers, owed to the authority."
    SELLER_PAYABLE = "seller_payable", "What the marketplace owes its sellers."
    SELLER_PENDING = "seller_pending", "Owed to sellers for sales that are not released yet."
    SELLER_AVAILABLE = "seller_available", "Owed to sellers and payable now; below zero the seller owes."
    SELLER_RESERVE = "seller_reserve", "Owed to sellers and kept back for a while against refunds and disputes."
    SELLER_DISPUTE_HOLD = "seller_dispute_hold", "Owed to sellers and held while a buyer's dispute is open."
    SELLER_IN_TRANSIT = "seller_in_transit", "Given to the bank for sellers and not yet on the bank statement."
    DEFERRED_REVENUE = "deferred_revenue", "Paid for by subscribers and not yet earned."
    SALES = "sales", "Revenue from goods sold on own account."
    RECURRING_REVENUE = "recurring_revenue", "Revenue from subscriptions, as it is earned."
    SHIPPING_INCOME = "shipping_income", "Shipping charged to buyers."
    FEE_INCOME = "fee_income", "Service fees charged to buyers on top of goods and shipping."
    DISCOUNTS = "discounts", "Discounts granted to buyers; reduces revenue."
    PLATFORM_DISCOUNTS = "platform_discounts", "Discounts the marketplace pays for; the seller is owed the full price."
    GOODWILL = "goodwill", "Given to buyers beyond what they were owed."
    RETURNS = "returns", "Goods and amounts refunded to buyers; reduces revenue."
    GATEWAY_FEES = "gateway_fees", "Processing fees, always booked gross of the sale."
    INPUT_TAX = "input_tax", "Tax on fees that can be reclaimed."
    DISPUTE_FEES = "dispute_fees", "Fees charged for disputes."
    CHARGEBACK_LOSSES = "chargeback_losses", "Disputes lost."
    BANK_CHARGES = "bank_charges", "Charges and interest taken by the bank."
    SELLER_BAD_DEBT = "seller_bad_debt", "What sellers owe and will not pay, written off by two people."
    SELLER_ADJUSTMENTS = "seller_adjustments", "Corrections of a seller's balance by hand, with reason and approval."
    WRITE_OFFS = "write_offs", "Differences a person decided to write off, with a reason."
    ROUNDING = "rounding", "Rounding differences the source itself shows."
    FX_DIFFERENCES = "fx_differences", "Gains and losses from exchange rates, realised when money is settled."
    FX_UNREALISED = "fx_unrealised", "Gains and losses from re-measuring open amounts; taken back the next day."
    COMMISSION_INCOME = "commission_income", "Commission the marketplace keeps from sellers' sales."
    SELLER_FEES = "seller_fees", "Fees charged to sellers beside commission, such as a monthly fee."
    DISPUTE_FEE_RECOVERY = "dispute_fee_recovery", "Dispute fees passed on to the seller whose line was disputed."
    FX_FEES = "fx_fees", "Kept when a seller is paid in another currency."
    BREAKAGE = "breakage", "Gift cards that will not be redeemed, where the law lets them lapse."
    EQUITY = "equity", "Opening balances and owners' capital."
    OTHER = "other", "An account of your own; no rule books to it."


class Guard(StrEnum):
    """What an account must not come to. Checked as entries are posted, under a lock of its own balance."""

    NONE = "none"
    NO_DEBIT_BALANCE = "no_debit_balance"
    NO_CREDIT_BALANCE = "no_credit_balance"


#: The area of the books an account is in because of its role; a chart may say otherwise. The rest are in none: they
#: close only with the whole books.
AREAS: Mapping[Role, Area] = {
    Role.BANK: Area.BANK,
    **dict.fromkeys(
        (Role.TAX_PAYABLE, Role.FACILITATOR_TAX, Role.DUTIES_PAYABLE, Role.FEE_TAX_PAYABLE, Role.INPUT_TAX), Area.TAX
    ),
    **dict.fromkeys(
        (
            Role.ORDER_RECEIVABLE, Role.GIFT_CARD_LIABILITY, Role.STORE_CREDIT_LIABILITY, Role.TIPS_PAYABLE,
            Role.DEFERRED_REVENUE, Role.SALES, Role.RECURRING_REVENUE, Role.SHIPPING_INCOME, Role.FEE_INCOME,
            Role.COMMISSION_INCOME, Role.SELLER_FEES, Role.DISCOUNTS, Role.PLATFORM_DISCOUNTS, Role.GOODWILL,
            Role.RETURNS,
        ),
        Area.SALES,
    ),
    **dict.fromkeys((Role.GATEWAY_FEES, Role.DISPUTE_FEES, Role.BANK_CHARGES), Area.PURCHASES),
}  # fmt: skip


class Account(Struct, frozen=True):
    """One account of a ledger's chart.

    `clearing` accounts are decomposed into open items at all times; `source` ties an account to one gateway or bank.
    `currencies` are those it takes (none named: any); `needs` the dimensions each of its lines must have, `takes`
    those it may have (None: any). It takes entries from `opened_on` up to the day before `closed_on`.
    """

    id: int
    code: str
    name: str
    type: AccountType
    role: Role
    clearing: bool = False
    currencies: tuple[str, ...] = ()
    source: str | None = None
    parent: str | None = None
    area: Area = Area.ALL
    opened_on: date = date(1900, 1, 1)
    closed_on: date | None = None
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] | None = None
    guard: Guard = Guard.NONE
    guard_per_party: bool = False

    @property
    def open(self) -> bool:
        """Whether no day is set from which it is closed."""
        return self.closed_on is None

    def open_on(self, day: date) -> bool:
        """Whether it takes entries of this day."""
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)
