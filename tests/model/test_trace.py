"""A trace: things and the steps between them."""

from datetime import UTC, datetime

import msgspec

from tieout.model.trace import Trace, TraceEdge, TraceNode


def test_a_trace_goes_over_the_wire() -> None:
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    nodes = (
        TraceNode("evt_1", "event", "Order placed", "", at, at, 500, "EUR"),
        TraceNode("ent_1", "entry", "x", "", at),
    )
    trace = Trace("ent_1", nodes, (TraceEdge("evt_1", "ent_1", "was booked as"),))
    assert msgspec.json.decode(msgspec.json.encode(trace), type=Trace) == trace
    assert (nodes[1].happened_at, nodes[1].amount_minor, nodes[1].currency) == (None, None, None)
