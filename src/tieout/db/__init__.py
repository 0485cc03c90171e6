"""The database: embedded server or your own, connection pool, units of work, migrations."""
