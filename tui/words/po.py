"""Reading .po files: pairs of msgid and msgstr, as gettext's tools write them."""

from __future__ import annotations

from collections.abc import Iterator

_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def read_po(text: str) -> dict[str, str]:
    """Translations by English text; fuzzy, obsolete and empty ones are left out.

    Plural forms and contexts are not used by this program and are passed over.
    """
    return {
        entry["msgid"]: entry["msgstr"]
        for entry in _entries(text)
        if entry.get("msgid") and entry.get("msgstr")
    }


def _entries(text: str) -> Iterator[dict[str, str]]:
    """One mapping of keyword to text per entry that is not fuzzy."""
    entry: dict[str, str] = {}
    fuzzy, keyword = False, ""
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        if stripped.startswith("#,") and "fuzzy" in stripped:
            fuzzy = True
        elif stripped.startswith("#"):
            continue
        elif not stripped:
            if entry and not fuzzy:
                yield entry
            entry, fuzzy, keyword = {}, False, ""
        else:
            keyword = _add_line(entry, keyword, stripped)


def _add_line(entry: dict[str, str], keyword: str, line: str) -> str:
    """Put one line into the entry; gives the keyword that a next line would continue."""
    if not line.startswith('"'):
        keyword, _, line = line.partition(" ")
    entry[keyword] = entry.get(keyword, "") + _unquoted(line.strip())
    return keyword


def _unquoted(text: str) -> str:
    """The text between the quotes, escapes resolved."""
    out, rest = [], iter(text[1:-1])
    for char in rest:
        follower = next(rest, "") if char == "\\" else ""
        out.append(_ESCAPES.get(follower, follower) if char == "\\" else char)
    return "".join(out)
