"""What the sellers of a made-up month must be owed."""

from collections import Counter

from tieout.model.account import Role
from tieout.model.bucket import Bucket
from tieout.sandbox import cast
from tieout.sandbox.plan import compose
from tieout.sandbox.sellers import PARTNERS, RESERVED, listings, owed, owners, parties, released, with_sellers
from tieout.sandbox.world import World

PLAN = compose(World(orders=120))


def test_every_listing_has_whole_owners() -> None:
    goods = listings(PLAN.facts)
    assert {sum(owner.basis_points for owner in owners(product)) for product in goods} == {10_000}
    assert {owner.party for product in goods for owner in owners(product)} <= set(parties())
    assert cast.OWN_BRAND not in parties()
    assert len({product.sku for product in goods}) == len(goods)
    shared = next(product for product in goods if product.seller in PARTNERS)
    assert [owner.party for owner in owners(shared)] == [shared.seller, PARTNERS[shared.seller][0]]


def test_what_is_owed_is_what_vendors_were_owed_less_commission() -> None:
    found = owed(PLAN.facts)
    truth = with_sellers(PLAN.truth, PLAN.facts, found)
    roles = (Role.SELLER_PAYABLE, Role.COMMISSION_INCOME, Role.CHARGEBACK_LOSSES, *(b.role for b in Bucket))
    for currency in ("EUR", "USD"):
        before = PLAN.truth.balance_minor(Role.SELLER_PAYABLE, currency)
        before += PLAN.truth.balance_minor(Role.CHARGEBACK_LOSSES, currency)
        assert sum(truth.balance_minor(role, currency) for role in roles) == before
    assert all(one.amount_minor > 0 for one in found)


def test_a_part_is_kept_back_until_it_ends() -> None:
    kept, ended = (Counter[str](), Counter[str]())
    for one in owed(PLAN.facts):
        kept[one.bucket] += one.amount_minor
        assert one.bucket is not Bucket.RESERVE or one.party in RESERVED
    for one in owed(PLAN.facts, reserves_ended=True):
        ended[one.bucket] += one.amount_minor
    assert kept[Bucket.RESERVE] > 0
    assert ended[Bucket.RESERVE] == 0
    assert ended[Bucket.AVAILABLE] == kept[Bucket.AVAILABLE] + kept[Bucket.RESERVE]
    assert kept[Bucket.PENDING] > 0
    assert len(released(PLAN.facts)) > 20
