import re

import pytest

from tests.api.hub import Client, log_in
from tieout.api import docs
from tieout.model import error

#: The surface programs rely on: whatever is added or taken away is added or taken away here too.
SURFACE = """
GET /healthz /readyz
POST /hooks/{source}
GET /v1/accounts /v1/accounts/{code}/register /v1/balances
GET /v1/cases /v1/cases.csv /v1/cases/{case_id} /v1/deliveries /v1/deliveries/{delivery_id}
GET /v1/entries/{entry_id} /v1/events /v1/events/{event_id} /v1/explain/{any_id} /v1/find /v1/items /v1/items.csv
GET /v1/exports/{kind} /v1/journal /v1/journal.beancount /v1/journal.csv /v1/journal.hledger /v1/ledger-hash
GET /v1/matches /v1/matches/{match_id} /v1/proof
GET /v1/sources /v1/trace/{any_id} /v1/trial-balance
POST /v1/cases/{case_id}/preview /v1/cases/{case_id}/resolve /v1/deliveries/{delivery_id}/replay /v1/entries
POST /v1/entries/each /v1/entry
POST /v1/files/{source} /v1/journals /v1/matches/{match_id}/reverse /v1/objects/{source} /v1/quote /v1/rates
POST /v1/reconcile
GET /v1/chart /v1/periods /v1/periods/standing
POST /v1/accounts /v1/accounts/{code}/close /v1/accounts/{code}/guard /v1/periods /v1/periods/allowances
POST /v1/entries/{entry_id}/correct /v1/entries/{entry_id}/reverse /v1/entries/{entry_id}/reverse/preview
GET /v1/fee-rules /v1/ownership/{listing}
POST /v1/fee-rules /v1/ownership
GET /v1/acts /v1/sellers /v1/sellers/{party} /v1/sellers/{party}/balance /v1/settlement-policy
POST /v1/acts /v1/acts/{number} /v1/sales/{sale} /v1/sellers /v1/sellers/profile /v1/settlement-policy
POST /v1/sellers/{party}/account /v1/sellers/{party}/account/{version} /v1/sellers/{party}/holds
GET /v1/payouts/{payout_id}/bridge /v1/payouts/{payout_id}/lines /v1/reports/{name} /v1/reports/{name}/csv
GET /v1/sellers/{party}/statement.csv /v1/sellers/{party}/statement.pdf /v1/sellers/{party}/statements
GET /v1/proposals /v1/reconciliations/{number} /v1/rules
POST /v1/matches /v1/matches/{match_id}/confirm /v1/reconciliations /v1/reconciliations/{number}/sign /v1/rules
POST /v1/rules/try /v1/rules/{version}/approve
GET /v1/payment-files /v1/payout-policy /v1/payout-runs/{run} /v1/payouts /v1/payouts/{payout}
POST /v1/payment-files/{file}/export /v1/payout-policy /v1/payout-runs /v1/payouts /v1/payouts/send
POST /v1/payouts/{payout}/actions /v1/payouts/{payout}/outcome
GET /v1/rates/policy /v1/revaluations
POST /v1/rates/fetch /v1/rates/policy /v1/revaluations
"""


def surface() -> set[tuple[str, str]]:
    rows = [line.split() for line in SURFACE.strip().splitlines()]
    return {(method.lower(), path) for method, *paths in rows for path in paths}


def test_every_operation_is_described(api: Client) -> None:
    schema = api.get("/v1/openapi.json").json()
    operations = {
        (method, path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }  # fmt: skip
    assert set(operations) == surface()
    plain = {
        key for key, o in operations.items() if not (o["summary"] and o["description"].endswith(".") and o["tags"])
    }
    assert plain == set()
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_parameters_are_described(api: Client) -> None:
    schema = api.get("/v1/openapi.json").json()
    mute = [
        f"{path} {parameter['name']}"
        for path, methods in schema["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and not parameter.get("description")
    ]
    assert mute == []


def test_the_page_lists_every_operation_and_error(anyone: Client, api: Client) -> None:
    page = log_in(anyone).get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    listed = set(re.findall(r"<code>([A-Z]+ /[^<]+)</code>", page.text))
    schema = api.get("/v1/openapi.json").json()
    assert listed == {f"{method.upper()} {path}" for path, methods in schema["paths"].items() for method in methods}
    for code, status, _ in docs.errors():
        assert f'id="error-{code}"' in page.text
        assert str(status) in page.text


def test_the_page_loads_nothing_from_elsewhere(anyone: Client) -> None:
    page = log_in(anyone).get("/docs").text
    assert set(re.findall(r'(?:src|href)="([^"/#][^"]*)"', page)) == set()
    assert re.findall(r"https?://", page) == []


def test_errors_are_all_of_ours_by_code() -> None:
    codes = [code for code, _, _ in docs.errors()]
    kinds = [kind for kind in vars(error).values() if isinstance(kind, type) and issubclass(kind, error.TieoutError)]
    assert codes == sorted({kind.code for kind in kinds} - {"error"})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Proof"}, "Proof"),
        ({"$ref": "#/components/schemas/Page_tieout.app.views.EntryView_"}, "Page EntryView"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Balance"}}, "list of Balance"),
        ({"oneOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "date or null"),
        ({"enum": ["book", "match"]}, "book, match"),
        ({"type": "integer"}, "integer"),
        ({}, "anything"),
    ],
)
def test_types_are_put_in_words(schema: dict[str, object], words: str) -> None:
    assert docs.kind_of(schema) == words
