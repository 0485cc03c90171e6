"""Spark gives what DuckDB gives, to the hash. One session serves all; without Java what needs one is skipped."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reconciliation.matching.comparing import compare, files_of
from tests.reconciliation.matching.test_run import LEFT, RIGHT
from tieout.model.error import SetupError
from tieout.reconciliation.matching.spark import Spark, translated
from tools.environment import find_java

#: Rows for what the small world of the runs has none of: several on both sides, signs, cents, and other alphabets.
MORE_LEFT = [
    "m1,2026-03-04,10.00,EUR,MN", "m2,2026-03-04,-4.00,EUR,MN", "m3,2026-03-04,7.00,EUR,MN",
    "s1,2026-03-05,3.00,EUR,S", "c1,2026-03-05,3.00,EUR,C", "j1,2026-03-05,300,JPY,Ж-7",
    "=9,2026-03-06,1.250,BHD,Größe 5", "b1,2026-03-06,8.00,EUR,B", "n1,2026-03-06,4.00,EUR,GROSSE 6",
]  # fmt: skip
MORE_RIGHT = [
    "m4,2026-03-05,12.00,EUR,mn", "m5,2026-03-05,1.00,EUR,m-n",
    "s2,2026-03-05,-3.00,EUR,s", "c2,2026-03-06,300.00,EUR,c", "j2,2026-03-05,300,JPY,ж7",
    "@9,2026-03-06,1.250,BHD,größe5", "b2,2026-03-06,8.00,EUR,,B", "n2,2026-03-06,4.00,EUR,Größe 6",
]  # fmt: skip

#: Shuffles that Spark runs too; it takes seconds for what takes DuckDB tenths. tools/release_check.py runs all five.
ON_SPARK = (4,)


@pytest.fixture(scope="module")
def spark(tmp_path_factory) -> Iterator[None]:
    """A session that every run of this module joins."""
    if find_java() is None:
        pytest.skip("no Java here; install it (Debian: apt-get install default-jre-headless) to run Spark")
    settings = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "1g"}
    started = Spark(tmp_path_factory.mktemp("spark"), master="local[2]", settings=settings)
    yield
    started.close()


@pytest.mark.usefixtures("spark")
def test_five_shuffles_have_one_hash_on_both_engines(tmp_path: Path) -> None:
    left, right = LEFT + MORE_LEFT, RIGHT + MORE_RIGHT
    hashes, bytes_ = set(), set()
    for seed in range(5):
        dice = random.Random(seed)  # noqa: S311 -- a shuffle that can be had again
        rows = dice.sample(left, len(left)), dice.sample(right, len(right))
        for engine in ("duckdb", "spark") if seed in ON_SPARK else ("duckdb",):
            folder = tmp_path / f"{engine}{seed}"
            folder.mkdir()
            found = compare(folder, *rows, engine=engine)
            assert found.summary.engine == engine
            hashes.add(found.summary.result_hash)
            files = files_of(folder)
            bytes_.add((files["matches.csv"], files["cases.csv"]))
    assert (len(hashes), len(bytes_)) == (1, 1)


def test_words_of_the_templates_are_sparks_and_texts_are_left_alone() -> None:
    assert translated("cast(a // b as hugeint)") == "cast(a  div  b as decimal(38, 0))"
    assert translated("concat('// varchar', x)") == "concat_ws('', '// varchar', x)"
    assert translated(r"'it''s \d'") == r"'it\'s \\d'"
    assert translated("a -- it's a remark\n, 'b -- c'") == "a \n, 'b -- c'"
    assert translated("text_list(f(a)) as b") == "array_join(array_sort(collect_list(f(a))), ', ') as b"


def test_without_pyspark_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(SetupError, match=r"Spark is not installed \(--engine spark\)\. Install it: pip install"):
        Spark(tmp_path)


def test_without_java_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyspark = pytest.importorskip("pyspark.sql")
    monkeypatch.setattr(pyspark.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SetupError, match=r"Spark needs Java, and there is none .* Install Java 17 or newer"):
        Spark(tmp_path)
