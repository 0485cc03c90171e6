import json
from pathlib import Path

from tests.cli.conftest import CommandLine

RENT = {
    "key": "rent-10", "effective_date": "2026-10-02", "memo": "Rent", "why": "The landlord's letter",
    "lines": [
        {"account": "5900", "currency": "EUR", "amount_minor": 70000},
        {"account": "1100.bank", "currency": "EUR", "amount_minor": -70000},
    ],
}  # fmt: skip


def test_entries_of_a_file_are_posted_once(books: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "rent.json"
    file.write_text(json.dumps({"entries": [RENT]}), "utf-8")
    made = json.loads(books("post", file, "-o", "json").stdout)
    assert made == [{"key": "rent-10", "entry": "ent_1"}]
    again = books("post", "-", typed=file.read_text("utf-8"))
    assert "ent_1" in again.stdout
    assert again.stderr == "1 entry in the books.\n"
    assert "700.00" in books("balance", "5900").stdout


def test_other_content_under_its_key_is_refused(books: CommandLine) -> None:
    books("post", "-", typed=json.dumps({"entries": [RENT]}))
    said = books.error("post", "-", typed=json.dumps({"entries": [RENT | {"memo": "Another"}]}))
    assert said.startswith("[conflict] “api:rent-10” is already posted as ent_1 with other content (")
    assert said.endswith("Reverse the posted entry and post the correction under a key of its own.")
