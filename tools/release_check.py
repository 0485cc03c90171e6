"""What is checked once a release, since it takes longer than every change should wait.

    python tools/release_check.py [SHUFFLES]

Starts a Spark master and two workers on this machine, on loopback and free ports, compares two files on it in five
shuffles, and compares every result with DuckDB's, hash by hash. Needs the dev environment and Java 17 or newer. Ends
with 0 if all hashes are one.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
SHUFFLES = 5
WORKERS = 2
_PATIENCE_SECONDS = 120
_HOST = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as tried:
        tried.bind((_HOST, 0))
        return int(tried.getsockname()[1])


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A master and its workers; gives the master's address, and stops them, by their ids, in the end."""
    port, page = free_port(), free_port()
    master = f"spark://{_HOST}:{port}"
    import pyspark

    home = Path(pyspark.__file__).parent
    run = [str(home / "bin" / "spark-class")]
    surroundings = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": _HOST, "PYSPARK_PYTHON": sys.executable}
    deploy = "org.apache.spark.deploy"
    commands = [[*run, f"{deploy}.master.Master", "--host", _HOST, "--port", str(port), "--webui-port", str(page)]]
    commands += [
        [*run, f"{deploy}.worker.Worker", "--host", _HOST, "--cores", "1", "--memory", "1g", "--webui-port",
         str(free_port()), "--work-dir", str(folder / f"worker{number}"), master]
        for number in range(WORKERS)
    ]  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []
    try:
        with (folder / "cluster.log").open("wb") as log:
            started.extend(
                subprocess.Popen(
                    command, stdout=log, stderr=subprocess.STDOUT, env=surroundings, start_new_session=True
                )
                for command in commands
            )
        wait_for_workers(page)
        yield master
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def wait_for_workers(page: int) -> None:
    """Waits until the master says that all workers are there."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with urlopen(f"http://{_HOST}:{page}/json/", timeout=5) as answer:
                if f'"aliveworkers" : {WORKERS}' in answer.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"The workers are not there after {_PATIENCE_SECONDS} s.")


def files(folder: Path, seed: int) -> tuple[Path, Path]:
    """Two files of one small world, with their rows in an order that the seed decides."""
    sys.path[:0] = [str(ROOT)]
    from tests.reconciliation.matching.comparing import table
    from tests.reconciliation.matching.test_run import LEFT, RIGHT
    from tests.reconciliation.matching.test_spark import MORE_LEFT, MORE_RIGHT

    dice = random.Random(seed)  # noqa: S311 -- a shuffle that can be had again
    paths = folder / f"left{seed}.csv", folder / f"right{seed}.csv"
    for path, rows in zip(paths, (LEFT + MORE_LEFT, RIGHT + MORE_RIGHT), strict=True):
        path.write_text(table(dice.sample(rows, len(rows))) + "\n", "utf-8")
    return paths


def hashes(folder: Path, master: str, shuffles: int) -> Iterator[tuple[int, str, str]]:
    """(shuffle, engine, hash) of every run."""
    from tieout.app import matching
    from tieout.reconciliation.matching.spark import Spark

    settings = {"spark.driver.host": _HOST, "spark.driver.bindAddress": _HOST, "spark.executor.memory": "512m"}
    session = Spark(folder, master=master, settings=settings)
    try:
        for seed in range(shuffles):
            left, right = files(folder, seed)
            for engine in ("duckdb", "spark"):
                summary = matching.match(left, right, engine=engine, master=master)
                yield seed, engine, summary.result_hash
    finally:
        session.close()


def main(arguments: Sequence[str]) -> int:
    """Runs the check; 0 if all hashes are one."""
    shuffles = int(arguments[0]) if arguments else SHUFFLES
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # whoever stops this stops the cluster with it
    found = set()
    with tempfile.TemporaryDirectory() as name, cluster(Path(name)) as master:
        print(f"Spark at {master} with {WORKERS} workers.")
        for seed, engine, told in hashes(Path(name), master, shuffles):
            print(f"shuffle {seed} {engine:7} {told}", flush=True)
            found.add(told)
    print("One hash." if len(found) == 1 else "The hashes differ.")
    return 0 if len(found) == 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
