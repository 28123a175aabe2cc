"""What the inspector shows, as values: sections of blocks of rows, and where one can go from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.cells import cell_len

from tui.sim.model.value import replace, value
from tui.widgets.line import pad
from tui.words import Words

MOST_ROWS = 1000
"""Rows of one block; what is left is a count."""


@value
class Row:
    """One line of text."""

    text: str
    """The text."""
    lit: bool = False
    """It is about what was asked for."""
    target: str = ""
    """Where a click on it leads, as a link does."""


@value
class Block:
    """Rows under a heading."""

    heading: str
    """A command; what begins with `#` is a remark of ours."""
    rows: tuple[Row, ...]
    """What the command prints."""
    whole: str = ""
    """All of it, where the rows are cut."""

    @property
    def text(self) -> str:
        """The block as text to take away."""
        if self.whole:
            return f"{self.heading}\n{self.whole}"
        return "".join(f"{line}\n" for line in (self.heading, *(row.text for row in self.rows)))


@value
class Link:
    """Somewhere to go: another object, or a step of the packet's way."""

    label: str
    """What it is called."""
    note: str
    """What to know of it."""
    target: str
    """`svc/shop/web`, `pod/shop/web-1`, `node/node-a`, or `step/11`."""


@value
class Section:
    """One tab."""

    label: str
    """A word for the tab."""
    make: Callable[[], Iterable[Block]]
    """Its blocks, made when they are first shown."""


@value
class Inspected:
    """All there is to know of something."""

    title: str
    """What it is."""
    sections: tuple[Section, ...]
    """At least one."""
    links: tuple[Link, ...] = ()
    """Where to go from here."""


def block(heading: str, texts: Iterable[str], device: str = "") -> Block:
    """A block of a command's lines; those that name a device are lit."""
    rows = (Row(text, bool(device) and device in text.replace(":", " ").split()) for text in texts)
    return Block(heading, tuple(rows))


def printed(command: str, text: str, words: Words) -> Block:
    """A block of what a tool prints, cut with a count where there is too much of it."""
    lines = text.expandtabs().splitlines()
    left = len(lines) - MOST_ROWS
    if left <= 1:
        return block(command, lines)
    more = words("… {count} more lines: Y saves them all", count=left)
    cut = block(command, [*lines[:MOST_ROWS], more])
    return replace(cut, whole=text)


def facts(heading: str, pairs: Iterable[tuple[str, str]]) -> Block:
    """A block of names and values; what has no value is left out."""
    told = [(name, text) for name, text in pairs if text]
    size = max((cell_len(name) for name, _text in told), default=0)
    return Block(heading, tuple(Row(f"{pad(name, size)}  {text}".rstrip()) for name, text in told))


def object_heading(kind: str, name: str, namespace: str, words: Words) -> str:
    """The command that shows an object, of which we show the fields that matter here."""
    where = f"-n {namespace} " if namespace else ""
    return f"kubectl get {kind} {where}{name} -o yaml   # {words('in short')}"


def labels_text(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as kubectl writes them: `app=web,tier=front`."""
    return ",".join(f"{name}={text}" for name, text in labels)
