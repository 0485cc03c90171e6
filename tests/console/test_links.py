from datetime import date

import pytest

from tieout.console import links
from tieout.model.error import NotFound


def test_addresses_carry_only_what_is_given() -> None:
    found = links.address("/x", a=None, b="", c=False, d=[], e="1 & 2", f=True, g=["p", "q"], h=date(2026, 10, 1), i=7)
    assert found == "/x?e=1+%26+2&f=1&g=p&g=q&h=2026-10-01&i=7"
    assert links.address("/x", a=None) == "/x"


@pytest.mark.parametrize(
    ("any_id", "path"),
    [
        ("dlv_1", "/inbox/dlv_1"), ("evt_1", "/events/evt_1"), ("ent_1", "/entries/ent_1"), ("mat_1", "/matches/mat_1"),
        ("cas_1", "/exceptions/cas_1"), ("itm_1", "/trace/itm_1"), ("run_1", "/trace/run_1"),
    ],
)  # fmt: skip
def test_every_id_has_a_page(any_id: str, path: str) -> None:
    assert links.page_of(any_id) == path


def test_what_is_no_id_has_none() -> None:
    with pytest.raises(NotFound):
        links.page_of("javascript:alert(1)")


def test_lists_behind_amounts() -> None:
    assert links.items("1330.stripe", "EUR", "transit") == "/items?account=1330.stripe&currency=EUR&naming=transit"
    assert links.account("1100/x", "EUR") == "/accounts/1100%2Fx?currency=EUR"
    since, until = date(2026, 10, 1), date(2026, 10, 31)
    assert links.accounts(["sales", "returns"], "EUR", since, until) == (
        "/accounts?role=sales&role=returns&currency=EUR&since=2026-10-01&until=2026-10-31"
    )
    assert links.trace("#1001") == "/trace?q=%231001"
