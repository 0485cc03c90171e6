"""A connector's data files: a typing error in one is an error, not a setting that does nothing."""

from typing import Any

import msgspec
import pytest

from tieout.model.connector import Manifest, MappingFile
from tieout.model.event import ComponentKind, EventKind

MANIFEST: dict[str, Any] = {
    "name": "shop", "title": "Shop", "kind": "shop", "api_version": "1", "identity": "The id.", "channels": ["webhook"],
}  # fmt: skip
RULE: dict[str, Any] = {
    "topics": ["order"], "kind": "order_placed", "key": "{@source}:{id}", "occurred_at": "at", "aggregate": "o:{id}",
}  # fmt: skip


def test_a_manifest_says_how_long_things_usually_take() -> None:
    manifest = msgspec.convert(MANIFEST, Manifest)
    assert (manifest.settlement_days, manifest.payout_days, manifest.arrival_days) == (3, 7, 4)
    assert (manifest.accounts, manifest.secrets, manifest.exponents) == ([], [], {})


def test_the_mapping_reads_its_tables_by_their_singular_names() -> None:
    component = {"kind": "gross", "amount": {"path": "total"}}
    check = {"equals": {"path": "total"}}
    found = msgspec.convert(
        {"version": 1, "event": [RULE | {"component": [component], "check": [check]}], "ignore": []}, MappingFile
    )
    (rule,) = found.events
    assert rule.kind is EventKind.ORDER_PLACED
    assert rule.components[0].kind is ComponentKind.GROSS
    assert (rule.components[0].amount.unit, rule.components[0].amount.sign) == ("decimal", 1)
    assert rule.checks[0].reason == "total_mismatch"


@pytest.mark.parametrize(
    ("target", "data"),
    [
        (Manifest, MANIFEST | {"exponent": {"ISK": 2}}),
        (Manifest, {k: v for k, v in MANIFEST.items() if k != "identity"}),
        (MappingFile, {"version": 1, "events": []}),
        (MappingFile, {"version": 1, "event": [RULE | {"kind": "order_sold"}]}),
        (MappingFile, {"version": 1, "event": [RULE | {"component": [{"kind": "gross", "amount": {"pth": "x"}}]}]}),
        (MappingFile, {"version": 1, "ignore": [{"topics": ["x"]}]}),  # nothing is ignored without a why
    ],
)
def test_what_the_language_does_not_have_is_refused(target: type, data: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, target)
