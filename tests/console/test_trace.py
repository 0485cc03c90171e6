import pytest

from tests.api.hub import Client
from tests.console.page import Page, look
from tieout.app import Tieout
from tieout.console.timeline import steps_of
from tieout.console.trace import is_id


def ids_of(page: Page) -> set[str]:
    """Ids of everything the story links to."""
    (story,) = page.all("ol", class_="timeline")
    return {e.attributes["href"].rsplit("/", 1)[1] for e in page.all("a") if story in e.parents}


def test_ids_are_told_from_references() -> None:
    assert [is_id(text) for text in ("ent_1", " CAS_7 ", "po_3T", "#1001", "ent_x", "")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("any_id", ["dlv_9", "evt_9", "ent_9", "mat_9", "cas_1", "itm_9"])
def test_every_thing_of_a_trace_is_on_its_page(browser: Client, looked_at: Tieout, any_id: str) -> None:
    traced = looked_at.trace(any_id)
    page = look(browser, f"/trace/{any_id}")
    assert ids_of(page) >= {node.id for node in traced.nodes}
    (story,) = page.all("ol", class_="timeline")
    assert len([e for e in page.all("time") if story in e.parents]) == len(steps_of(traced))
    for sentence in looked_at.explain(any_id).sentences:
        assert sentence in page.text


def test_a_sale_is_followed_from_the_raw_message_to_the_bank(browser: Client, looked_at: Tieout) -> None:
    """From the bank's end of a payout back to an order, and from the order to the bank: the same story."""
    credit = next(
        view for view in looked_at.event_list(limit=500)
        if view.draft.kind == "bank_credited" and len(looked_at.trace(view.id).nodes) > 12
    )  # fmt: skip
    page = look(browser, f"/trace/{credit.id}")
    (story,) = page.all("ol", class_="timeline")
    for words in ("told by", "was booked as", "is tied by", "together with", "Payout sent", "Bank credited"):
        assert words in story.text
    heads = [e.text for e in page.all("b") if story in e.parents and "Exchange difference" not in e.text]
    assert heads.index("Bank credited " + credit.draft.aggregate.replace(":", " ", 1)) == len(heads) - 1
    assert ["you are here" in e.text for e in page.all("li", class_="here")] == [True]


def test_an_order_is_found_by_its_number(browser: Client, looked_at: Tieout) -> None:
    found = sorted(looked_at.find("#1003"), key=lambda event: event.draft.occurred_at)
    page = look(browser, "/trace?q=%231003")
    assert ids_of(page) >= {node.id for node in looked_at.trace(found[0].id).nodes}
    assert f"{len(found)} events carry this reference" in page.text
    for event in found:
        assert f"/trace/{event.id}" in [href for href, _ in page.links()]


def test_an_id_can_be_pasted_into_the_search(browser: Client) -> None:
    assert ids_of(look(browser, "/trace?q=+ENT_9+")) == ids_of(look(browser, "/trace/ent_9"))


def test_what_nobody_knows_is_said(browser: Client) -> None:
    assert "Nobody has told us of “nothing-of-the-kind”." in look(browser, "/trace?q=nothing-of-the-kind").text
    assert "From any number to where it came from" in look(browser, "/trace").text
    assert "There is nothing called “ent_999999”." in look(browser, "/trace/ent_999999", status=404).text
    assert "There is nothing called “mat_999999”." in look(browser, "/trace?q=mat_999999", status=404).text
