"""Korean: every sentence of the program, nothing else, and placeholders as they were."""

import re
from collections import Counter
from pathlib import Path

from tui.words import use
from tui.words.language import LOCALE, languages, preferred
from tui.words.po import read_po
from tui.words.template import messages

PACKAGE = LOCALE.parents[1]
SOURCES = sorted(PACKAGE.rglob("*.py"))
SAID = {m for file in SOURCES for m in messages(file.read_text(encoding="utf-8"))}
KOREAN = read_po((LOCALE / "ko.po").read_text(encoding="utf-8"))
LESSONS = Path(__file__).resolve().parents[2] / "lessons"
KEPT = re.compile(r"\{[^}]*\}|`[^`]*`|\*\*")


def test_every_sentence_is_translated_and_no_other() -> None:
    assert sorted(SAID - KOREAN.keys()) == []
    assert sorted(KOREAN.keys() - SAID) == []


def test_placeholders_and_code_stay() -> None:
    wrong = [m for m, t in KOREAN.items() if Counter(KEPT.findall(m)) != Counter(KEPT.findall(t))]
    assert wrong == []


def test_blanks_at_the_ends_stay() -> None:
    def ends(text: str) -> tuple[int, int]:
        return len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))

    assert [m for m, t in KOREAN.items() if ends(m) != ends(t)] == []


def test_sentences_are_korean() -> None:
    """What stays as it is are names and numbers, not sentences."""
    same = {m for m, t in KOREAN.items() if not re.search("[가-힣]", t)}
    assert same <= {
        "conntrack",
        "DNAT",
        "SNAT",
        "netfilter",
        "{rules}+{lookups}",
        "{passed}, MTU {mtu}",
        "time to live",
    }


def test_it_is_there_to_be_chosen() -> None:
    assert "ko" in languages()
    assert preferred({"LANG": "ko_KR.UTF-8"}) == "ko"
    assert use("ko")("Lesson") == "레슨"


def test_every_lesson_has_it() -> None:
    english = [file.parent for file in LESSONS.rglob("en.md")]
    assert english
    assert [folder.name for folder in english if not (folder / "ko.md").is_file()] == []
