from tests.api.hub import Client
from tests.console.page import Page, look, minor
from tieout.app import Tieout
from tieout.console.matches import side_minor, tied_of


def test_both_sides_of_a_match_are_equal(looked_at: Tieout) -> None:
    for view in looked_at.match_list(limit=500):
        tied = tied_of(view)
        assert sum(t.amount_minor for t in tied) == 0
        assert sum(t.amount_minor for t in tied if t.amount_minor > 0) == side_minor(view) > 0
        assert {t.item.id for t in tied} == {a.item_id for a in view.match.draft.allocations}
        assert [t.amount_minor < 0 for t in tied] == sorted(t.amount_minor < 0 for t in tied)


def test_the_list_pages_through_all(browser: Client, looked_at: Tieout) -> None:
    expected = looked_at.match_list(limit=500)
    found: list[tuple[str, int]] = []
    path: str | None = "/matches"
    while path:
        page = look(browser, path)
        ids = [e.attributes["href"].rsplit("/", 1)[1] for e in page.all("a") if "data-open" in e.attributes]
        amounts = [minor(e.text) for e in page.all("td") if e.attributes.get("data-label") == "Amount"]
        found += zip(ids, amounts, strict=True)
        path = next((e.attributes["href"] for e in page.all("a", rel="next")), None)
    assert found == [(view.id, side_minor(view)) for view in expected]


def test_a_match_shows_why(browser: Client, looked_at: Tieout) -> None:
    view = next(v for v in looked_at.match_list(limit=500) if v.match.draft.pass_id == "payout")
    page = look(browser, f"/matches/{view.id}")
    draft = view.match.draft
    assert draft.why in page.text
    assert f"{draft.pass_id}, version {draft.pass_version}" in page.text
    for value in draft.evidence.values():
        assert value in page.text
    figures = [
        minor(cell.text)
        for cell in page.all("td")
        if cell.attributes.get("data-label") in ("Debit", "Credit") and cell.inside("tfoot") is not None
    ]
    assert figures == [side_minor(view)] * 2
    assert f"{len(draft.allocations)} items, difference 0" in page.text


def test_a_match_is_taken_back_visibly(person: Client, books: Tieout) -> None:
    view = books.match_list(limit=1)[0]
    answer = person.post(f"/matches/{view.id}/reverse", data={"reason": "Another payout"})
    reversal = answer.headers["location"].rsplit("/", 1)[1]
    assert answer.status_code == 303
    assert books.match(reversal).match.reverses_id == view.match.id
    page = look(person, f"/matches/{reversal}")
    assert f"takes back {view.id}" in page.text
    assert [e for e in page.all("form") if e.attributes["action"].endswith("/reverse")] == []
    again = person.post(f"/matches/{view.id}/reverse", data={"reason": "again"})
    assert (again.status_code, "taken back already" in Page(again.text).h1) == (409, True)


def test_no_reason_no_reversal(person: Client, books: Tieout) -> None:
    view = books.match_list(limit=1)[0]
    refused = person.post(f"/matches/{view.id}/reverse", data={"reason": "  "})
    assert (refused.status_code, Page(refused.text).h1) == (400, "A reason is required")
    assert books.match_list(limit=1)[0] == view


def test_an_empty_list_teaches(newcomer: Client) -> None:
    assert "Nothing is tied yet." in look(newcomer, "/matches").text
