"""The seller portal: a seller sees its own books and nothing else, whatever it asks for."""

from collections.abc import Iterator
from datetime import date

import pytest
from litestar.routes import HTTPRoute

from tests.api import hub
from tests.app import owing
from tests.app.house import open_house
from tieout.app import Tieout
from tieout.console.portal import months_back

OCTOBER = "since=2026-10-01&until=2026-10-31"


@pytest.fixture(scope="module")
def books(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    """Two sellers who may look, with a payout each; only read."""
    with open_house(fresh_database(), tmp_path_factory.mktemp("portal")) as app:
        owing.story(app)
        owing.profile(app, "A")
        owing.profile(app, "C", legal_name="Clay <b>Ltd</b>")
        lines = {"story:4": 4590, "story:5": -2250}
        owing.pay(app, "A", 2340, lines, date(2026, 10, 10), "returned")
        owing.pay(app, "A", 4590, {"story:4": 4590}, date(2026, 10, 11))
        owing.pay(app, "C", 810, {"story:4": 810}, date(2026, 10, 12))
        owing.pay(app, "A", 510, {"story:14": 510}, date(2026, 10, 16))
        app.let_seller_in("A", "ada", hub.PASSWORD)
        app.let_seller_in("C", "cleo", hub.PASSWORD)
        yield app


@pytest.fixture
def client(books: Tieout) -> Iterator[hub.Client]:
    with hub.served(books) as client:
        yield client


def get(client: hub.Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return hub.text_of(answer.text)


def test_a_seller_sees_what_it_is_owed(client: hub.Client) -> None:
    answer = client.post("/login", data={"name": "ada", "password": hub.PASSWORD}, headers=hub.OWN_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal")
    home = get(client, "/portal")
    assert "Ölmühle &amp; Söhne" in home
    assert "28.50" in home
    statement = get(client, f"/portal/statement?{OCTOBER}")
    for shown in ("Order 1001", "sales 50.00 · shipping 6.00 · commission −5.00", "Reserve released", "28.50"):
        assert shown in statement
    payout = get(client, "/portal/payouts/pay_4")
    assert "Why this payout is smaller than the last" in payout
    assert "−40.80" in payout, "5.10 instead of 45.90"
    assert "pay_4" in get(client, "/portal/payouts")
    assert "What this payout is" in get(client, "/portal/payouts/pay_1")


def test_files_are_the_sellers_own(client: hub.Client) -> None:
    hub.log_in(client, "ada")
    pdf = client.get(f"/portal/statement.pdf?{OCTOBER}&currency=EUR")
    assert (pdf.headers["content-type"], pdf.content[:8]) == ("application/pdf", b"%PDF-1.7")
    csv = client.get(f"/portal/statement.csv?{OCTOBER}")
    assert {line.partition(",")[0] for line in csv.text.splitlines()} == {"seller", "A"}


def test_another_sellers_payout_is_one_that_does_not_exist(client: hub.Client) -> None:
    hub.log_in(client, "cleo")
    assert "8.10" in get(client, "/portal/payouts/pay_3")
    theirs, nobodys = (client.get(f"/portal/payouts/{payout}") for payout in ("pay_1", "pay_9"))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace("pay_1", "pay_9").split("There is no payout")[0] == nobodys.text.split("There is no")[0]
    for shown in ("Ölmühle", "23.40", "order"):
        assert shown not in theirs.text
    home = get(client, "/portal?party=A&seller=A")
    assert "Ölmühle" not in home
    assert "Clay &lt;b&gt;Ltd&lt;/b&gt;" in home, "a name is text"


def test_to_a_seller_there_is_nothing_at_any_other_address(client: hub.Client) -> None:
    """Every route of the server, whatever its method, by what it is and not by a list somebody has to keep."""
    hub.log_in(client, "cleo")
    asked, wrong = 0, []
    for route in client.app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            if handler.opt.get("public") or handler.opt.get("sellers"):
                continue
            path = "/".join(filled(part) for part in route.path_components)
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                answer = client.request(method, f"/{path}", headers=hub.OWN_PAGE)
                asked += 1
                if answer.status_code != 404 or "nothing at this address" not in answer.text.lower():
                    wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert asked > 60


def filled(part: object) -> str:
    """A part of a path; a parameter is the other seller, or something of its."""
    if isinstance(part, str):
        return part
    if getattr(part, "type", str) is int:
        return "1"
    return {"payout_id": "pay_1"}.get(getattr(part, "name", ""), "A")


def test_those_who_keep_the_books_have_no_portal_and_see_all(client: hub.Client) -> None:
    hub.log_in(client)
    assert client.get("/portal").status_code == 404
    page = get(client, f"/statements/A?{OCTOBER}")
    assert "Ölmühle &amp; Söhne" in page
    assert "28.50" in page
    assert "Why this payout is smaller than the last" in get(client, "/payouts/pay_4/bridge")
    assert client.get("/statements/Z").status_code == 404
    assert client.get("/payouts/pay_9/bridge").status_code == 404


def test_whoever_is_not_logged_in_is_asked_to(client: hub.Client) -> None:
    answer = client.get("/portal/payouts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fportal%2Fpayouts")


def test_the_months_before_a_day() -> None:
    assert months_back(date(2026, 3, 31), 2) == [
        (date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 1, 1), date(2026, 1, 31)),
    ]  # fmt: skip
