"""Spark, for what one machine is too small for: the templates that DuckDB runs, with the same result to the hash.

Tables are kept by local checkpoints: each is worked out once, stays on the executors (memory first, then disk), and
what follows starts from it instead of planning everything before it again.
"""

import csv
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieout.model.error import SetupError
from tieout.reconciliation.matching.dialect import Templates, places, quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: What the templates write as DuckDB does -> what Spark calls it. Text in quotes is left alone.
_WORDS = (
    (re.compile(r"//"), " div "),
    (re.compile(r"\bhugeint\b"), "decimal(38, 0)"),
    (re.compile(r"\bvarchar\b"), "string"),
    (re.compile(r"\bconcat\("), "concat_ws('', "),  # Spark's concat is null when one of its parts is
    (re.compile(r"\bsign\("), "sign_of("),  # a double, which loses money
    (re.compile(r"\bupper\("), "capitals("),  # and its upper makes two letters of some
)
#: Letters whose capital is two letters in Java and one, or themselves, in DuckDB; and that one.
_LONG = {c: "ẞ" if c == "ß" else c.title() if len(c.title()) == 1 else c
         for c in map(chr, range(0x80, 0x10000)) if len(c.upper()) > 1}  # fmt: skip
_APART = re.compile(r"(--[^\n]*|'(?:[^']|'')*')")
#: Bytes of input to a partition of a shuffle.
_PARTITION_BYTES = 32 << 20
#: Settings the results depend on: text as it is written, days without zones, errors instead of wrong numbers.
_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.constraintPropagation.enabled": "false",  # fails on unions of what was checkpointed
    "spark.sql.execution.pythonUDF.arrow.enabled": "false",
}
_START = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class Spark:
    """Spark under any master. `folder` holds what is read back from it, and what one machine reads for it."""

    name = "spark"

    def __init__(self, folder: Path, *, master: str = "local[*]", settings: Mapping[str, str] | None = None) -> None:
        self.session, self._ours = _session(master, settings or {})
        self.version: str = self.session.version
        self._templates = Templates()
        self._folder = folder
        self._bytes = 0
        for name, value in _SESSION.items():
            self.session.conf.set(name, value)
        self._partition()
        for statement in _functions():
            self.session.sql(statement)

    def make(self, table: str, template: str, **fills: object) -> None:
        """Keeps what a template gives as a table."""
        self._keep(table, self._templates.filled(template, fills))

    def _keep(self, table: str, text: str) -> None:
        frame = self.session.sql(translated(text))
        frame.localCheckpoint(eager=True).createOrReplaceTempView(table)

    def look(self, table: str, template: str, **fills: object) -> None:
        """Names what a template gives, to be worked out where it is used."""
        text = translated(self._templates.filled(template, fills))
        self.session.sql(text).createOrReplaceTempView(table)

    def rows(self, template: str, **fills: object) -> list[tuple[Any, ...]]:
        """Fetches what a template gives."""
        found = self.session.sql(translated(self._templates.filled(template, fills))).collect()
        return [tuple(row) for row in found]

    def put(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Makes a table of rows that were worked out here."""
        schema = ", ".join(f"{name} {translated(kind)}" for name, kind in columns.items())
        self.session.createDataFrame([tuple(row) for row in rows], schema).createOrReplaceTempView(table)

    def words(self, table: str, texts: str) -> None:
        """Makes a table of the words of texts: letters and digits between anything else, in capitals."""
        plain = r"trim(regexp_replace(upper(text), '[^\p{L}\p{N}]+', ' '))"
        text = (
            f"select u, ccy, field, token, place, size(parts) as words from (select u, ccy, field, split({plain}, ' ')"
            f" as parts from {texts}) as told lateral view posexplode(parts) split as place, token where parts[0] <> ''"
        )
        self._keep(table, text)

    def drop(self, *tables: str) -> None:
        """Forgets tables; Spark frees what they held when nothing refers to it."""
        for table in tables:
            self.session.catalog.dropTempView(table)

    def write(self, file: Path, template: str, *, guard: Sequence[str] = (), **fills: object) -> None:
        """Writes what a template gives: CSV as one file, Parquet as a folder of files, as Spark does."""
        frame = self.session.sql(translated(self._templates.filled(template, fills)))
        if file.suffix == ".parquet":
            frame.write.parquet(str(file.absolute()), compression="zstd")
            return
        guarded = [f"guarded({name}) as {name}" if name in guard else name for name in frame.columns]
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(frame.columns)
            writer.writerows(frame.selectExpr(*guarded).toLocalIterator())

    def columns(self, path: Path) -> list[tuple[str, str]]:
        """Names and types, as DuckDB calls them, of a Parquet file."""
        return [(name, _kind(kind)) for name, kind in self.session.read.parquet(str(path)).dtypes]

    def view(self, name: str, path: Path, chosen: str) -> None:
        """Names the rows of a Parquet file: `n`, their number in it from 1 on, and what is chosen of their columns."""
        self._bytes += path.stat().st_size
        self._partition()
        rows = self.session.read.parquet(str(path.absolute())).selectExpr("*", "_metadata.row_index as file_row_number")
        rows.createOrReplaceTempView(f"{name}_file")
        text = f"select file_row_number + 1 as n, {chosen} from {name}_file"
        self.session.sql(translated(text.replace('"', "`"))).createOrReplaceTempView(name)

    def _partition(self) -> None:
        """As many partitions as the input is worth: a small one is done sooner without parting it at all."""
        parts = 1 + self._bytes // _PARTITION_BYTES
        self.session.conf.set("spark.sql.shuffle.partitions", str(parts))
        self.session.conf.set("spark.sql.adaptive.enabled", str(parts > 1).lower())
        # Compiling code for each step pays off over millions of rows only.
        self.session.conf.set("spark.sql.codegen.wholeStage", str(parts > 1).lower())
        self.session.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if parts > 1 else "NO_CODEGEN")

    def close(self) -> None:
        """Stops Spark if it was started for this."""
        if self._ours:
            self.session.stop()


def translated(text: str) -> str:
    """A template as Spark reads it. Raises nothing: a word Spark does not know is refused by Spark."""
    parts = _APART.split(text)
    for at, part in enumerate(parts):
        if part.startswith("--") and at % 2:
            parts[at] = ""
        elif at % 2:
            parts[at] = "'" + part[1:-1].replace("\\", "\\\\").replace("''", "\\'") + "'"
        for word, theirs in () if at % 2 else _WORDS:
            parts[at] = word.sub(theirs, parts[at])
    return _listed("".join(parts))


def _listed(text: str) -> str:
    """Aggregates of texts in their order: an SQL function of Spark's may not aggregate, so they are written out."""
    name, theirs = "text_list(", "array_join(array_sort(collect_list("
    while (start := text.find(name)) >= 0:
        depth, end = 1, start + len(name)
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        text = f"{text[:start]}{theirs}{text[start + len(name) : end]}), ', '){text[end:]}"
    return text


def _session(master: str, settings: Mapping[str, str]) -> tuple["SparkSession", bool]:
    """A session, and whether Spark was started for it. Raises SetupError where it cannot be."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        remedy = "Install it: pip install 'tieout[spark]'."
        raise SetupError("Spark is not installed", where="--engine spark", remedy=remedy) from None
    running = SparkSession.getActiveSession()
    if running is not None:
        return running.newSession(), False
    home = environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        remedy = "Install Java 17 or newer (Debian: apt-get install default-jre-headless), or name one with JAVA_HOME."
        raise SetupError("Spark needs Java, and there is none", where="--engine spark", remedy=remedy)
    builder = SparkSession.builder.master(master).appName("tieout match")
    for name, value in {**_START, **settings}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate(), True
    except (PySparkException, OSError, RuntimeError, ValueError) as error:
        what = f"Spark does not start: {str(error).splitlines()[0]:.200}"
        remedy = "Check the master (local[*], spark://host:7077, yarn) and that Java is 17 or newer."
        raise SetupError(what, where=f"--master {master}", remedy=remedy) from error


def _kind(kind: str) -> str:
    """Spark's name of a type as DuckDB's."""
    names = {"string": "VARCHAR", "date": "DATE", "double": "DOUBLE", "float": "FLOAT", "binary": "BLOB"}
    if kind.startswith("array"):
        return f"{kind}[]".upper()
    return names.get(kind, kind.upper())


def _functions() -> list[str]:
    """What templates may call, as DuckDB's dialect defines it."""
    digits = "lpad(cast(abs(amount) as string), greatest(length(cast(abs(amount) as string)), decimals + 1), '0')"
    whole = f"substr({digits}, 1, length({digits}) - decimals)"
    apart = "".join(chr(0xE000 + at) for at in range(len(_LONG)))
    functions = {
        "capitals(given string) returns string": r"case when given rlike '[^\x00-\x7F]' then translate(upper(translate("
        f"given, '{''.join(_LONG)}', '{apart}')), '{apart}', '{''.join(_LONG.values())}') else upper(given) end",
        "squash(given string) returns string": "case when given is null then '' when given rlike '[^0-9A-Z]' then"
        r" upper(regexp_replace(given, '[^\p{L}\p{N}]+', '')) else given end",
        "written(amount decimal(38, 0), decimals int) returns string": "concat(case when amount < 0 then '-' else ''"
        f" end, case when decimals = 0 then cast(abs(amount) as string) else concat({whole}, '.',"
        f" right({digits}, decimals)) end)",
        "money(amount decimal(38, 0), ccy string) returns string": f"written(amount, {places('ccy')})",
        "digest(given string, part int) returns decimal(20, 0)": "cast(conv(substr(md5(given), 1 + 15 * part, 15),"
        " 16, 10) as decimal(20, 0))",
        "day_text(days int) returns string": "cast(date_from_unix_date(days) as string)",
        "guarded(given string) returns string": "case when left(given, 1) in"
        " ('=', '+', '-', '@', chr(9), chr(13), '''') and not given rlike"
        " '^-?[0-9]+[.]?[0-9]*$' then concat('''', given) else given end",
        "sign_of(given decimal(38, 0)) returns int": "case when given > 0 then 1 when given < 0 then -1 else 0 end",
        "power_of_ten(x int) returns int": "case x when 0 then 1 when 2 then 100 when 3 then 1000 else 10000 end",
        "key_hash(given string) returns bigint": "xxhash64(given)",
        "digits_of(given string) returns string": "regexp_replace(given, '[^0-9]', '')",
        "folded(given string) returns string": "translate(given, 'OILSB', '01158')",
        "regexp_full_match(given string, pattern string) returns boolean": "given rlike '^(?:' || pattern || ')$'",
        "regexp_matches(given string, pattern string) returns boolean": "given rlike pattern",
    }
    made = []
    for head, body in functions.items():
        own = body if head.startswith("capitals") else translated(body)
        made.append(f"create or replace temporary function {head} return {own}")
    return made


__all__ = ["Spark", "quoted", "translated"]
