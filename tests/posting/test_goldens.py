"""What each kind of event books, as an accountant would write it: debits first with a plus, credits with a minus.

Source of the accounting: IFRS 15 and ASC 606 (agency, gift cards), and the gateways' own reports (fees gross).
The sums in the comments were made by hand.
"""

from textwrap import dedent

import pytest

from tests.posting.words import ACCOUNTS, books, event, journal
from tieout.ledger.check import check
from tieout.model.entry import EntryDraft
from tieout.model.event import MEMO_KINDS
from tieout.model.event import EventKind as K
from tieout.posting.book import book
from tieout.posting.rule import standard_rules

ORDER = ("order:1", "order_name:#1001")
CHARGE = ("order:1", "charge:ch_1")
REFUND = ("order:1", "refund:re_1", "charge:ch_1")

#: name: (kind, source, references, facts, components, journal)
MARKETPLACE: dict[str, tuple[K, str, tuple[str, ...], dict[str, str], str, str]] = {
    # 100 + 40 of sellers, 50 own; 10 off Ana's, 5 off own; shipping 8 - 3; tax 19 + 1.52; tip, duty, wrapping
    "an order of own and others' goods": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 100.00 EUR seller=Ana
        item 40.00 EUR seller=Bo
        item 50.00 EUR seller=North_Wool
        discount 10.00 EUR seller=Ana
        discount 5.00 EUR seller=North_Wool
        shipping 8.00 EUR
        shipping_discount 3.00 EUR
        fee_charged 2.50 EUR
        tax 19.00 EUR of=item seller=Ana label=VAT
        tax 1.52 EUR of=shipping label=VAT
        tip 4.00 EUR
        duty 6.00 EUR
        """,
        """
        1200             213.02 EUR  order:1
        2300             -90.00 EUR  (Ana)
        2300             -40.00 EUR  (Bo)
        4000             -50.00 EUR
        4100               5.00 EUR
        4050              -5.00 EUR
        4060              -2.50 EUR
        2100             -20.52 EUR  #tax=VAT
        2400              -4.00 EUR
        2120              -6.00 EUR
        """,
    ),
    # VAT of 19 % contained: 119 of Ana is 100 + 19, 59.50 own is 50 + 9.50, 11.90 shipping is 10 + 1.90
    "an order whose prices contain tax": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 119.00 EUR seller=Ana
        item 59.50 EUR
        shipping 11.90 EUR
        fee_charged 2.38 EUR
        tax_included 19.00 EUR of=item seller=Ana label=VAT
        tax_included 9.50 EUR of=item label=VAT
        tax_included 1.90 EUR of=shipping label=VAT
        tax_included 0.38 EUR of=fee_charged label=VAT
        """,
        """
        1200             192.78 EUR  order:1
        2300            -100.00 EUR  (Ana)
        4000             -50.00 EUR
        4050             -10.00 EUR
        4060              -2.00 EUR
        2100             -30.78 EUR  #tax=VAT
        """,
    ),
    "tax the channel remits itself is neither sales nor our tax": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 100.00 USD seller=Ana
        facilitator_tax 8.25 USD of=item seller=Ana label=TX
        """,
        """
        1200             108.25 USD  {97.43 EUR}  order:1
        2300            -100.00 USD  {-90.00 EUR}  (Ana)
        2110              -8.25 USD  {-7.43 EUR}  order:1  #tax=TX
        """,
    ),
    "the same, contained in prices": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 110.00 EUR seller=Ana
        item 55.00 EUR
        shipping 11.00 EUR
        fee_charged 1.10 EUR
        facilitator_tax_included 10.00 EUR of=item seller=Ana label=GST
        facilitator_tax_included 5.00 EUR of=item label=GST
        facilitator_tax_included 1.00 EUR of=shipping label=GST
        facilitator_tax_included 0.10 EUR of=fee_charged label=GST
        """,
        """
        1200             177.10 EUR  order:1
        2300            -100.00 EUR  (Ana)
        4000             -50.00 EUR
        4050             -10.00 EUR
        4060              -1.00 EUR
        2110             -16.10 EUR  order:1  #tax=GST
        """,
    ),
    "a gift card sold is a liability": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        gift_card_sold 50.00 EUR
        item 20.00 EUR
        """,
        """
        1200              70.00 EUR  order:1
        4000             -20.00 EUR
        2200             -50.00 EUR
        """,
    ),
    "an order given away": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 20.00 EUR
        discount 20.00 EUR
        """,
        """
        4000             -20.00 EUR
        4100              20.00 EUR
        """,
    ),
    "a difference the shop names": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 20.00 EUR
        adjustment -0.01 EUR
        """,
        """
        1200              19.99 EUR  order:1
        4000             -20.00 EUR
        5910               0.01 EUR
        """,
    ),
    "an edit books the difference": (
        K.ORDER_EDITED, "shop", ORDER, {},
        """
        item 30.00 EUR seller=Ana
        item -12.00 EUR seller=Bo
        tax 3.42 EUR of=item label=VAT
        """,
        """
        1200              21.42 EUR  order:1
        2300             -30.00 EUR  (Ana)
        2300              12.00 EUR  (Bo)
        2100              -3.42 EUR  #tax=VAT
        """,
    ),
    # back: Ana 119 with 19 tax, own 59.50 with 9.50, shipping 11.90 with 1.90, 5 kept by agreement
    "a refund goes back at its own figures": (
        K.ORDER_REFUNDED, "shop", ("order:1", "shop_refund:9"), {},
        """
        item 119.00 EUR seller=Ana
        item 59.50 EUR
        shipping 11.90 EUR
        fee_charged 2.38 EUR
        tax_included 19.00 EUR of=item seller=Ana label=VAT
        tax_included 9.50 EUR of=item label=VAT
        tax_included 1.90 EUR of=shipping label=VAT
        tax_included 0.38 EUR of=fee_charged label=VAT
        adjustment -5.00 EUR
        """,
        """
        1200            -187.78 EUR  order:1
        2300             100.00 EUR  (Ana)
        4200              45.00 EUR
        4050              10.00 EUR
        4060               2.00 EUR
        2100              30.78 EUR  #tax=VAT
        """,
    ),
    "a refund of discounted goods with added and facilitator tax": (
        K.ORDER_REFUNDED, "shop", ("order:1", "shop_refund:9"), {},
        """
        item 40.00 EUR seller=Bo
        discount 4.00 EUR seller=Bo
        item 30.00 EUR
        discount 3.00 EUR
        shipping 5.00 EUR
        shipping_discount 5.00 EUR
        tax 6.84 EUR of=item label=VAT
        facilitator_tax 2.00 EUR of=item label=TX
        facilitator_tax_included 1.00 EUR of=item seller=Bo label=TX
        facilitator_tax_included 1.00 EUR of=item label=TX
        facilitator_tax_included 0.20 EUR of=shipping label=TX
        facilitator_tax_included 0.10 EUR of=fee_charged label=TX
        fee_charged 1.10 EUR
        tip 2.00 EUR
        duty 3.00 EUR
        gift_card_sold 10.00 EUR
        """,
        """
        1200             -87.94 EUR  order:1
        2300              35.00 EUR  (Bo)
        4200              29.00 EUR
        4100              -3.00 EUR
        4050              -0.20 EUR
        4060               1.00 EUR
        2100               6.84 EUR  #tax=VAT
        2110               4.30 EUR  order:1  #tax=TX
        2400               2.00 EUR
        2120               3.00 EUR
        2200              10.00 EUR
        """,
    ),
    "a gift card is a means of payment": (
        K.GIFT_CARD_REDEEMED, "shop", ("order:1",), {}, "gross 25.00 EUR",
        """
        2200              25.00 EUR
        1200             -25.00 EUR  order:1
        """,
    ),
    "a refund to a gift card": (
        K.GIFT_CARD_REDEEMED, "shop", ("order:1",), {}, "gross -25.00 EUR",
        """
        2200             -25.00 EUR
        1200              25.00 EUR  order:1
        """,
    ),
    "store credit is another": (
        K.STORE_CREDIT_REDEEMED, "shop", ("order:1",), {}, "gross 25.00 EUR",
        """
        2210              25.00 EUR
        1200             -25.00 EUR  order:1
        """,
    ),
    "a captured payment": (
        K.PAYMENT_CAPTURED, "stripe", CHARGE, {}, "gross 213.02 EUR",
        """
        1310.stripe      213.02 EUR  charge:ch_1
        1200            -213.02 EUR  order:1
        """,
    ),
    "a captured payment of no known order waits under its own name": (
        K.PAYMENT_CAPTURED, "stripe-us", ("charge:ch_1",), {}, "gross 5.00 EUR",
        """
        1310.stripe-us       5.00 EUR  charge:ch_1
        1200              -5.00 EUR  charge:ch_1
        """,
    ),
    "a payment sent back": (
        K.PAYMENT_REFUNDED, "stripe", REFUND, {}, "gross 20.00 EUR",
        """
        1200              20.00 EUR  order:1
        1310.stripe      -20.00 EUR  refund:re_1
        """,
    ),
    "a refund that failed": (
        K.REFUND_FAILED, "stripe", REFUND, {}, "gross 20.00 EUR",
        """
        1310.stripe       20.00 EUR  refund:re_1
        1200             -20.00 EUR  order:1
        """,
    ),
    # the balance grows by 100 - 2.90 - 0.55; the cost of selling is seen gross
    "a charge settled, its fee gross": (
        K.CHARGE_SETTLED, "stripe", ("txn:txn_1", "charge:ch_1"), {},
        """
        gross 100.00 EUR
        fee 2.90 EUR
        fee_tax 0.55 EUR
        """,
        """
        1320.stripe       96.55 EUR  txn:txn_1
        5000               2.90 EUR
        1500               0.55 EUR
        1310.stripe     -100.00 EUR  charge:ch_1
        """,
    ),
    "a charge settled, the channel's own tax withheld": (
        K.CHARGE_SETTLED, "stripe", ("txn:txn_1", "charge:ch_1"), {},
        """
        gross 108.25 EUR
        fee 3.00 EUR
        facilitator_tax -8.25 EUR
        """,
        """
        1320.stripe       97.00 EUR  txn:txn_1
        5000               3.00 EUR
        1310.stripe     -108.25 EUR  charge:ch_1
        2110               8.25 EUR  charge:ch_1
        """,
    ),
    # 111.00 USD became 100.00 EUR, which says what the dollars were worth, whatever the rate of the day
    "a charge in dollars settled in euro": (
        K.CHARGE_SETTLED, "stripe", ("txn:txn_1", "charge:ch_1"), {},
        """
        gross 100.00 EUR
        fee 2.90 EUR
        converted 111.00 USD
        """,
        """
        1320.stripe       97.10 EUR  txn:txn_1
        5000               2.90 EUR
        1310.stripe     -111.00 USD  {-100.00 EUR}  charge:ch_1
        1495            -100.00 EUR
        1495             111.00 USD  {100.00 EUR}
        """,
    ),
    # 100.00 EUR became 108.70 USD: the balance and the fee are worth their share of 100.00 EUR
    "a charge in euro settled in dollars": (
        K.CHARGE_SETTLED, "stripe-us", ("txn:txn_1", "charge:ch_1"), {},
        """
        gross 108.70 USD
        fee 3.20 USD
        converted 100.00 EUR
        """,
        """
        1320.stripe-us     105.50 USD  {97.06 EUR}  txn:txn_1
        5000               3.20 USD  {2.94 EUR}
        1310.stripe-us    -100.00 EUR  charge:ch_1
        1495            -108.70 USD  {-100.00 EUR}
        1495             100.00 EUR
        """,
    ),
    # neither is the euro: 200.00 GBP at 1.15 are 230.00 EUR, and so are the 260.00 USD they were
    "a charge in dollars settled in pounds": (
        K.CHARGE_SETTLED, "stripe", ("txn:txn_1", "charge:ch_1"), {},
        """
        gross 200.00 GBP
        converted 260.00 USD
        """,
        """
        1320.stripe      200.00 GBP  {230.00 EUR}  txn:txn_1
        1310.stripe     -260.00 USD  {-230.00 EUR}  charge:ch_1
        1495            -200.00 GBP  {-230.00 EUR}
        1495             260.00 USD  {230.00 EUR}
        """,
    ),
    "a refund settled": (
        K.REFUND_SETTLED, "stripe", ("txn:txn_2", "refund:re_1"), {},
        """
        gross 20.00 EUR
        fee 0.50 EUR
        fee_tax 0.10 EUR
        """,
        """
        1320.stripe      -20.60 EUR  txn:txn_2
        5000               0.50 EUR
        1500               0.10 EUR
        1310.stripe       20.00 EUR  refund:re_1
        """,
    ),
    "a refund settled, the fee and the channel's tax given back": (
        K.REFUND_SETTLED, "stripe", ("txn:txn_2", "refund:re_1"), {},
        """
        gross 20.00 EUR
        fee -0.50 EUR
        facilitator_tax 1.65 EUR
        """,
        """
        1320.stripe      -17.85 EUR  txn:txn_2
        5000              -0.50 EUR
        1310.stripe       20.00 EUR  refund:re_1
        2110              -1.65 EUR  refund:re_1
        """,
    ),
    "the channel's own tax withheld in a row of its own": (
        K.TAX_WITHHELD, "stripe", ("txn:71", "order:1"), {},
        """
        facilitator_tax -8.25 EUR
        fee 0.10 EUR
        """,
        """
        1320.stripe       -8.35 EUR  txn:71
        2110               8.25 EUR  order:1
        5000               0.10 EUR
        """,
    ),
    "a failed refund returned, the channel's tax withheld again": (
        K.REFUND_RETURNED, "stripe", ("txn:txn_3", "refund:re_1"), {},
        """
        gross 20.00 EUR
        facilitator_tax -1.65 EUR
        """,
        """
        1320.stripe       18.35 EUR  txn:txn_3
        1310.stripe      -20.00 EUR  refund:re_1
        2110               1.65 EUR  refund:re_1
        """,
    ),
    # the gateway need not, but if it gives the tax back with the disputed money, that waits for a person
    "a dispute with the channel's tax given back": (
        K.DISPUTE_WITHDRAWN, "stripe", ("txn:txn_4", "dispute:dp_1"), {},
        """
        gross 108.25 EUR
        fee 15.00 EUR
        facilitator_tax 8.25 EUR
        """,
        """
        1340.stripe      108.25 EUR  dispute:dp_1
        1320.stripe     -115.00 EUR  txn:txn_4
        5010              15.00 EUR
        2110              -8.25 EUR  dispute:dp_1
        """,
    ),
    "a dispute won, the channel's tax withheld again": (
        K.DISPUTE_REINSTATED, "stripe", ("txn:txn_5", "dispute:dp_1"), {},
        """
        gross 108.25 EUR
        facilitator_tax -8.25 EUR
        """,
        """
        1320.stripe      100.00 EUR  txn:txn_5
        1340.stripe     -108.25 EUR  dispute:dp_1
        2110               8.25 EUR  dispute:dp_1
        """,
    ),
    "a refund in dollars settled in euro": (
        K.REFUND_SETTLED, "stripe", ("txn:txn_2", "refund:re_1"), {},
        """
        gross 18.00 EUR
        converted 20.00 USD
        """,
        """
        1320.stripe      -18.00 EUR  txn:txn_2
        1310.stripe       20.00 USD  {18.00 EUR}  refund:re_1
        1495              18.00 EUR
        1495             -20.00 USD  {-18.00 EUR}
        """,
    ),
    "a partial capture reversed has no refund and lies with its charge": (
        K.REFUND_SETTLED, "stripe", ("txn:txn_2", "charge:ch_1"), {}, "gross 20.00 EUR",
        """
        1320.stripe      -20.00 EUR  txn:txn_2
        1310.stripe       20.00 EUR  charge:ch_1
        """,
    ),
    "a failed refund returned": (
        K.REFUND_RETURNED, "stripe", ("txn:txn_3", "refund:re_1"), {},
        """
        gross 20.00 EUR
        fee 1.00 EUR
        fee_tax 0.19 EUR
        """,
        """
        1320.stripe       18.81 EUR  txn:txn_3
        5000               1.00 EUR
        1310.stripe      -20.00 EUR  refund:re_1
        1500               0.19 EUR
        """,
    ),
    "a failed refund in dollars returned in euro": (
        K.REFUND_RETURNED, "stripe", ("txn:txn_3", "refund:re_1"), {},
        """
        gross 18.00 EUR
        converted 20.00 USD
        """,
        """
        1320.stripe       18.00 EUR  txn:txn_3
        1310.stripe      -20.00 USD  {-18.00 EUR}  refund:re_1
        1495             -18.00 EUR
        1495              20.00 USD  {18.00 EUR}
        """,
    ),
    "a fee of the gateway's own, as an amount": (
        K.GATEWAY_FEE, "stripe", ("txn:txn_4",), {}, "gross 2.00 EUR",
        """
        1320.stripe       -2.00 EUR  txn:txn_4
        5000               2.00 EUR
        """,
    ),
    "a fee of the gateway's own, as a fee with tax": (
        K.GATEWAY_FEE, "stripe", ("txn:txn_4",), {},
        """
        fee 2.00 EUR
        fee_tax 0.38 EUR
        """,
        """
        1320.stripe       -2.38 EUR  txn:txn_4
        5000               2.00 EUR
        1500               0.38 EUR
        """,
    ),
    "an adjustment in our favour waits in suspense": (
        K.GATEWAY_ADJUSTED, "stripe", ("txn:txn_5",), {},
        """
        gross 7.00 EUR
        fee 1.00 EUR
        fee_tax 0.19 EUR
        """,
        """
        1320.stripe        5.81 EUR  txn:txn_5
        1490              -7.00 EUR  txn:txn_5
        5000               1.00 EUR
        1500               0.19 EUR
        """,
    ),
    "an adjustment against us does too": (
        K.GATEWAY_ADJUSTED, "stripe", ("txn:txn_5",), {}, "gross -7.00 EUR",
        """
        1320.stripe       -7.00 EUR  txn:txn_5
        1490               7.00 EUR  txn:txn_5
        """,
    ),
    "a dispute: neither revenue nor loss yet, but the fee is a cost": (
        K.DISPUTE_WITHDRAWN, "stripe", ("txn:txn_6", "dispute:dp_1"), {},
        """
        gross 100.00 EUR
        fee 15.00 EUR
        fee_tax 2.85 EUR
        """,
        """
        1340.stripe      100.00 EUR  dispute:dp_1
        1320.stripe     -117.85 EUR  txn:txn_6
        5010              15.00 EUR
        1500               2.85 EUR
        """,
    ),
    "a dispute won, the fee given back": (
        K.DISPUTE_REINSTATED, "stripe", ("txn:txn_7", "dispute:dp_1"), {},
        """
        gross 100.00 EUR
        fee -15.00 EUR
        fee_tax -2.85 EUR
        """,
        """
        1320.stripe      117.85 EUR  txn:txn_7
        1340.stripe     -100.00 EUR  dispute:dp_1
        5010             -15.00 EUR
        1500              -2.85 EUR
        """,
    ),
    # withdrawn 100, 40 of it reinstated: 60 are lost
    "a dispute lost in part": (
        K.DISPUTE_LOST, "stripe", ("dispute:dp_1", "charge:ch_1"), {},
        """
        gross 100.00 EUR
        gross -40.00 EUR
        """,
        """
        5020              60.00 EUR
        1340.stripe      -60.00 EUR  dispute:dp_1
        """,
    ),
    "money held back": (
        K.RESERVE_HELD, "stripe", ("txn:txn_8",), {}, "gross 30.00 EUR",
        """
        1350.stripe       30.00 EUR  txn:txn_8
        1320.stripe      -30.00 EUR  txn:txn_8
        """,
    ),
    "and released": (
        K.RESERVE_RELEASED, "stripe", ("txn:txn_9",), {}, "gross 30.00 EUR",
        """
        1320.stripe       30.00 EUR  txn:txn_9
        1350.stripe      -30.00 EUR  txn:txn_9
        """,
    ),
    "a payout on its way": (
        K.PAYOUT_SENT, "stripe", ("txn:txn_10", "payout:po_1"), {}, "gross 80.00 EUR",
        """
        1330.stripe       80.00 EUR  payout:po_1
        1320.stripe      -80.00 EUR  txn:txn_10
        """,
    ),
    "an instant payout with a fee": (
        K.PAYOUT_SENT, "stripe-us", ("txn:txn_10", "payout:po_1"), {},
        """
        gross 80.00 EUR
        fee 0.80 EUR
        fee_tax 0.15 EUR
        """,
        """
        1330.stripe       80.00 EUR  payout:po_1
        1320.stripe-us     -80.95 EUR  txn:txn_10
        5000               0.80 EUR
        1500               0.15 EUR
        """,
    ),
    "a negative payout takes money from the bank": (
        K.PAYOUT_SENT, "stripe", ("txn:txn_10", "payout:po_1"), {}, "gross -12.00 EUR",
        """
        1330.stripe      -12.00 EUR  payout:po_1
        1320.stripe       12.00 EUR  txn:txn_10
        """,
    ),
    "a payout that did not arrive": (
        K.PAYOUT_FAILED, "stripe", ("txn:txn_11", "payout:po_1"), {}, "gross 80.00 EUR",
        """
        1320.stripe       80.00 EUR  txn:txn_11
        1330.stripe      -80.00 EUR  payout:po_1
        """,
    ),
    "a top-up": (
        K.TOP_UP, "stripe", ("txn:txn_12",), {}, "gross 500.00 EUR",
        """
        1320.stripe      500.00 EUR  txn:txn_12
        1330.stripe     -500.00 EUR  txn:txn_12
        """,
    ),
    "a payout at the bank": (
        K.BANK_CREDITED, "bank", ("statement:s",), {"text": "STRIPE PAYOUT PO_1"}, "gross 80.00 EUR",
        """
        1100.bank         80.00 EUR
        1330.stripe      -80.00 EUR  bank_line:bank:bank_credited:1
        """,
    ),
    "money in from nobody we know": (
        K.BANK_CREDITED, "bank", ("statement:s",), {"text": "INHERITANCE"}, "gross 80.00 EUR",
        """
        1100.bank         80.00 EUR
        1490             -80.00 EUR  bank_line:bank:bank_credited:1
        """,
    ),
    "money in from a gateway nobody connected": (
        K.BANK_CREDITED, "bank", ("statement:s",), {"text": "SHOPIFY PAYMENTS"}, "gross 80.00 EUR",
        """
        1100.bank         80.00 EUR
        1490             -80.00 EUR  bank_line:bank:bank_credited:1
        """,
    ),
    "money out to a gateway": (
        K.BANK_DEBITED, "bank", ("statement:s",), {"counterparty": "Stripe Payments Europe"}, "gross 12.00 EUR",
        """
        1330.stripe       12.00 EUR  bank_line:bank:bank_debited:1
        1100.bank        -12.00 EUR
        """,
    ),
    "the bank's own charges": (
        K.BANK_DEBITED, "bank", ("statement:s",), {"text": "Kontoführungsgebühr 01/2026"}, "gross 9.90 EUR",
        """
        5030               9.90 EUR
        1100.bank         -9.90 EUR
        """,
    ),
    "money out for a reason we do not know": (
        K.BANK_DEBITED, "bank", ("statement:s",), {"text": "CHEQUE 17"}, "gross 9.90 EUR",
        """
        1490               9.90 EUR  bank_line:bank:bank_debited:1
        1100.bank         -9.90 EUR
        """,
    ),
    # yen have no cents and dinars have a thousand fils: 10,000 JPY at 0.006 are 60.00 EUR, 1.234 BHD at 2.4 are 2.96
    "an order in yen": (
        K.ORDER_PLACED, "shop", ORDER, {},
        """
        item 9091 JPY seller=Ana
        tax 909 JPY of=item label=JCT
        """,
        """
        1200              10000 JPY  {60.00 EUR}  order:1
        2300              -9091 JPY  {-54.55 EUR}  (Ana)
        2100               -909 JPY  {-5.45 EUR}  #tax=JCT
        """,
    ),
    "a payment in dinars": (
        K.PAYMENT_CAPTURED, "stripe", CHARGE, {}, "gross 1.234 BHD",
        """
        1310.stripe       1.234 BHD  {2.96 EUR}  charge:ch_1
        1200             -1.234 BHD  {-2.96 EUR}  order:1
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MARKETPLACE.values(), ids=MARKETPLACE)
def test_golden(case: tuple[K, str, tuple[str, ...], dict[str, str], str, str]) -> None:
    kind, source, references, facts, components, expected = case
    entry = book(event(kind, dedent(components), source=source, references=references, facts=facts), books())
    assert isinstance(entry, EntryDraft), entry
    assert journal(entry) == dedent(expected).strip()
    check([entry], ACCOUNTS["marketplace"])


