"""A language made up for tests: every text in two-cell Hangul of about its usual length.

Its catalogue and its lessons are files, read like those of any other language. What a
translator would leave alone stays: placeholders, code, names, addresses. Each text begins
with 갹 and ends with 힣, so whoever looks at the screen can tell whether it is there whole.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

from tui.words.template import messages

HANGUL = "hangul"
"""Its code."""
FIRST, LAST = "갹", "힣"
"""How every text begins and ends. No other syllable is one of these."""

_SYLLABLES = "나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호"
_NAMES = frozenset(
    ("Service", "Services", "Kubernetes", "Linux", "iptables", "nftables", "ipvs", "conntrack",
     "netfilter", "flannel", "kubectl", "eth", "veth", "lo", "ip", "pod", "pods", "m", "c", "i")
)  # fmt: skip
_KEPT = re.compile(r"\{[^}]*\}|`[^`]*`|\*\*|\S*[^A-Za-z\s,.;:?!()“”*]\S*")
_WORD = re.compile(r"A|[A-Za-z]?[a-z]+")


def translated(text: str) -> str:
    """The text in Hangul; as it is where there is nothing to translate."""
    pieces = list(_pieces(text))
    places = [i for i, (_, plain) in enumerate(pieces) if plain]
    if not places:
        return text
    words = [_hangul(piece) if plain else piece for piece, plain in pieces]
    if len(places) == 1 and len(words[places[0]]) == 1:
        words[places[0]] *= 2
    words[places[0]] = FIRST + words[places[0]][1:]
    words[places[-1]] = words[places[-1]][:-1] + LAST
    return "".join(words)


def write_catalogue(package: Path, folder: Path) -> None:
    """A .po file with every sentence of the program."""
    files = sorted(package.rglob("*.py"))
    found = dict.fromkeys(m for f in files for m in messages(f.read_text(encoding="utf-8")))
    entries = (f"msgid {_quoted(m)}\nmsgstr {_quoted(translated(m))}\n" for m in found)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{HANGUL}.po").write_text("\n".join(entries), encoding="utf-8")


def write_lessons(lessons: Path, folder: Path) -> None:
    """A copy of the lessons in which each has its words in Hangul, too."""
    shutil.copytree(lessons, folder)
    for file in folder.rglob("en.md"):
        text = "\n".join(_markdown(file.read_text(encoding="utf-8").splitlines()))
        file.with_name(f"{HANGUL}.md").write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- words


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """What must stay and what is a word to translate, in order."""
    at = 0
    for kept in _KEPT.finditer(text):
        yield from _words(text[at : kept.start()])
        yield kept.group(), False
        at = kept.end()
    yield from _words(text[at:])


def _words(text: str) -> Iterator[tuple[str, bool]]:
    for piece in re.split(r"([A-Za-z]+)", text):
        if piece:
            yield piece, bool(_WORD.fullmatch(piece)) and piece not in _NAMES


def _hangul(word: str) -> str:
    """Half as many syllables as the word has letters: as wide on the screen."""
    seed = crc32(word.lower().encode())
    count = max(round(len(word) / 2), 1)
    return "".join(_SYLLABLES[(seed >> 3 * i) % len(_SYLLABLES)] for i in range(count))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


# ---------------------------------------------------------------- lessons


def _markdown(lines: Iterable[str]) -> Iterator[str]:
    """Headings keep their ids, code stays, every other line is a text of its own."""
    fenced = False
    for line in lines:
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        yield line if fence or fenced else _markdown_line(line)


def _markdown_line(line: str) -> str:
    heading = re.fullmatch(r"(#{2,3} (?:[^:\s]+:(?=\s)|[^:]+$)|# )(.*)", line)
    if heading is None and line.startswith("### "):
        heading = re.fullmatch(r"(### .+?: )(.*)", line)
    if heading is not None:
        return heading[1] + translated(heading[2])
    bullet = re.fullmatch(r"(\s*(?:[-*]|\d+\.) )?(.*)", line)
    assert bullet is not None
    return (bullet[1] or "") + translated(bullet[2])
