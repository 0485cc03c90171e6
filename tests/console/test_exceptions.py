from datetime import UTC, date, datetime, timedelta

import pytest

from tests.api.hub import Client
from tests.console.page import Page, look, minor
from tieout.app import Tieout
from tieout.app.views import AccountView, CaseView, ItemView
from tieout.console.exceptions import Effect, ReasonGroup, decision_of, effects_of, fitting_of, groups_of, open_since
from tieout.model.case import Action, Case, CaseDraft, CaseState, Reason, Resolution
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput
from tieout.model.match import OpenItem

NOW = datetime(2026, 10, 31, tzinfo=UTC)


def case(reason: Reason, amount: int, currency: str | None, *items: OpenItem) -> CaseView:
    draft = CaseDraft(reason, "subject", "Sentence.", amount, currency)
    return CaseView("cas_1", Case(1, draft, CaseState.OPEN, NOW, NOW, "Next."), 0, items)


def item(number: int, amount: int) -> OpenItem:
    return OpenItem(
        number, "1330", "EUR", f"payout:{number}", amount, amount, date(2026, 10, 1), number, None, amount, amount
    )


def test_reasons_are_counted_and_summed_and_never_across_currencies() -> None:
    late, odd = Reason.PAYOUT_NOT_ARRIVED, Reason.CODE_UNKNOWN
    cases = [case(late, 100, "EUR"), case(late, 300, "EUR"), case(late, 50, "USD"), case(odd, 0, None)]
    cases.append(case(odd, 100, "EUR"))
    assert groups_of(cases) == [
        ReasonGroup(late, "EUR", 2, 400, 100),
        ReasonGroup(odd, "EUR", 1, 100, 25),
        ReasonGroup(late, "USD", 1, 50, 100),
        ReasonGroup(odd, None, 1, 0, 0),
    ]


def test_what_would_tie_is_hinted_at() -> None:
    view = case(Reason.BANK_CREDIT_WITHOUT_PAYOUT, 100, "EUR", item(1, -100))
    candidates = [ItemView("", item(n, a), "", None, None) for n, a in ((2, 100), (3, 99), (4, 100))]
    assert fitting_of(view, candidates) == 2
    assert fitting_of(view, []) == 0


def test_money_has_been_open_since_its_own_day() -> None:
    view = case(Reason.ORDER_UNPAID, 5, "EUR", item(1, 5))
    day = view.items[0].effective_date
    assert open_since(view, day) == f"open since {day}"
    assert open_since(view, day + timedelta(days=12)) == f"open for 12 days, since {day}"
    assert open_since(case(Reason.DELIVERY_UNREADABLE, 0, None), day) == "open since today"


def test_a_decision_is_read_from_its_form() -> None:
    form = {"action": ["match"], "reason": [" because "], "item": ["3", "4", "x"], "account": [""]}
    assert decision_of(form) == Resolution(Action.MATCH, "because", None, (3, 4))
    form = {"action": ["book"], "reason": ["because"], "account": ["5900"], "item": ["3"]}
    assert decision_of(form) == Resolution(Action.BOOK, "because", "5900", ())


