"""Text that goes into CSV cells, which a spreadsheet would run if it begins like a formula.

Such a text has an apostrophe in front, wherever CSV is written; `text_of` takes it off again.

Source of the rule: OWASP, “CSV Injection”.
"""

#: A cell that begins with one of these is text to a spreadsheet only with an apostrophe in front.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GUARDED = (*_FORMULA, "'")


def guarded(cell: object) -> object:
    """The cell, with an apostrophe in front if a spreadsheet would run it or take an apostrophe off."""
    if isinstance(cell, str) and cell.startswith(_GUARDED) and not is_number(cell):
        return f"'{cell}"
    return cell


def text_of(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_GUARDED) else cell


def is_number(text: str) -> bool:
    """Whether a text is a plain decimal number, which no spreadsheet runs."""
    return text.isascii() and text.removeprefix("-").replace(".", "", 1).isdecimal()
