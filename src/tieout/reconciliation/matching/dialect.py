"""Engines that run the passes. The templates are one text; what differs between engines is asked of a dialect.

A template is one SELECT. `make` keeps what it gives as a table for the templates after it, `rows` fetches it. In a
template `{{name}}` is a table or column the step names; `squash`, `money` and `digest` are functions a dialect defines.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tieout.db.queries import Queries
from tieout.model.error import BadInput
from tieout.model.money import ISO_EXPONENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The files of templates; a name stands in one of them only.
_FILES = ("read", "bulk", "keyed", "text", "expected", "amount", "windows", "disposal", "result")
_HOLE = re.compile(r"\{\{(\w+)\}\}")


class Templates:
    """All templates by name."""

    def __init__(self, files: Sequence[str] = _FILES) -> None:
        self._queries = {file: Queries("tieout.reconciliation.matching", f"{file}.sql") for file in files}

    def filled(self, name: str, fills: Mapping[str, object]) -> str:
        """The template “file.name” with its holes filled. A hole nothing is given for is a mistake of ours."""
        file, _, query = name.partition(".")
        return _HOLE.sub(lambda hole: str(fills[hole[1]]), self._queries[file].text(query).rstrip(";"))


class Dialect(Protocol):
    """An engine. Every method takes the name of a template and what fills its holes."""

    name: str
    version: str

    def make(self, table: str, template: str, **fills: object) -> None:
        """Keeps what a template gives as a table."""

    def look(self, table: str, template: str, **fills: object) -> None:
        """Names what a template gives, to be worked out where it is used."""

    def rows(self, template: str, **fills: object) -> list[tuple[Any, ...]]:
        """Fetches what a template gives: for small things only."""

    def put(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Makes a table of rows that were worked out here: for small things only. Types are SQL's."""

    def words(self, table: str, texts: str) -> None:
        """Makes a table of the words of texts (u, ccy, field, text): `token`, its `place` from 0, how many `words`."""

    def columns(self, path: Path) -> list[tuple[str, str]]:
        """The columns of a Parquet file, with their types in DuckDB's words. Raises BadInput for what is none."""

    def view(self, table: str, path: Path, chosen: str) -> None:
        """Makes a view of a Parquet file: its row numbers from 1 as `n`, and what is chosen of its columns."""

    def write(self, file: Path, template: str, *, guard: Sequence[str] = (), **fills: object) -> None:
        """Writes what a template gives as CSV or Parquet, by the file's ending.

        In CSV, texts of the columns `guard` that a spreadsheet would run have an apostrophe in front.
        """

    def drop(self, *tables: str) -> None:
        """Forgets tables that nothing needs any more."""


