"""The page: hashes of what is published, and tables that are what was measured."""

import json

from bench.recon3w import page
from bench.recon3w.regimes import REGIMES


def test_the_published_problems_are_these() -> None:
    published = json.loads(page.HASHES.read_text("utf-8"))["2000"]
    assert {name: page.problem_hash(name, 2000) for name in REGIMES} == published


def test_the_page_says_what_was_measured() -> None:
    text = page.PAGE.read_text("utf-8")
    assert page.fill(text, page.figures()) == text, "run: python -m bench.recon3w page"
