from tests.api.hub import REQUESTS
from tieout.api.answers import page_of, query_of


def test_the_next_page_keeps_the_filters() -> None:
    request = REQUESTS.get("/v1/journal", query_params={"account": "1200", "limit": "2", "before": "90"})
    path, _, query = str(page_of(request, ["a", "b"], 2, 41).next).partition("?")
    assert (path, sorted(query.split("&"))) == ("/v1/journal", ["account=1200", "before=41", "limit=2"])
    assert page_of(request, ["a"], 2, 41).next is None
    assert page_of(request, [], 2, None).next is None


def test_of_a_parameter_given_twice_the_last_counts() -> None:
    request = REQUESTS.get("/v1/journal", query_params={"topic": ["one", "two"]})
    assert query_of(request) == {"topic": "two"}
