"""Migrations: from empty and from each earlier version to one and the same schema, once, whoever starts."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tieout.db import migrate as module
from tieout.db.migrate import migrate, migrations, version_of
from tieout.model.error import SetupError

NUMBERS = [number for number, _, _ in migrations()]
NEWEST = NUMBERS[-1]

#: Everything that makes a schema what it is, as PostgreSQL's own catalogue has it.
CATALOGUE = """
select 'column', c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
       || ' ' || a.attidentity::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attnum
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
 where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
union all select 'relation', relname, relkind::text || coalesce(pg_get_partkeydef(oid), '')
  from pg_class where relnamespace = 'public'::regnamespace
union all select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  from pg_constraint where connamespace = 'public'::regnamespace
union all select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = 'public'::regnamespace
union all select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
  from pg_trigger where not tgisinternal
union all select 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
  from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
order by 1, 2, 3
"""


def schema(url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(CATALOGUE).fetchall()


def version(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        return version_of(connection)


def test_an_empty_database_is_version_zero(empty_database_url: str) -> None:
    assert version(empty_database_url) == 0


def test_from_empty_to_the_newest(empty_database_url: str, database_url: str) -> None:
    applied = migrate(empty_database_url)
    assert applied == [f"{number:04} {name}" for number, name, _ in migrations()]
    assert version(empty_database_url) == NEWEST
    found = schema(empty_database_url)
    assert found == schema(database_url)
    kinds = [row[0] for row in found]
    assert {kind: kinds.count(kind) > 5 for kind in set(kinds)} == dict.fromkeys(
        ("column", "constraint", "function", "index", "relation", "trigger"), True
    )


@pytest.mark.parametrize("earlier", NUMBERS[:-1])
def test_from_each_earlier_version(empty_database_url: str, database_url: str, earlier: int) -> None:
    """What was there stays, and the schema is the same as from empty."""
    assert len(migrate(empty_database_url, upto=earlier)) == NUMBERS.index(earlier) + 1
    assert version(empty_database_url) == earlier
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(
            "insert into ledger (code, name, base_currency, timezone, chart)"
            " values ('craft', 'Craft', 'EUR', 'Europe/Berlin', 'marketplace')"
        )
    applied = migrate(empty_database_url)
    assert [int(name[:4]) for name in applied] == NUMBERS[NUMBERS.index(earlier) + 1 :]
    assert schema(empty_database_url) == schema(database_url)
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select id, code, base_currency from ledger").fetchall() == [(1, "craft", "EUR")]


def test_a_second_time_does_nothing(database_url: str) -> None:
    before = schema(database_url)
    assert migrate(database_url) == []
    assert schema(database_url) == before


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("insert into schema_version (number, name) values (%s, 'from_the_future')", [NEWEST + 5])
    before = schema(database_url)
    with pytest.raises(SetupError, match=f"at version {NEWEST + 5}, newer than this program's {NEWEST}") as refused:
        migrate(database_url)
    assert "Install the newer tieout" in refused.value.remedy
    assert schema(database_url) == before
    assert version(database_url) == NEWEST + 5


def test_two_at_once_migrate_once(empty_database_url: str, database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        applied = list(pool.map(migrate, [empty_database_url] * 3))
    assert sorted(map(len, applied)) == [0, 0, len(NUMBERS)]
    assert schema(empty_database_url) == schema(database_url)


def test_a_migration_that_fails_leaves_nothing_of_itself(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = (1, "good", "create table good (n int)")
    bad = (2, "bad", "create table half (n int); select 1 / 0; create table other_half (n int)")
    monkeypatch.setattr(module, "migrations", lambda: [good, bad])
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            migrate(empty_database_url)
        assert version(empty_database_url) == 1
        assert {name for kind, name, _ in schema(empty_database_url) if kind == "relation"} == {
            "good", "schema_version", "schema_version_pkey",
        }  # fmt: skip
    monkeypatch.setattr(module, "migrations", lambda: [good, (2, "bad", "create table whole (n int)")])
    assert migrate(empty_database_url) == ["0002 bad"]
