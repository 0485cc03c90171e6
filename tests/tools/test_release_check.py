import socket
from pathlib import Path

import pytest

from tools import release_check


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", release_check.free_port()))
        taken.listen()


def test_shuffles_have_the_same_rows_in_other_orders(tmp_path: Path) -> None:
    texts = [[path.read_text("utf-8").splitlines() for path in release_check.files(tmp_path, seed)] for seed in (0, 1)]
    assert texts[0] != texts[1]
    assert [sorted(rows) for rows in texts[0]] == [sorted(rows) for rows in texts[1]]


@pytest.mark.parametrize(("told", "code"), [(["a", "a"], 0), (["a", "b"], 1)])
def test_hashes_that_differ_fail_the_check(monkeypatch: pytest.MonkeyPatch, told: list[str], code: int) -> None:
    class Cluster:
        def __enter__(self) -> str:
            return "spark://127.0.0.1:7077"

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(release_check, "cluster", lambda _: Cluster())
    monkeypatch.setattr("signal.signal", lambda *_: None)
    engines = zip((0, 0), ("duckdb", "spark"), told, strict=True)
    monkeypatch.setattr(release_check, "hashes", lambda *_: engines)
    assert release_check.main([]) == code
