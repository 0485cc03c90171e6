"""Comparing two files on the command line, without any books."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.output import Column, counted, format_option, say, show, show_json
from tieout.model.money import Money

if TYPE_CHECKING:
    from tieout.app.matching import Summary


@click.command("match")
@click.argument("left", type=click.Path(path_type=Path))
@click.argument("right", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the three files it writes.")
@click.option("--bank", type=click.Path(path_type=Path), help="A third file: RIGHT is compared with it too.")
@click.option("--rules", type=click.Path(path_type=Path), help="TOML: what is tolerated. Nothing is without it.")
@click.option("--left-map", default="", metavar="OURS=THEIRS,…", help="Columns of LEFT that have other names.")
@click.option("--right-map", default="", metavar="OURS=THEIRS,…", help="Columns of RIGHT that have other names.")
@click.option("--bank-map", default="", metavar="OURS=THEIRS,…", help="Columns of the bank's file.")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True,
    help="What matches and cases are written as.",
)  # fmt: skip
@click.option("--threads", type=click.IntRange(1, 256), help="How many processors to use; all if it is not given.")
@click.option("--memory", metavar="SIZE", help="Spill to disk past this much memory, such as 4GB.")
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True,
    help="What runs the passes; the result is the same.",
)  # fmt: skip
@click.option("--master", default="local[*]", show_default=True, help="Spark's master, such as spark://host:7077.")
@format_option
@click.pass_context
def match_command(  # noqa: PLR0913, PLR0917 -- click passes each option by its name
    ctx: click.Context, left: Path, right: Path, out: Path, bank: Path | None, rules: Path | None, left_map: str,
    right_map: str, bank_map: str, kind: str, threads: int | None, memory: str | None, engine: str, master: str,
    output: str,
) -> None:  # fmt: skip
    """Compare two files row by row: what ties, what does not, and why.

    LEFT is what you expected, RIGHT what arrived; CSV or Parquet with the columns id, date, amount, currency and, if
    there are, reference, batch and description. Needs no books and changes none. Writes matches, cases and
    summary.json to the folder --out. Ends with 0 if every row ties, 1 if something is open, 2 for a file that cannot
    be used. docs/howto/match-two-files.md explains the answers.
    """
    from tieout.app import matching

    maps = [
        matching.mapping_of(text, option)
        for text, option in ((left_map, "--left-map"), (right_map, "--right-map"), (bank_map, "--bank-map"))
    ]
    allowed = matching.rules_of(rules) if rules else matching.Rules()
    if bank is not None:
        if engine != "duckdb":
            raise click.UsageError("--bank runs on DuckDB; on Spark compare two files at a time")
        chain = matching.match_chain(
            left, right, bank, out=out, rules=allowed, maps=maps, parquet=kind == "parquet", threads=threads or 0,
            memory=memory or "",
        )  # fmt: skip
        legs = [(chain.sold, out / "sold"), (chain.paid, out / "paid")]
    else:
        summary = matching.match(
            left, right, out=out, rules=allowed, left_map=maps[0], right_map=maps[1], parquet=kind == "parquet",
            threads=threads or 0, memory=memory or "", engine=engine, master=master,
        )  # fmt: skip
        legs = [(summary, out)]
    if output == "json":
        show_json(chain if bank is not None else summary)
    for leg, folder in legs:
        if output != "json":
            _show(leg, output, f"{leg.left_file} and {leg.right_file}" if bank is not None else "")
        say(_verdict(leg, folder))
    ctx.exit(OK if all(leg.is_whole for leg, _ in legs) else PROBLEMS)


def _show(summary: "Summary", output: str, title: str) -> None:
    """What was tied by which pass, and what is open for which reason, in one table."""
    columns = [
        Column("what", lambda row: row[0]),
        Column("side", lambda row: row[1]),
        Column("by", lambda row: row[2]),
        Column("rows", lambda row: row[3]),
        Column("amount", lambda row: Money(row[5], row[4])),
        Column("currency", lambda row: row[4]),
    ]
    rows = [(t.status, "", t.pass_, t.allocations, t.currency, t.total_minor) for t in summary.tied]
    rows += [("case", o.side, o.reason, o.rows, o.currency, o.total_minor) for o in summary.open]
    show(rows, columns, output, title=title)


def _verdict(summary: "Summary", out: Path) -> str:
    rows = sum(counted_.rows for counted_ in (*summary.left, *summary.right))
    open_rows = sum(opened.rows for opened in summary.open)
    proposed = sum(tied.matches for tied in summary.tied if tied.status != "posted")
    if summary.is_whole:
        return f"Everything ties: {counted(rows, 'row')}. Written to {out}."
    parts = [counted(open_rows, "case")] if open_rows else []
    parts += [counted(proposed, "proposal")] if proposed else []
    return f"Of {counted(rows, 'row')} there are {' and '.join(parts)} to look at. Written to {out}."
