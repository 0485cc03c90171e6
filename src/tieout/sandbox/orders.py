"""What people order: products, prices, discounts, tax, shipping and tips, in whole cents."""

from datetime import datetime, timedelta

from msgspec import Struct

from tieout.model.money import split_by_weight
from tieout.sandbox import cast
from tieout.sandbox.calendar import days
from tieout.sandbox.dice import Dice, Ids
from tieout.sandbox.trade import Buyer, Line, Order, Product, Promotion, Shipping, Shop, Tax

#: How many of a day's orders fall into each hour (UTC); people shop at lunch and in the evening.
_HOURS = (1, 0, 0, 0, 1, 2, 3, 5, 7, 8, 9, 10, 9, 7, 7, 8, 9, 11, 13, 14, 13, 9, 5, 2)
_FREE_SHIPPING_FROM_MINOR = 7500
#: The channel that remits its own tax takes no orders so shortly before the end that their settlement is not told.
_SETTLING = timedelta(days=2)


class Terms(Struct, frozen=True):
    """What decides the tax of a sale: where it is sold, to whom, and whether the channel remits it."""

    shop: Shop
    buyer: Buyer
    channel_liable: bool = False


def tax_contained(gross_minor: int, rate_bp: int) -> int:
    """The tax contained in a gross amount, half a cent rounded up."""
    return (2 * gross_minor * rate_bp + 10_000 + rate_bp) // (2 * (10_000 + rate_bp))


def tax_added(net_minor: int, rate_bp: int) -> int:
    """The tax to add to a net amount, half a cent rounded up."""
    return (net_minor * rate_bp + 5_000) // 10_000