def test_every_kind_that_posts_has_a_golden() -> None:
    by_hand = {K.CASE_RESOLVED}  # a person's decision, whose rule is the person
    assert {case[0] for case in MARKETPLACE.values()} == set(K) - MEMO_KINDS - by_hand


def test_every_line_of_every_rule_is_seen_in_a_golden() -> None:
    """A line nobody has looked at is a line nobody knows to be right. Edits share the lines of orders."""
    seen: dict[str, set[tuple[str, str]]] = {}
    for kind, source, references, facts, components, _ in MARKETPLACE.values():
        entry = book(event(kind, dedent(components), source=source, references=references, facts=facts), books())
        assert isinstance(entry, EntryDraft)
        found = {c.kind.value for c in event(kind, dedent(components)).draft.components}
        for line in entry.lines:
            role = ACCOUNTS["marketplace"][line.account].role.value
            seen.setdefault(entry.rule_id, set()).update((role, part) for part in found)
    unseen = [
        (rule.id, line.role.value, line.component)
        for rule in standard_rules().rules
        for line in rule.lines
        if rule.lines_of is None
        if line.component is not None and (line.role.value, line.component.value) not in seen.get(rule.id, set())
    ]
    assert unseen == []


def test_a_retailer_sells_on_its_own_account() -> None:
    """The same order: whatever vendor a product carries, the sale is revenue."""
    text = """
    item 119.00 EUR seller=Ana
    discount 19.00 EUR seller=Ana
    tax_included 15.97 EUR of=item seller=Ana label=VAT
    """
    entry = book(event(K.ORDER_PLACED, dedent(text), source="shop", references=ORDER), books(own_sellers=None))
    assert isinstance(entry, EntryDraft)
    expected = """
    1200             100.00 EUR  order:1
    4000            -103.03 EUR
    4100              19.00 EUR
    2100             -15.97 EUR  #tax=VAT
    """
    assert journal(entry) == dedent(expected).strip()


