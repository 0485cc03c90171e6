"""Named queries: a `queries.sql` beside a `store.py`, one `-- name:` header a query."""

import re
from importlib.resources import files

_HEADER = re.compile(r"^-- name: (\w+)[^\n]*\n", re.MULTILINE)


class Queries:
    """The queries of one stage, as attributes holding SQL text: ``Queries("tieout.ledger").insert_entries``."""

    def __init__(self, package: str, file: str = "queries.sql") -> None:
        text = files(package).joinpath(file).read_text(encoding="utf-8")
        parts = _HEADER.split(text)[1:]
        twice = next((name for name in parts[::2] if parts[::2].count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{package}/{file} has two queries named {twice}")
        self._texts: dict[str, str] = dict(zip(parts[::2], (body.strip() for body in parts[1::2]), strict=True))
        self._file = f"{package}/{file}"

    def text(self, name: str) -> str:
        """The query's text. Raises AttributeError for a name the file does not have."""
        try:
            return self._texts[name]
        except KeyError:
            raise AttributeError(f"{self._file} has no query named {name}") from None

    def __getattr__(self, name: str) -> bytes:
        return self.text(name).encode()
