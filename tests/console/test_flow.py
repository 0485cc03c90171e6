import json

from tests.api.hub import Client
from tests.console.page import Page, look, minor
from tieout.app import Tieout
from tieout.console.flow import PAGE
from tieout.model.event import total_minor


def opened(page: Page) -> list[str]:
    """What the rows of a list open."""
    return [e.attributes["href"].rsplit("/", 1)[1] for e in page.all("a") if "data-open" in e.attributes]


def test_the_inbox_pages_through_all_that_arrived(browser: Client, looked_at: Tieout) -> None:
    expected = [view.id for view in looked_at.inbox(limit=500)]
    assert len(expected) > PAGE
    found: list[str] = []
    path: str | None = "/inbox"
    while path:
        page = look(browser, path)
        found += opened(page)
        path = next((e.attributes["href"] for e in page.all("a", rel="next")), None)
    assert found == expected


def test_the_inbox_is_filtered_by_source_and_verdict(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/inbox?source=stripe&verdict=rejected")
    expected = looked_at.inbox(source="stripe", verdict="rejected")
    assert opened(page) == [view.id for view in expected]
    assert len(expected) == 1
    assert "Nothing of this kind has arrived." in look(browser, "/inbox?source=bank&verdict=rejected").text
    look(browser, "/inbox?verdict=odd", status=400)


def test_a_delivery_shows_what_was_sent_and_what_came_of_it(browser: Client, looked_at: Tieout) -> None:
    view = looked_at.delivery(next(v.id for v in looked_at.inbox(limit=500) if v.topic == "charge.succeeded"))
    page = look(browser, f"/inbox/{view.id}")
    assert page.h1 == "charge.succeeded"
    (body,) = page.all("pre")
    assert json.loads("".join(body.words), parse_float=str) == json.loads(view.body, parse_float=str)
    for event in view.events:
        assert f"/events/{event}" in [href for href, _ in page.links()]
    assert view.identity in page.text


def test_a_rejected_delivery_says_why_and_cannot_be_read_again(browser: Client, looked_at: Tieout) -> None:
    (view,) = looked_at.inbox(verdict="rejected")
    page = look(browser, f"/inbox/{view.id}")
    assert view.verdict_reason in page.text
    assert [e for e in page.all("form") if e.attributes["action"].endswith("/replay")] == []


def test_a_delivery_is_read_again_for_a_reason(person: Client, books: Tieout) -> None:
    view = next(v for v in books.inbox() if v.verdict == "accepted")
    before = books.ledger_hash()
    answer = person.post(f"/inbox/{view.id}/replay", data={"reason": "New mapping"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/inbox/{view.id}")
    (newest,) = books.audit(1)
    assert (newest.action, newest.subject, newest.actor) == ("delivery.replayed", view.id, "admin")
    assert newest.detail == "New mapping"
    assert books.ledger_hash() == before
    refused = person.post(f"/inbox/{view.id}/replay", data={"reason": " "})
    assert (refused.status_code, Page(refused.text).h1) == (400, "A reason is required")


def test_events_by_where_they_stand(browser: Client, looked_at: Tieout) -> None:
    for state in ("posted", "memo", "parked", "held"):
        expected = [view.id for view in looked_at.event_list(state=state, limit=PAGE)]
        page = look(browser, f"/events?state={state}")
        assert opened(page) == expected
        assert expected or "Nothing is" in page.text
    (parked,) = looked_at.event_list(state="parked")
    assert "waits for" in look(browser, "/events?state=parked").text
    assert parked.waits_for[0] in look(browser, f"/events/{parked.id}").text


def test_amounts_in_the_list_are_the_events_totals(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/events?state=posted")
    cells = [e for e in page.all("td") if e.attributes.get("data-label") == "Amount"]
    expected = [total_minor(view.draft.components) for view in looked_at.event_list(state="posted", limit=PAGE)]
    assert [minor(cell.text) for cell in cells] == expected


def test_an_event_shows_its_parts_and_names(browser: Client, looked_at: Tieout) -> None:
    view = next(v for v in looked_at.event_list(limit=500) if v.draft.kind == "order_placed" and v.entries)
    page = look(browser, f"/events/{view.id}")
    assert page.h1 == "Order placed"
    assert view.draft.kind.meaning in page.text
    parts = [minor(e.text) for e in page.all("td") if e.text.endswith(view.draft.components[0].currency)]
    assert parts == [component.amount_minor for component in view.draft.components]
    hrefs = [href for href, _ in page.links()]
    assert {f"/inbox/{d}" for d in view.deliveries} | {f"/entries/{e}" for e in view.entries} <= set(hrefs)
    for reference in view.draft.references:
        assert reference.partition(":")[2] in page.text


def test_a_held_event_says_what_does_not_add_up(browser: Client, looked_at: Tieout) -> None:
    (held,) = looked_at.event_list(state="held")
    page = look(browser, f"/events/{held.id}")
    assert str(held.draft.objection_detail) in page.text
    assert "not booked" in page.text


def test_empty_lists_teach(newcomer: Client) -> None:
    assert "Point a provider's webhook at /hooks/NAME" in look(newcomer, "/inbox").text
    assert "No events yet." in look(newcomer, "/events").text
