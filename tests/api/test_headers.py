import pytest

from tests.api.hub import Client, log_in

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize(
    "path", ["/", "/login", "/docs", "/v1/proof", "/v1/nothing", "/nothing", "/healthz", "/static/tieout.css"]
)
def test_every_answer_carries_them(anyone: Client, path: str) -> None:
    log_in(anyone)
    headers = anyone.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_refusals_carry_them_too(anyone: Client) -> None:
    for answer in (anyone.get("/v1/proof"), anyone.get("/"), anyone.post("/hooks/nobody"), anyone.post("/logout")):
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
