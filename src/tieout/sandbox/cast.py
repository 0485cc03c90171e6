"""Who plays: the company, its shops, accounts and sellers, and the people who buy. Invented, like their addresses."""

from tieout.sandbox.trade import Shop
from tieout.sandbox.trail import Bank, Gateway

COMPANY = "Clay & Loom GmbH"
#: The vendor name of goods the company sells on its own account.
OWN_BRAND = "Clay & Loom"

#: Reduced and standard rate of German VAT in hundredths of a per cent (§ 12 UStG).
REDUCED_BP = 700
STANDARD_BP = 1900


def iban(country: str, account: str) -> str:
    """An IBAN with the right check digits (ISO 13616: mod 97 of the rearranged number is 1)."""
    digits = "".join(str(int(char, 36)) for char in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


SHOPS = (
    Shop(
        "shop", "Clay & Loom", "clay-and-loom.myshopify.com", "EUR", "DE", "Europe/Berlin",
        "stripe", "bank", taxes_included=True,
    ),
    Shop(
        "shop-us", "Clay & Loom US", "clay-and-loom-us.myshopify.com", "USD", "US", "America/New_York",
        "stripe-us", "bank-us", taxes_included=False,
    ),
)  # fmt: skip

#: Stripe's public card prices for the European Economic Area and for the United States.
GATEWAYS = (
    Gateway("stripe", "acct_1ClayLoomEurope01", "EUR", 14, 25, 2000, 2, 1),
    Gateway("stripe-us", "acct_1ClayLoomStates01", "USD", 29, 30, 1500, 2, 2),
)

BANKS = (
    Bank("bank", "EUR", COMPANY, "Musterbank Ilmtal", "MUILDEF1XXX", iban("DE", "820999990004711815"), "", "stripe"),
    Bank("bank-us", "USD", COMPANY, "First Harbor Bank", "FHBKUS33XXX", "", "000482915507", "stripe-us"),
)

#: Seller -> tax rate and what they offer: title and price in cents.
SELLERS: dict[str, tuple[int, tuple[tuple[str, int], ...]]] = {
    "Tonwerk Ilmenau": (STANDARD_BP, (("Stoneware mug", 2400), ("Breakfast bowl", 2900), ("Butter dish", 4250))),
    "Studio Brandt Keramik": (STANDARD_BP, (("Dinner plate, ash glaze", 3850), ("Tall vase", 8900), ("Egg cup", 1450))),
    "Kiln & Coast": (STANDARD_BP, (("Espresso cup", 1890), ("Teapot, celadon", 9450), ("Salt pig", 3600))),
    "Rote Erde": (STANDARD_BP, (("Terracotta planter", 3290), ("Olive jar", 2750), ("Casserole", 11900))),
    "Blaukobalt": (STANDARD_BP, (("Cobalt jug", 5400), ("Tile, hand painted", 1690), ("Serving platter", 7650))),
    "Weberei Lindqvist": (STANDARD_BP, (("Wool throw", 14900), ("Table runner", 4950), ("Cushion cover", 3990))),
    "Flachs & Faden": (STANDARD_BP, (("Linen tea towel", 1650), ("Linen apron", 5890), ("Bread bag", 1990))),
    "Loomhaus Vogtland": (STANDARD_BP, (("Rag rug", 12900), ("Woven wall hanging", 9800), ("Coaster set", 1850))),
    "Wollkontor": (STANDARD_BP, (("Felt slippers", 4490), ("Sheep wool yarn", 1290), ("Mohair scarf", 7990))),
    "Casa do Tear": (STANDARD_BP, (("Cotton blanket", 8450), ("Bath towel", 3150), ("Picnic cloth", 5250))),
    "Drechslerei Amsel": (STANDARD_BP, (("Cherry wood bowl", 6400), ("Pepper mill", 5750), ("Rolling pin", 2890))),
    "Holzwerk Eibe": (STANDARD_BP, (("Oak cutting board", 4690), ("Wooden spoon", 1390), ("Coat hook rail", 3890))),
    "Birkenspan": (STANDARD_BP, (("Birch bark box", 2650), ("Shaving horse kit", 18900), ("Butter knife", 990))),
    "Sattlerei Nordlicht": (STANDARD_BP, (("Key fob", 1590), ("Card wallet", 4890), ("Weekend bag", 24900))),
    "Wachsblume": (STANDARD_BP, (("Beeswax candle", 1190), ("Candle set of four", 3450), ("Wax wraps", 1790))),
    "Sommer Seifen": (STANDARD_BP, (("Olive oil soap", 790), ("Shampoo bar", 990), ("Shaving soap", 1490))),
    "Glashuette Silberbach": (STANDARD_BP, (("Water glass", 1950), ("Carafe", 5690), ("Glass bauble", 1250))),
    "Goldschmiede Fink": (STANDARD_BP, (("Silver ring", 8900), ("Stud earrings", 6450), ("Silver pendant", 11500))),
    "Atelier Perlmutt": (STANDARD_BP, (("Shell buttons", 890), ("Hair comb", 3790), ("Inlay box", 15900))),
    "Korb Weidner": (STANDARD_BP, (("Willow basket", 5490), ("Bread basket", 2490), ("Log basket", 8990))),
    "Linol & Druck": (STANDARD_BP, (("Linocut, heron", 4500), ("Card set", 1680), ("Block print kit", 3950))),
    "Bindewerk Aue": (REDUCED_BP, (("A Field Guide to Glazes", 3200), ("The Small Loom Book", 2790))),
    "Imkerei Sonnenhang": (REDUCED_BP, (("Lime blossom honey", 850), ("Honeycomb", 1450), ("Forest honey", 950))),
    "Teegarten Rhön": (REDUCED_BP, (("Herbal tea, 80 g", 690), ("Rosehip tea, 100 g", 740))),
    OWN_BRAND: (STANDARD_BP, (("Maker's tote", 2450), ("Gift box", 690), ("Workshop day", 8900))),
}
US_SELLERS: dict[str, tuple[int, tuple[tuple[str, int], ...]]] = {
    "Blue Ridge Clay": (0, (("Speckled mug", 3200), ("Mixing bowl", 6800), ("Spoon rest", 1950))),
    "Hudson Loom Co.": (0, (("Overshot throw", 18500), ("Dish towel", 2600), ("Placemat pair", 4400))),
    "Prairie Basketry": (0, (("Market basket", 7900), ("Trivet", 2250))),
    "Cedar & Spoke": (0, (("Serving board", 6450), ("Salad servers", 3800))),
    OWN_BRAND: (0, (("Maker's tote", 2900), ("Gift box", 850))),
}

GIFT_CARD_VALUES_MINOR = (2500, 5000, 10000)

FIRST_NAMES = (
    "Ada", "Anton", "Berta", "Clara", "Emil", "Frieda", "Georg", "Greta", "Hanna", "Ida", "Jakob", "Jonas", "Karl",
    "Lena", "Lotte", "Ludwig", "Mara", "Mathilda", "Max", "Nora", "Oskar", "Paula", "Rosa", "Theo", "Thea", "Wanda",
)  # fmt: skip
LAST_NAMES = (
    "Ahrens", "Bauer", "Conradi", "Dietz", "Engel", "Falk", "Gerber", "Hartwig", "Imhof", "Jansen", "Keller",
    "Lorenz", "Moser", "Neumann", "Ott", "Petersen", "Quandt", "Richter", "Seidel", "Thoma", "Ullrich", "Vogel",
    "Winter", "Zander",
)  # fmt: skip
STREETS = ("Gartenstrasse", "Am Markt", "Lindenweg", "Hauptstrasse", "Bergstrasse", "Mühlgasse")
US_STREETS = ("Maple Avenue", "Oak Street", "River Road", "Hillside Lane", "Park Street")

#: City, postal code.
CITIES = (
    ("Berlin", "10437"), ("Hamburg", "22765"), ("Leipzig", "04107"), ("Erfurt", "99084"), ("Köln", "50674"),
    ("München", "80469"), ("Kassel", "34117"), ("Freiburg", "79098"), ("Bremen", "28203"), ("Jena", "07743"),
)  # fmt: skip
#: City, postal code, state, its code, and the taxes there: title and rate in hundredths of a per cent.
US_CITIES: tuple[tuple[str, str, str, str, tuple[tuple[str, int], ...]], ...] = (
    ("Brooklyn", "11215", "New York", "NY", (("New York State Tax", 400), ("New York City Tax", 450))),
    ("Oakland", "94607", "California", "CA", (("California State Tax", 725),)),
    ("Seattle", "98107", "Washington", "WA", (("Washington State Tax", 650), ("Seattle City Tax", 385))),
    ("Portland", "97214", "Oregon", "OR", ()),
)

CARD_BRANDS = ("visa", "mastercard", "visa", "mastercard", "amex")
CAMPAIGNS = ("autumn-market", "newsletter-42", "kiln-opening")