class Market:
    """Makes the products and orders of one world. One instance per world; its numbers grow over all shops."""

    def __init__(self, seed: int, ids: Ids) -> None:
        self._ids = ids
        self._seed = seed
        self.products: dict[str, list[Product]] = {}
        self._gift_cards: dict[str, list[Product]] = {}
        for shop in cast.SHOPS:
            self.products[shop.source] = self._shelf(shop)
            self._gift_cards[shop.source] = [
                self._product(cast.OWN_BRAND, f"Gift card {value // 100}", value, 0, gift_card=True)
                for value in cast.GIFT_CARD_VALUES_MINOR
            ]

    def all_products(self) -> tuple[Product, ...]:
        """Everything on offer, gift cards included."""
        shelves = [*self.products.values(), *self._gift_cards.values()]
        return tuple(product for shelf in shelves for product in shelf)

    def _shelf(self, shop: Shop) -> list[Product]:
        sellers = cast.SELLERS if shop.taxes_included else cast.US_SELLERS
        return [
            self._product(seller, title, price, tax_bp)
            for seller, (tax_bp, offers) in sellers.items()
            for title, price in offers
        ]

    def _product(self, seller: str, title: str, price: int, tax_bp: int, *, gift_card: bool = False) -> Product:
        number = self._ids.product.next()
        initials = "".join(word[0] for word in seller.split() if word[0].isalpha()).upper()
        return Product(
            number,
            self._ids.product.next(),
            seller,
            title,
            f"{initials}-{number % 100_000:05d}",
            price,
            tax_bp,
            gift_card,
        )

    def orders(self, shop: Shop, count: int, start: datetime, end: datetime) -> list[Order]:
        """`count` orders of a shop between `start` and `end`, in the order of time."""
        dice = Dice(self._seed, f"orders {shop.source}")
        moments = sorted(_moment(dice, start, end) for _ in range(count))
        buyers = [self._buyer(shop, dice) for _ in range(max(1, count * 3 // 4))]
        last_of_channel = end - _SETTLING
        return [
            self._order(shop, 1001 + place, moment, dice.pick(buyers), dice, in_channel=moment < last_of_channel)
            for place, moment in enumerate(moments)
        ]

    def _buyer(self, shop: Shop, dice: Dice) -> Buyer:
        first, last = dice.pick(cast.FIRST_NAMES), dice.pick(cast.LAST_NAMES)
        if shop.country == "US":
            city, code, state, state_code, _ = dice.pick(cast.US_CITIES)
            street = f"{dice.between(1, 980)} {dice.pick(cast.US_STREETS)}"
            return Buyer(
                self._ids.buyer.next(), first, last, street, code, city, "United States", "US", state, state_code
            )
        city, code = dice.pick(cast.CITIES)
        street = f"{dice.pick(cast.STREETS)} {dice.between(1, 140)}"
        return Buyer(self._ids.buyer.next(), first, last, street, code, city, "Germany", "DE", None, None)

    def _order(
        self, shop: Shop, number: int, placed_at: datetime, buyer: Buyer, dice: Dice, *, in_channel: bool
    ) -> Order:
        only_gift_card = dice.chance(20)
        products = [] if only_gift_card else self._basket(shop, dice)
        if only_gift_card or dice.chance(20):
            products.append((dice.pick(self._gift_cards[shop.source]), 1))
        terms = Terms(shop, buyer, channel_liable=shop.country == "US" and dice.chance(250) and in_channel)
        promotions, discounts = _promotions(products, dice)
        lines = tuple(
            self.line(terms, product, quantity, discounts[place]) for place, (product, quantity) in enumerate(products)
        )
        at_till = not terms.channel_liable and dice.chance(60)
        shipping = None if at_till or only_gift_card else self._shipping(terms, lines, dice)
        return Order(
            id=self._ids.order.next(),
            number=number,
            shop=shop,
            buyer=buyer,
            placed_at=placed_at,
            lines=lines,
            shipping=shipping,
            promotions=promotions,
            tip_minor=dice.between(2, 12) * 50 if dice.chance(50) else 0,
            channel="pos" if at_till else "3890849" if terms.channel_liable else "web",
            attributes=(("campaign", dice.pick(cast.CAMPAIGNS)),) if dice.chance(300) else (),
        )

    def _basket(self, shop: Shop, dice: Dice) -> list[tuple[Product, int]]:
        count = dice.weighted((1, 2, 3, 4), (48, 30, 15, 7))
        chosen = dice.some(self.products[shop.source], count)
        return [(product, dice.weighted((1, 2, 3), (78, 16, 6))) for product in chosen]

    def line(self, terms: Terms, product: Product, quantity: int, discounts: tuple[tuple[int, int], ...] = ()) -> Line:
        """One line with its tax: contained in the price in one shop, added per state and city in the other."""
        net = product.price_minor * quantity - sum(amount for _, amount in discounts)
        taxes = () if product.gift_card else taxes_on(terms, net, product.tax_bp)
        return Line(self._ids.line.next(), product, quantity, product.price_minor, discounts, taxes)

    def _shipping(self, terms: Terms, lines: tuple[Line, ...], dice: Dice) -> Shipping:
        goods = sum(line.net_minor for line in lines if not line.product.gift_card)
        if dice.chance(80):
            title, price = "Express", 1290
        elif goods >= _FREE_SHIPPING_FROM_MINOR:
            title, price = "Free standard shipping", 0
        else:
            title, price = "Standard", 490 if terms.shop.country == "DE" else 795
        taxes = taxes_on(terms, price, cast.STANDARD_BP) if price else ()
        return Shipping(self._ids.other.next(), title, price, taxes)


def taxes_on(terms: Terms, amount_minor: int, rate_bp: int) -> tuple[Tax, ...]:
    """The taxes of an amount: VAT contained in it, or what the buyer's state and city add to it."""
    if terms.shop.taxes_included:
        return (Tax("DE VAT", rate_bp, tax_contained(amount_minor, rate_bp)),)
    rates = next(rates for city, _, _, _, rates in cast.US_CITIES if city == terms.buyer.city)
    return tuple(Tax(title, bp, tax_added(amount_minor, bp), terms.channel_liable) for title, bp in rates)


def _moment(dice: Dice, start: datetime, end: datetime) -> datetime:
    span = days(start.date(), end.date())
    day = dice.weighted(span, [13 if day.weekday() >= 5 else 10 for day in span])
    hour = dice.weighted(range(24), _HOURS)
    # Not the last two minutes of an hour, so that a payment never falls into the month after its order.
    return datetime(day.year, day.month, day.day, hour, dice.below(58), dice.below(60), tzinfo=start.tzinfo)


def _promotions(
    products: list[tuple[Product, int]], dice: Dice
) -> tuple[tuple[Promotion, ...], list[tuple[tuple[int, int], ...]]]:
    """The discounts of a basket, and for each line which promotion takes how much off the whole line."""
    discounts: list[tuple[tuple[int, int], ...]] = [() for _ in products]
    promotions: list[Promotion] = []
    left = [0 if product.gift_card else product.price_minor * quantity for product, quantity in products]
    dear = [place for place, amount in enumerate(left) if amount >= 2000]
    if dear and dice.chance(90):
        place = dice.pick(dear)
        promotions.append(Promotion("Second from the kiln", None, percentage=False, value=300, across=False))
        discounts[place] = ((0, 300),)
        left[place] -= 300
    if sum(left) >= 2500 and dice.chance(130):
        if dice.chance(800):
            off, promotion = (sum(left) + 5) // 10, Promotion("AUTUMN10", "AUTUMN10", percentage=True, value=10)
        else:
            off, promotion = 500, Promotion("WELCOME5", "WELCOME5", percentage=False, value=500)
        promotions.append(promotion)
        for place, part in enumerate(split_by_weight(off, left)):
            if part:
                discounts[place] = (*discounts[place], (len(promotions) - 1, part))
    return tuple(promotions), discounts


def returned(line: Line, quantity: int) -> tuple[int, int]:
    """(net, tax) of a number of a line's pieces, from the line's own rounded figures."""
    return line.net_minor * quantity // line.quantity, line.tax_minor * quantity // line.quantity


def hours_later(moment: datetime, dice: Dice, low: int, high: int) -> datetime:
    """A moment between `low` and `high` hours later, to the second."""
    return moment + timedelta(seconds=dice.between(low * 3600, high * 3600))
