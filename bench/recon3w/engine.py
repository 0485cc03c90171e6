"""The engine under test, used as anybody would: `tieout match LEFT RIGHT --out DIR`, in a process of its own."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.recon3w import score


@dataclass(frozen=True, slots=True)
class Run:
    """An answer, what the engine itself says of it, and what it took."""

    answer: score.Answer
    summary: dict[str, Any]
    seconds: float
    peak_mebibytes: float


def run(folder: Path, *options: str) -> Run:
    """Compares left.csv and right.csv of a folder under its rules; raises what the command said if it refused."""
    out = folder / "out"
    tieout = str(Path(sys.executable).with_name("tieout"))
    command = [tieout, "match", str(folder / "left.csv"), str(folder / "right.csv"), "--out", str(out)]
    if (folder / "rules.toml").exists():
        command += ["--rules", str(folder / "rules.toml")]
    began = time.perf_counter()
    with (folder / "talk.txt").open("w") as talk:
        process = subprocess.Popen([*command, *options], stdout=talk, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError((folder / "talk.txt").read_text("utf-8")[-2000:])
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    return Run(score.read(out), summary, seconds, usage.ru_maxrss / 1024)
