"""Typesets pages as PDF: a template of this package, data in, bytes out. The same data gives the same bytes.

The files are PDF/A-2u and PDF/UA-1: they keep, they can be searched, and screen readers can read them. A compiler and
its fonts are loaded once a thread. What the built-in fonts lack is taken from the machine's; where no font has a
character, the page is made without those two promises and says so.

Source of the rules: ISO 19005-2 (PDF/A-2), ISO 14289-1 (PDF/UA-1).
"""

import threading
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

_FOLDER = Path(str(files("tieout.reports"))) / "typst"
_KEPT = threading.local()
_STANDARDS = ["a-2u", "ua-1"]
NO_GLYPH = "This machine has no font for some characters of a name; they are printed as boxes."


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template, such as ``statement``, with the data it asks for; `note` in it is printed at the end."""
    compiler = _compiler(template)
    try:
        return _compiled(compiler, data, _STANDARDS)
    except typst.TypstError as error:
        if "could not be displayed with" not in str(error):
            raise
    return _compiled(compiler, {**data, "note": " ".join(filter(None, (data.get("note"), NO_GLYPH)))}, [])


def _compiled(compiler: typst.Compiler, data: Mapping[str, Any], standards: list[Any]) -> bytes:
    given = {"data": msgspec.json.encode(data).decode()}
    made = compiler.compile(format="pdf", sys_inputs=given, pdf_standards=standards)
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def _compiler(template: str) -> typst.Compiler:
    """The calling thread's compiler of a template."""
    mine: dict[str, typst.Compiler] = _KEPT.__dict__.setdefault("compilers", {})
    if template not in mine:
        mine[template] = typst.Compiler(str(_FOLDER / f"{template}.typ"), root=str(_FOLDER))
    return mine[template]
