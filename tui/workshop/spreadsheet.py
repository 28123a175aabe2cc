"""Tables that spreadsheets open as they are meant: CSV of RFC 4180, in UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_UTF_8 = "\ufeff"
"""How a file begins that Excel is to read as UTF-8."""
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""How a cell begins that a spreadsheet would compute."""


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under a row of headings, with the mark of UTF-8 in front. Lines end with CR LF.

    A text that a spreadsheet would compute gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    out.write(_UTF_8)
    write = csv.writer(out)
    write.writerow(headings)
    write.writerows([_cell(each) for each in row] for row in rows)
    return out.getvalue()


def _cell(given: object) -> object:
    return f"'{given}" if isinstance(given, str) and given.startswith(_FORMULA) else given
