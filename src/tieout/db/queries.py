"""Named queries: a `queries.sql` beside a `store.py`, one `-- name:` header a query."""

import re
from importlib.resources import files

_HEADER = re.compile(r"^-- name: (\w+)[^\n]*\n", re.MULTILINE)


class Queries:
    """The queries of one stage, as attributes holding SQL text: ``Queries("tieout.ledger").insert_entries``."""

    def __init__(self, package: str) -> None:
        text = files(package).joinpath("queries.sql").read_text(encoding="utf-8")
        parts = _HEADER.split(text)[1:]
        self._texts = dict(zip(parts[::2], (body.strip() for body in parts[1::2]), strict=True))
        self._package = package

    def __getattr__(self, name: str) -> bytes:
        try:
            return self._texts[name].encode()
        except KeyError:
            raise AttributeError(f"{self._package}/queries.sql has no query named {name}") from None
