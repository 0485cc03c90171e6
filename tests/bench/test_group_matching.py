"""The benchmark of matching measures what it says, shown on a small world."""

from bench.matching_runs import measured
from bench.matching_world import world


def test_the_world_is_tied_but_for_what_was_taken_from_it() -> None:
    from tieout.app import matching

    with world(4000) as made:
        chain = matching.match_chain(made.sales, made.gateway, made.bank, out=made.folder / "out", parquet=True)
        folder = made.folder
    posted = sum(tied.allocations for tied in chain.sold.tied if tied.pass_ == "reference")
    sales, lines = (side[0].rows for side in (chain.sold.left, chain.sold.right))
    assert min(sales, lines) * 0.99 < posted < min(sales, lines)
    assert [(tied.pass_, tied.matches, tied.allocations) for tied in chain.paid.tied] == [("batch", 2, lines)]
    assert not folder.exists()


def test_a_run_tells_its_time_and_its_memory() -> None:
    with world(1000) as made:
        told = measured("bare", made)
    assert set(told) == {"s", "MiB"}
    assert told["MiB"] > 20
