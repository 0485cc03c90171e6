"""Works off a payout run and sends what is queued, until done or killed: python -m tests.faults.paymaster URL RUN."""

import sys
from pathlib import Path

from tests.app.payroom import DAY
from tieout.app import Settings, Tieout


def main(url: str, run: str) -> None:
    """Works at the run."""
    with Tieout.open(Settings(home=Path(), database_url=url), migrating=False, connections_max=2) as app:
        print("ready", flush=True)  # noqa: T201 -- whoever started it waits for this
        app.work_payout_run(int(run))
        app.send_payouts(DAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
