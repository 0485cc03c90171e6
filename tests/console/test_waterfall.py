from defusedxml import ElementTree  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tieout.console.waterfall import Step, waterfall

STEPS = [
    Step("Sales", 10_000, "/sales?a=1&b=2"),
    Step("Returns <&>", -2_500, "/returns"),
    Step("Fees", -500, "/fees"),
    Step("Net", 7_000, "/net", net=True),
]


def percent(text: str) -> int:
    assert text.endswith("%")
    return round(100 * float(text[:-1]))


def bars(svg: str) -> list[tuple[str, int, int]]:
    """(kind, left, right) of each bar, in hundredths of a per cent."""
    found = []
    for rect in ElementTree.fromstring(svg).iter("rect"):
        if rect.get("class") != "row":
            left = percent(rect.get("x", ""))
            found.append((rect.get("class", ""), left, left + percent(rect.get("width", ""))))
    return found


def test_each_bar_begins_where_the_one_before_ended() -> None:
    (_, zero, gross), (_, a, b), (_, c, d), (_, e, f) = bars(waterfall(STEPS, "EUR", "x"))
    assert (b, d, e, f) == (gross, a, zero, c)
    assert [kind for kind, _, _ in bars(waterfall(STEPS, "EUR", "x"))] == ["up", "down", "down", "net"]
    assert (gross - a) * 4 == gross - zero


def test_each_step_is_a_link_with_a_name() -> None:
    root = ElementTree.fromstring(waterfall(STEPS, "EUR", "Gross to net"))
    assert (root.get("role"), root.get("aria-label")) == ("group", "Gross to net")
    assert [(a.get("href"), a.get("aria-label")) for a in root.iter("a")] == [
        ("/sales?a=1&b=2", "Sales 100.00 EUR"),
        ("/returns", "Returns <&> −25.00 EUR"),
        ("/fees", "Fees −5.00 EUR"),
        ("/net", "Net 70.00 EUR"),
    ]


def test_nothing_is_drawn_of_nothing() -> None:
    assert waterfall([], "EUR", "x") == ""
    assert waterfall([Step("Net", 0, "/", net=True)], "EUR", "x") == ""


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=12))
def test_bars_stay_on_the_plot_and_join(amounts: list[int]) -> None:
    steps = [Step(str(n), amount, "/") for n, amount in enumerate(amounts)]
    svg = waterfall([*steps, Step("Net", sum(amounts), "/", net=True)], "EUR", "x")
    if not any(amounts):
        assert svg == ""
        return
    assert "style=" not in svg
    for _, left, right in bars(svg):
        assert 2700 <= left <= right <= 7900 + 20
