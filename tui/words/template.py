"""For translators: `python -m tui.words.template > LANG.po` lists every sentence to translate.

A sentence is whatever the source marks with `_("...")`, or says at once with `words("...")`.
"""

from __future__ import annotations

import ast
from pathlib import Path

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'


def template(package: Path = Path(__file__).parent.parent) -> str:
    """An empty .po file: each sentence once, under the files that say it."""
    places: dict[str, list[str]] = {}
    for file in sorted(package.rglob("*.py")):
        for message in messages(file.read_text(encoding="utf-8")):
            places.setdefault(message, []).append(file.relative_to(package.parent).as_posix())
    entries = (_entry(message, files) for message, files in places.items())
    return "\n".join([HEADER, *entries])


def messages(source: str) -> tuple[str, ...]:
    """The marked sentences of one Python source, in order, each once."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    first = (call.args[0] for call in calls if call.args and _name(call.func) in ("_", "words"))
    texts = (arg.value for arg in first if isinstance(arg, ast.Constant))
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str)))


def _name(function: ast.expr) -> str:
    """The last name of what is called: `words` for `self.words(...)`."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _entry(message: str, files: list[str]) -> str:
    quoted = message.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'#: {" ".join(dict.fromkeys(files))}\nmsgid "{quoted}"\nmsgstr ""\n'


if __name__ == "__main__":
    print(template(), end="")
