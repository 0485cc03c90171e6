from datetime import date

import pytest

from tests.api.hub import Client
from tests.console.page import look
from tieout.app import Tieout
from tieout.app.views import ItemView
from tieout.console.items import SHOWN, listing_of, naming_of
from tieout.model.match import NamedItem, Naming, OpenItem


def item(number: int, amount: int, day: int = 1, naming: Naming | None = Naming.TRANSIT) -> ItemView:
    found = OpenItem(number, "1320", "EUR", f"txn:{number}", amount, amount, date(2026, 10, day), 1, 1, amount, amount)
    named = NamedItem(number, naming, "on its way") if naming else None
    return ItemView(f"itm_{number}", found, "ent_1", named, None)


def test_a_list_is_oldest_first_and_prints_its_sum() -> None:
    listing = listing_of([item(2, 50, 3), item(1, -20, 2), item(3, 7, 2)], "EUR", 37)
    assert [view.id for view in listing.items] == ["itm_1", "itm_3", "itm_2"]
    assert (listing.count, listing.sum_minor, listing.rest_minor, listing.total_minor) == (3, 37, 0, 37)


def test_what_no_item_shows_is_the_rest() -> None:
    listing = listing_of([item(1, 30)], "EUR", 100)
    assert (listing.rest_minor, listing.total_minor) == (70, 100)
    assert listing_of([item(1, 30)], "EUR").total_minor == 30


def test_a_long_list_is_cut_but_its_sum_is_not() -> None:
    listing = listing_of([item(n, 1) for n in range(SHOWN + 5)], "EUR")
    assert (len(listing.items), listing.count, listing.total_minor) == (SHOWN, SHOWN + 5, SHOWN + 5)


def test_an_item_without_name_is_unexplained() -> None:
    assert naming_of(item(1, 1, naming=None)) == "unexplained"
    assert naming_of(item(1, 1)) == "transit"


@pytest.mark.parametrize("naming", [n.value for n in Naming])
def test_names_filter_and_sum(browser: Client, looked_at: Tieout, naming: str) -> None:
    page = look(browser, f"/items?naming={naming}")
    chosen = [view for view in looked_at.items() if naming_of(view) == naming]
    shown = [e.attributes["href"] for e in page.all("a") if e.attributes["href"].startswith("/trace/itm_")]
    assert sorted(shown) == sorted(f"/trace/{view.id}" for view in chosen)
    currencies = sorted({view.item.currency for view in chosen})
    assert page.sums() == [sum(v.item.open_minor for v in chosen if v.item.currency == c) for c in currencies]
    if naming == "unexplained":
        assert "Nothing unexplained." in page.text


def test_one_item_is_found_by_its_name(browser: Client, looked_at: Tieout) -> None:
    wanted = looked_at.items()[0].item.item
    page = look(browser, f"/items?item={wanted}")
    same = [view for view in looked_at.items() if view.item.item == wanted]
    assert page.sums() == [sum(view.item.open_minor for view in same)]


def test_what_was_booked_since_the_last_run_stands_as_unexplained(person: Client, books: Tieout) -> None:
    """An entry posted after the run has no item yet; its amount is not hidden."""
    sent = {
        "key": "k", "effective_date": "2026-10-30", "memo": "m", "why": "w",
        "lines": [
            {"account": "1490", "currency": "EUR", "amount_minor": 4321},
            {"account": "5900", "currency": "EUR", "amount_minor": -4321},
        ],
    }  # fmt: skip
    assert person.post("/v1/entries", json={"entries": [sent]}).status_code == 200
    page = look(person, "/")
    (figure,) = page.all("div", class_="big")
    assert (figure.text, "off" in figure.attributes["class"]) == ("43.21EUR", True)
    assert look(person, "/items?account=1490&currency=EUR&naming=unexplained").sums() == [4321]
    account = look(person, "/accounts/1490")
    assert account.sums()[0] == account.sums()[1] == {v.code: v for v in books.accounts()}["1490"].balances["EUR"]
    assert "not all items are named" in account.text
    assert "Not itemised yet" in account.text