@pytest.mark.parametrize(
    ("form", "where"),
    [({}, "action"), ({"action": ["burn"]}, "action"), ({"action": ["book"], "reason": [" "]}, "reason")],
)
def test_half_a_decision_is_none(form: dict[str, list[str]], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        decision_of(form)
    assert refused.value.where == where


def test_effects_are_balances_before_and_after() -> None:
    accounts = {
        "1490": AccountView("1490", "Suspense", "asset", "suspense", clearing=True, balances={"EUR": 700}),
        "5900": AccountView("5900", "Write-offs", "expense", "write_offs", clearing=False, balances={}),
    }
    lines = (Line("1490", "EUR", -300, -300), Line("1490", "EUR", -100, -100), Line("5900", "EUR", 400, 400))
    draft = EntryDraft("k", date(2026, 10, 1), NOW, lines, "m", "r", 1, "w")
    assert effects_of([draft], accounts) == [
        Effect("1490", "Suspense", "EUR", 700, 300),
        Effect("5900", "Write-offs", "EUR", 0, 400),
    ]


def listed(page: Page) -> list[str]:
    """Ids of the cases in the list, in their order."""
    hrefs = [e.attributes["href"] for e in page.all("a") if "data-open" in e.attributes]
    return [href.removeprefix("/exceptions/") for href in hrefs]


def test_the_list_and_its_sums_are_those_of_the_books(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/exceptions")
    cases = looked_at.case_list()
    assert listed(page) == [view.id for view in cases]
    sums: dict[str, int] = {}
    for view in cases:
        if view.case.draft.currency:
            sums[view.case.draft.currency] = sums.get(view.case.draft.currency, 0) + view.case.draft.amount_minor
    assert page.sums() == [sums[currency] for currency in sorted(sums)]
    for view in cases:
        assert view.case.draft.sentence in page.text


def test_the_summary_opens_lists_with_its_count_and_sum(browser: Client) -> None:
    page = look(browser, "/exceptions")
    rows = [
        (e.attributes["href"], minor(e.text.split(" ")[0]))
        for e in page.all("a")
        if e.inside("td") is not None and e.attributes["href"].startswith("/exceptions?reason")
    ]
    assert len(rows) > 4
    for href, amount in rows:
        assert look(browser, href).sums() == [amount], href


def test_nothing_unexplained_is_said_in_words(newcomer: Client, browser: Client) -> None:
    assert "Nothing unexplained." in look(newcomer, "/exceptions").text
    assert "Nothing has been resolved yet." in look(browser, "/exceptions?state=resolved").text
    look(browser, "/exceptions?state=odd", status=400)


def test_a_case_says_what_why_and_what_can_be_done(browser: Client, looked_at: Tieout) -> None:
    for listed_case in looked_at.case_list():
        view = looked_at.case(listed_case.id)
        page = look(browser, f"/exceptions/{view.id}")
        draft = view.case.draft
        for said in (draft.sentence, draft.reason.meaning, draft.reason.value, view.case.next_step):
            assert said in page.text, view.id
        actions = [e.attributes["value"] for e in page.all("input", name="action")]
        assert actions == [action.value for action in view.actions]
        assert [e.text for e in page.all("b") if e.text == "Opened"] == ["Opened"]
        if view.items:
            together = sum(i.open_minor for i in view.items)
            (row,) = [e for e in page.all("tr") if e.text.startswith("Together")]
            assert minor(row.text.removeprefix("Together")) == together


def unknown_line(books: Tieout) -> CaseView:
    return books.case(books.case_list(reason="bank_line_unknown")[0].id)


def hidden_fields(page: Page) -> dict[str, list[str]]:
    """What the confirming form carries."""
    form = next(e for e in page.all("form") if e.attributes["action"].endswith("/resolve"))
    fields: dict[str, list[str]] = {}
    for e in page.all("input", type="hidden"):
        if form in e.parents:
            fields.setdefault(e.attributes["name"], []).append(e.attributes["value"])
    return fields


def test_a_booking_is_shown_before_it_is_done(person: Client, books: Tieout) -> None:
    view, before = unknown_line(books), books.ledger_hash()
    decision = {"action": "book", "account": "5900", "reason": "Rent & heat"}
    shown = Page(person.post(f"/exceptions/{view.id}/preview", data=decision).text)
    assert books.ledger_hash() == before
    assert shown.h1 == "Books what is open to 5900 Write-offs."
    amount = view.items[0].open_minor
    figures = [c.text for c in shown.all("td") if c.attributes.get("data-label") in ("Debit", "Credit") and c.text]
    assert [minor(figure) for figure in figures] == [abs(amount)] * 2
    assert "Reason: “Rent & heat”" in shown.text
    fields = hidden_fields(shown)
    assert fields == {name: [value] for name, value in decision.items()}

    done = person.post(f"/exceptions/{view.id}/resolve", data=fields)
    assert (done.status_code, done.headers["location"]) == (303, f"/exceptions/{view.id}")
    after = look(person, f"/exceptions/{view.id}")
    assert "Resolved. Rent & heat" in after.text
    assert [e.attributes["value"] for e in after.all("input", name="action")] == []
    assert books.journal(limit=1)[0].entry.draft.actor == "admin"
    assert view.id in listed(look(person, "/exceptions?state=resolved"))
    assert view.id not in listed(look(person, "/exceptions"))


def test_items_are_matched_by_hand(person: Client, books: Tieout) -> None:
    """A deposit whose text names no payout, and the payout: the page offers it, the person decides."""
    view = books.case(books.case_list(reason="bank_credit_without_payout")[0].id)
    page = look(person, f"/exceptions/{view.id}")
    (own,) = view.items
    (other,) = [v for v in books.items(account=own.account) if v.item.open_minor == -own.open_minor]
    assert "1 item fits exactly" in page.text
    offered = [e.attributes["value"] for e in page.all("input", name="item")]
    assert offered[:2] == [str(own.id), str(other.item.id)]
    decision = {"action": "match", "reason": "The gateway confirmed it", "item": [str(own.id), str(other.item.id)]}
    shown = Page(person.post(f"/exceptions/{view.id}/preview", data=decision).text)
    assert "Nothing is posted." in shown.text
    assert hidden_fields(shown)["item"] == decision["item"]
    before = books.ledger_hash()
    assert person.post(f"/exceptions/{view.id}/resolve", data=hidden_fields(shown)).status_code == 303
    tied = books.match_list(limit=1)[0]
    assert {a.item_id for a in tied.match.draft.allocations} == {own.id, other.item.id}
    assert (tied.match.actor, books.ledger_hash()) == ("admin", before)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ({"action": "book", "account": "5900", "reason": "  "}, "A reason is required."),
        ({"action": "book", "account": "", "reason": "Rent"}, "is not an account that can take this."),
        ({"action": "book", "account": "1200", "reason": "Rent"}, "is not an account that can take this."),
        ({"action": "match", "reason": "Rent"}, "None of the items belongs to this case"),
        ({"reason": "Rent"}, "Nothing was chosen."),
    ],
)
def test_a_refused_decision_keeps_what_was_written(
    person: Client, books: Tieout, decision: dict[str, str], said: str
) -> None:
    view, before = unknown_line(books), books.ledger_hash()
    for step in ("preview", "resolve"):
        answer = person.post(f"/exceptions/{view.id}/{step}", data=decision)
        page = Page(answer.text)
        assert answer.status_code in (400, 409)
        (alert,) = page.all("div", role="alert")
        assert said in alert.text
        if "action" in decision:
            (area,) = page.all("textarea", id=f"reason-{decision['action']}")
            assert area.text == decision["reason"].strip()
            assert "open" in (area.inside("details") or area).attributes
    assert (books.ledger_hash(), books.case(view.id).case.state) == (before, CaseState.OPEN)


