"""Bounds against figures that stand in print or follow on paper."""

import pytest

from bench.recon3w.certain import at_least, lower_bound


def test_without_an_error_the_bound_is_the_root() -> None:
    assert lower_bound(598, 598) == pytest.approx(0.05 ** (1 / 598), abs=1e-15)
    assert lower_bound(598, 598) > 0.995 > lower_bound(597, 597)
    assert lower_bound(5990, 5990) > 0.9995 > lower_bound(5989, 5989)


def test_with_ten_errors_as_many_are_needed_as_the_tables_say() -> None:
    assert lower_bound(3379, 3389) > 0.995 > lower_bound(3378, 3388)
    assert lower_bound(33911, 33921) > 0.9995 > lower_bound(33910, 33920)


def test_small_cases_can_be_done_on_paper() -> None:
    assert lower_bound(1, 2) == pytest.approx(1 - 0.95**0.5, abs=1e-9)  # 1 − (1 − p)² = 0.05
    assert lower_bound(0, 7) == 0
    assert lower_bound(7, 10, 0.975) == pytest.approx(0.34755, abs=1e-5)  # R: binom.test(7, 10)
    assert at_least(2, 3, 0.5) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize(("right", "total"), [(1, 0), (3, 2), (-1, 2)])
def test_what_is_no_share_is_refused(right: int, total: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        lower_bound(right, total)
