"""Arranges a trace as a story: what happened, in the order of time, each step with its source and its consequences.

A step is an event, told by deliveries (upstream), booked as entries, tied by matches, questioned by exceptions
(downstream). What has no event, such as an entry of one's own, is a step by itself.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from tieout.model.trace import Trace, TraceNode


class Related(Struct, frozen=True):
    """A thing connected to a step: how, in words, and what else it connects (ids of other entries)."""

    relation: str
    node: TraceNode
    others: tuple[str, ...] = ()


class Step(Struct, frozen=True):
    """One step of the story; `here` if it is, or contains, what the trace started from."""

    head: TraceNode
    here: bool
    told_by: tuple[Related, ...] = ()
    booked_as: tuple[Related, ...] = ()
    tied_by: tuple[Related, ...] = ()
    raised: tuple[Related, ...] = ()


def steps_of(trace: Trace) -> list[Step]:
    """The steps of a trace, earliest first; every node stands in at least one step."""
    web = _Web(trace)
    heads = [node for node in trace.nodes if node.kind == "event"]
    placed = {node.id for node in heads}
    steps = []
    for head in heads:
        step, used = web.step(head)
        steps.append(step)
        placed |= used
    for kind in ("entry", "delivery", "match", "case"):
        for node in trace.nodes:
            if node.kind == kind and node.id not in placed:
                step, used = web.step(node)
                steps.append(step)
                placed |= used | {node.id}
    return sorted(steps, key=lambda step: (step.head.happened_at or step.head.at, step.head.at))


class _Web:
    """The edges of a trace, found by either end."""

    def __init__(self, trace: Trace) -> None:
        self.start = trace.start.strip().lower()
        self.nodes = {node.id: node for node in trace.nodes}
        self.edges = [edge for edge in trace.edges if edge.earlier in self.nodes and edge.later in self.nodes]

    def after(self, ids: Iterable[str], kind: str) -> list[Related]:
        """What follows from these things, of one kind."""
        wanted = set(ids)
        found = {
            edge.later: Related(edge.relation, self.nodes[edge.later])
            for edge in self.edges
            if edge.earlier in wanted and self.nodes[edge.later].kind == kind
        }
        return list(found.values())

    def before(self, any_id: str, kind: str) -> list[Related]:
        """What led to this thing, of one kind."""
        return [
            Related(edge.relation, self.nodes[edge.earlier])
            for edge in self.edges
            if edge.later == any_id and self.nodes[edge.earlier].kind == kind
        ]

    def step(self, head: TraceNode) -> tuple[Step, set[str]]:
        """The step of a head, and the ids of all it shows."""
        told = self.before(head.id, "delivery") if head.kind == "event" else []
        booked = self.after([head.id], "entry") if head.kind == "event" else []
        entries = [head.id] if head.kind == "entry" else [related.node.id for related in booked]
        tied = [self._with_others(match, entries) for match in self.after(entries, "match")]
        about = [head.id, *entries, *(related.node.id for related in told)]
        raised = self.after(about, "case")
        shown = {related.node.id for part in (told, booked, tied, raised) for related in part}
        here = self.start in shown | {head.id}
        return Step(head, here, tuple(told), tuple(booked), tuple(tied), tuple(raised)), shown

    def _with_others(self, match: Related, entries: Sequence[str]) -> Related:
        others = [edge.earlier for edge in self.edges if edge.later == match.node.id and edge.earlier not in entries]
        return Related(match.relation, match.node, tuple(others))
