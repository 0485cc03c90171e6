"""Writes requirements/run.lock and requirements/dev.lock from pyproject.toml: versions and hashes, for every platform.

    python tools/lock.py [--upgrade]

The files name no index, so they can be installed from whichever mirror a machine is set up to use. Without
--upgrade the versions that are locked stay, and only what pyproject.toml newly asks for is added.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_COMPILE = (
    *("uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"),
)


def main(arguments: list[str]) -> int:
    """Resolves both locks; dev takes every version that run has."""
    for lock, options in (
        ("run", ["--group", "build"]),
        ("dev", ["--group", "build", "--group", "dev", "--constraint", "requirements/run.lock"]),
    ):
        command = [*_COMPILE, *options, *arguments, "--output-file", f"requirements/{lock}.lock"]
        environment_bin = Path(sys.executable).parent
        command[0] = str(environment_bin / "uv")
        if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