def test_facilitator_tax_nets_to_zero_over_a_sale_and_its_settlement() -> None:
    sale = event(K.ORDER_PLACED, "item 100.00 EUR\nfacilitator_tax 8.25 EUR of=item", source="shop", references=ORDER)
    settled = event(K.CHARGE_SETTLED, "gross 108.25 EUR\nfacilitator_tax -8.25 EUR", references=("txn:t", "charge:c"))
    entries = [book(found, books()) for found in (sale, settled)]
    lines = [line for entry in entries if isinstance(entry, EntryDraft) for line in entry.lines]
    assert sum(line.amount_minor for line in lines if line.account == "2110") == 0
    assert sum(line.amount_minor for line in lines if line.account == "2100") == 0
    assert sum(line.amount_minor for line in lines if line.account == "4000") == -10000
    assert sum(line.amount_minor for line in lines if line.account == "1320.stripe") == 10000


def test_a_sale_from_order_to_bank_leaves_nothing_open() -> None:
    """Order, capture, settlement, payout, bank line: every clearing account ends at zero, profit and cash agree."""
    found = [
        event(K.ORDER_PLACED, "item 100.00 EUR\ntax 19.00 EUR of=item", source="shop", references=ORDER),
        event(K.GIFT_CARD_REDEEMED, "gross 19.00 EUR", source="shop", references=("order:1",)),
        event(K.PAYMENT_CAPTURED, "gross 100.00 EUR", references=CHARGE),
        event(K.CHARGE_SETTLED, "gross 100.00 EUR\nfee 3.00 EUR", references=("txn:t", "charge:ch_1")),
        event(K.PAYOUT_SENT, "gross 97.00 EUR", references=("txn:p", "payout:po_1")),
        event(K.BANK_CREDITED, "gross 97.00 EUR", source="bank", facts={"text": "STRIPE"}),
    ]
    balances: dict[str, int] = {}
    for each in found:
        entry = book(each, books())
        assert isinstance(entry, EntryDraft)
        for line in entry.lines:
            balances[line.account] = balances.get(line.account, 0) + line.amount_minor
    assert {code: amount for code, amount in balances.items() if amount} == {
        "1100.bank": 9700,
        "2100": -1900,
        "2200": 1900,
        "4000": -10000,
        "5000": 300,
    }