class Duck:
    """DuckDB in this process. Past the memory limit it spills to `folder`."""

    name = "duckdb"

    def __init__(self, folder: Path, *, threads: int = 0, memory: str = "") -> None:
        import duckdb

        config: dict[str, Any] = {"temp_directory": str(folder), "preserve_insertion_order": False}
        config |= {"threads": threads} if threads else {}
        config |= {"memory_limit": memory} if memory else {}
        self.version: str = duckdb.__version__
        self.connection: DuckDBPyConnection = duckdb.connect(":memory:", config=config)
        self._templates = Templates()
        self._folder = folder
        self._views: set[str] = set()
        for statement in _functions():
            self.connection.execute(statement)

    def make(self, table: str, template: str, **fills: object) -> None:
        """Keeps what a template gives as a table."""
        self.connection.execute(f"create or replace table {table} as {self._templates.filled(template, fills)}")

    def look(self, table: str, template: str, **fills: object) -> None:
        """Names what a template gives, to be worked out where it is used."""
        self._views.add(table)
        self.connection.execute(f"create or replace view {table} as {self._templates.filled(template, fills)}")

    def rows(self, template: str, **fills: object) -> list[tuple[Any, ...]]:
        """Fetches what a template gives."""
        return self.connection.execute(self._templates.filled(template, fills)).fetchall()

    def put(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Makes a table of rows, by way of a file: DuckDB takes single rows hundreds of times slower."""
        import csv

        self.connection.execute(
            f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        )
        file = self._folder / f"{table}.{secrets.token_hex(4)}.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        if file.stat().st_size:
            self.connection.execute(f"copy {table} from {quoted(file)} ({CANONICAL})")
        file.unlink()

    def words(self, table: str, texts: str) -> None:
        """Makes a table of the words of texts: letters and digits between anything else, in capitals."""
        plain = "trim(regexp_replace(upper(text), '[^\\p{L}\\p{N}]+', ' ', 'g'))"
        self.connection.execute(
            f"create or replace table {table} as with split as (select u, ccy, field, string_split({plain}, ' ')"
            f" as parts from {texts}) select u, ccy, field, unnest(parts) as token, unnest(range(len(parts))) as place,"
            " len(parts) as words from split where parts <> ['']"
        )

    def columns(self, path: Path) -> list[tuple[str, str]]:
        """The columns of a Parquet file, with their types."""
        import duckdb

        try:
            described = self.connection.execute(f"describe select * from read_parquet({quoted(path)})").fetchall()
        except duckdb.Error as error:
            what = f"It is no Parquet that can be read: {str(error).splitlines()[0]:.120}"
            raise BadInput(what, where=path.name, remedy="Write it again.") from error
        return [(str(row[0]), str(row[1])) for row in described]

    def view(self, table: str, path: Path, chosen: str) -> None:
        """Makes a view of a Parquet file."""
        source = f"read_parquet({quoted(path)}, file_row_number = true)"
        self.connection.execute(
            f"create or replace view {table} as select file_row_number + 1 as n, {chosen} from {source}"
        )

    def write(self, file: Path, template: str, *, guard: Sequence[str] = (), **fills: object) -> None:
        """Writes what a template gives as CSV or Parquet, by the file's ending."""
        query = self._templates.filled(template, fills)
        if file.suffix == ".csv" and guard:
            replaced = ", ".join(f"guarded({column}) as {column}" for column in guard)
            query = f"select * replace ({replaced}) from ({query}) as told"
        self.connection.execute(f"copy ({query}) to {quoted(file)} ({_WRITTEN[file.suffix]})")

    def drop(self, *tables: str) -> None:
        """Forgets tables."""
        for table in tables:
            self.connection.execute(f"drop {'view' if table in self._views else 'table'} if exists {table}")

    def close(self) -> None:
        """Lets go of memory and files."""
        self.connection.close()


#: Our own CSV, said in full: left to guess, the reader takes a text with a bar in it for another format.
CANONICAL = (
    "format csv, header false, auto_detect false, delimiter ',', quote '\"', escape '\"', new_line '\\n',"
    " comment '', allow_quoted_nulls false, parallel false, max_line_size 200000000"
)

_WRITTEN = {
    ".csv": "format csv, header true, delimiter ',', quote '\"', escape '\"'",
    ".parquet": "format parquet, compression zstd, compression_level 1",
}


def quoted(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def union(tables: Iterable[str], columns: str = "*") -> str:
    """Tables one under the other, as a template's hole takes a table."""
    return "(" + " union all ".join(f"select {columns} from {table}" for table in tables) + ")"


def exponents() -> dict[int, list[str]]:
    """Decimals other than two, and the currencies that have them."""
    found: dict[int, list[str]] = {}
    for code, exponent in ISO_EXPONENTS.items():
        if exponent != 2:
            found.setdefault(exponent, []).append(code)
    return found


def places(currency: str) -> str:
    """SQL for how many decimals the currency in a column has."""
    cases = " ".join(
        f"when {currency} in ({', '.join(map(quoted, codes))}) then {exponent}"
        for exponent, codes in sorted(exponents().items())
    )
    return f"case {cases} else 2 end"


def _functions() -> list[str]:
    """What templates may call. References are compared by letters and digits: banks change case, blanks and hyphens."""
    whole = "cast(abs(amount) as varchar)"
    digits = f"lpad({whole}, cast(greatest(length({whole}), decimals + 1) as integer), '0')"
    # Most references are plain: taking three characters out of them costs a fifth of what the general way does.
    squash = (
        "create macro squash(given) as case when given is null then '' when regexp_full_match(given, '[-_ 0-9A-Za-z]*')"
        " then upper(replace(replace(replace(given, '-', ''), '_', ''), ' ', '')) else"
        " upper(regexp_replace(given, '[^\\p{L}\\p{N}]+', '', 'g')) end"
    )
    # Two decimals in 64 bits, as nearly all amounts are, print eight times as fast as text that is cut.
    short = "cast(cast(cast(amount as decimal(18, 0)) * 0.01 as decimal(18, 2)) as varchar)"
    written = (
        "create macro written(amount, decimals) as case when decimals = 2 and abs(amount) < 10000000000000000 then"
        f" {short} else case when amount < 0 then '-' else '' end || case when decimals = 0 then {whole} else"
        f" left({digits}, -decimals) || '.' || right({digits}, decimals) end end"
    )
    guarded = (
        "create macro guarded(given) as case when left(given, 1) in ('=', '+', '-', '@', chr(9), chr(13), '''') and not"
        " regexp_full_match(given, '-?[0-9]+[.]?[0-9]*') then concat('''', given) else given end"
    )
    return [
        squash,
        written,
        guarded,
        f"create macro money(amount, ccy) as written(amount, {places('ccy')})",
        "create macro day_text(day) as cast(date '1970-01-01' + cast(day as integer) as varchar)",
        "create macro text_list(given) as string_agg(given, ', ' order by given)",
        "create macro power_of_ten(x) as case x when 0 then 1 when 2 then 100 when 3 then 1000 else 10000 end",
        "create macro key_hash(given) as hash(given)",
        "create macro digits_of(given) as regexp_replace(given, '[^0-9]', '', 'g')",
        "create macro folded(given) as translate(given, 'OILSB', '01158')",
        "create macro digest(given, part) as cast(concat('0x', substr(md5(given), 1 + 15 * part, 15)) as bigint)",
    ]
