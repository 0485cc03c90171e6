from datetime import UTC, datetime, timedelta

from tieout.console.timeline import steps_of
from tieout.model.trace import Trace, TraceEdge, TraceNode

T0 = datetime(2026, 10, 1, 12, tzinfo=UTC)


def node(name: str, hours: int = 0) -> TraceNode:
    kinds = {"dlv": "delivery", "evt": "event", "ent": "entry", "mat": "match", "cas": "case"}
    return TraceNode(name, kinds[name[:3]], name, "", T0 + timedelta(hours=hours))


def edges(*pairs: tuple[str, str, str]) -> tuple[TraceEdge, ...]:
    return tuple(TraceEdge(*pair) for pair in pairs)


CHAIN = Trace(
    "ENT_2 ",
    (
        node("dlv_1"),
        node("evt_1"),
        node("ent_1"),
        node("mat_1", 5),
        node("evt_2", 2),
        node("ent_2", 2),
        node("cas_1", 9),
    ),
    edges(
        ("dlv_1", "evt_1", "told of"),
        ("dlv_1", "evt_2", "told again of"),
        ("evt_1", "ent_1", "was booked as"),
        ("evt_2", "ent_2", "was booked as"),
        ("ent_1", "mat_1", "is tied by"),
        ("ent_2", "mat_1", "is tied by"),
        ("ent_2", "cas_1", "raised"),
    ),
)


def test_events_are_the_steps_in_the_order_of_time() -> None:
    first, second = steps_of(CHAIN)
    assert [step.head.id for step in (first, second)] == ["evt_1", "evt_2"]
    assert [(r.relation, r.node.id) for r in first.told_by] == [("told of", "dlv_1")]
    assert [(r.relation, r.node.id) for r in second.told_by] == [("told again of", "dlv_1")]
    assert [r.node.id for r in second.booked_as] == ["ent_2"]
    assert [r.node.id for r in second.raised] == ["cas_1"]


def test_a_match_names_what_else_it_ties() -> None:
    first, second = steps_of(CHAIN)
    assert [(r.node.id, r.others) for r in first.tied_by] == [("mat_1", ("ent_2",))]
    assert [(r.node.id, r.others) for r in second.tied_by] == [("mat_1", ("ent_1",))]


def test_the_step_one_came_from_is_marked() -> None:
    assert [step.here for step in steps_of(CHAIN)] == [False, True]


def test_nothing_is_left_out() -> None:
    """Things without an event are steps by themselves, with what belongs to them."""
    trace = Trace(
        "dlv_9",
        (node("ent_5", 1), node("mat_5", 2), node("dlv_9", 3), node("cas_9", 4), node("cas_7", 5)),
        edges(("ent_5", "mat_5", "is tied by"), ("dlv_9", "cas_9", "raised")),
    )
    steps = steps_of(trace)
    assert [step.head.id for step in steps] == ["ent_5", "dlv_9", "cas_7"]
    assert [r.node.id for r in steps[0].tied_by] == ["mat_5"]
    assert [r.node.id for r in steps[1].raised] == ["cas_9"]
    assert [step.here for step in steps] == [False, True, False]


def test_edges_to_what_is_not_shown_are_ignored() -> None:
    trace = Trace("evt_1", (node("evt_1"),), edges(("evt_1", "ent_404", "was booked as")))
    assert [(step.head.id, step.booked_as) for step in steps_of(trace)] == [("evt_1", ())]
