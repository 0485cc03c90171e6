"""The people and accounts of the worlds fit together, and none of them can be real."""

from tieout.sandbox import cast


def test_check_digits_of_an_iban() -> None:
    """The example of ISO 13616's registry."""
    assert cast.iban("DE", "370400440532013000") == "DE89370400440532013000"
    assert cast.iban("GB", "WEST12345698765432") == "GB82WEST12345698765432"


def test_every_shop_has_its_gateway_and_bank_in_its_currency() -> None:
    gateways = {gateway.source: gateway.currency for gateway in cast.GATEWAYS}
    banks = {bank.source: (bank.currency, bank.gateway) for bank in cast.BANKS}
    for shop in cast.SHOPS:
        assert gateways[shop.gateway] == shop.currency
        assert banks[shop.bank] == (shop.currency, shop.gateway)


def test_about_25_sellers_offer_something_besides_the_own_brand() -> None:
    assert len(cast.SELLERS) == 25
    assert cast.OWN_BRAND in cast.SELLERS
    assert cast.OWN_BRAND in cast.US_SELLERS
    offers = [offer for sellers in (cast.SELLERS, cast.US_SELLERS) for _, found in sellers.values() for offer in found]
    assert min(price for _, price in offers) >= 500
    assert len({title for title, _ in offers}) > 70


def test_vat_has_two_rates_and_american_prices_none() -> None:
    assert {rate for rate, _ in cast.SELLERS.values()} == {cast.REDUCED_BP, cast.STANDARD_BP}
    assert {rate for rate, _ in cast.US_SELLERS.values()} == {0}


def test_the_iban_belongs_to_no_bank() -> None:
    """No German bank code begins with 82099999."""
    assert cast.BANKS[0].iban == cast.iban("DE", "820999990004711815")
    assert cast.BANKS[1].iban == ""