def test_what_is_decided_already_is_not_decided_again(person: Client, books: Tieout) -> None:
    view = unknown_line(books)
    decision = {"action": "dismiss", "reason": "Known"}
    assert person.post(f"/exceptions/{view.id}/resolve", data=decision).status_code == 303
    again = person.post(f"/exceptions/{view.id}/resolve", data=decision)
    assert again.status_code == 409
    assert "is resolved already." in Page(again.text).all("div", role="alert")[0].text
    assert [line.what for line in books.case(view.id).history] == ["opened", "dismiss"]


def test_a_held_event_is_released_after_its_posting_was_shown(person: Client, books: Tieout) -> None:
    view = books.case(books.case_list(reason="total_mismatch")[0].id)
    decision = {"action": "release", "reason": "The shop's total is right"}
    shown = Page(person.post(f"/exceptions/{view.id}/preview", data=decision).text)
    assert shown.h1 == "Books the event as the source states it."
    figures = [minor(c.text) for c in shown.all("td") if c.attributes.get("data-label") == "Debit" and c.text]
    before = books.counts()[0]
    assert person.post(f"/exceptions/{view.id}/resolve", data=hidden_fields(shown)).status_code == 303
    assert books.counts()[0] == before + 1
    posted = [ln.amount_minor for ln in books.journal(limit=1)[0].lines if ln.amount_minor > 0]
    assert posted == figures


def test_the_next_exception_is_one_step_away(browser: Client, looked_at: Tieout) -> None:
    ids = [view.id for view in looked_at.case_list()]
    following = []
    for case_id in ids:
        page = look(browser, f"/exceptions/{case_id}")
        following += [e.attributes["href"].removeprefix("/exceptions/") for e in page.all("a", rel="next")]
    assert following == ids[1:]
