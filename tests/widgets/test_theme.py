"""Looks: every step has one, every glyph an ASCII twin as wide as itself."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from tui.sim.model.address import address
from tui.sim.model.packet import Packet, Protocol
from tui.sim.trace import Reason, ReasonCode, Step, StepKind, Verdict
from tui.theme import LAYERS, VERDICTS, AsciiTwins, look_of
from tui.words.twins import TWINS, ascii_twin

SOURCES = ("theme.py", "actions.py", "widgets", "screens", "words", "comparison", "cli")
HANGUL = range(0x3131, 0x3164)


PACKET = Packet(address("10.244.0.7"), address("10.244.0.5"), Protocol.TCP)


def step(kind: StepKind, code: ReasonCode = ReasonCode.HOOK_BEGAN, flags: str = "SYN") -> Step:
    return Step(kind, replace(PACKET, flags=flags), Reason(code))


def test_every_step_has_a_look() -> None:
    looks = {kind: look_of(step(kind)) for kind in StepKind}
    final = {kind for kind, look in looks.items() if look in VERDICTS.values()}
    assert final == {kind for kind in StepKind if kind.final}


@pytest.mark.parametrize(
    ("code", "flags"),
    [
        (ReasonCode.SOCKET_REFUSED, "SYN"),
        (ReasonCode.ICMP_RECEIVED, ""),
        (ReasonCode.REPLY_MATCHED, "RST,ACK"),
    ],
)
def test_what_arrives_only_to_be_refused_looks_refused(code: ReasonCode, flags: str) -> None:
    assert look_of(step(StepKind.DELIVERED, code, flags)) == VERDICTS[Verdict.REJECTED]
    assert look_of(step(StepKind.DROPPED, code, flags)) == VERDICTS[Verdict.DROPPED]


def test_no_two_verdicts_look_alike() -> None:
    assert len({look.glyph for look in VERDICTS.values()}) == len(VERDICTS)
    assert len({look.role for look in VERDICTS.values()}) == len(VERDICTS)


def test_refused_and_dropped_stay_apart_in_ascii() -> None:
    assert len({ascii_twin(look.glyph) for look in VERDICTS.values()}) == len(VERDICTS)


def test_twins_are_ascii_and_one_cell_wide() -> None:
    assert all(cell_len(chr(glyph)) == 1 for glyph in TWINS)
    assert all(len(twin) == 1 and twin.isascii() for twin in map(ascii_twin, map(chr, TWINS)))


def test_every_glyph_that_the_program_draws_has_a_twin(root: Path) -> None:
    files = [f for name in SOURCES for f in [root / "tui" / name]]
    modules = [m for f in files for m in (f.rglob("*.py") if f.is_dir() else [f])]
    drawn = {glyph for module in modules for glyph in module.read_text(encoding="utf-8")}
    missing = {g for g in drawn if not g.isascii() and ord(g) not in TWINS}
    assert {g for g in missing if ord(g) not in HANGUL} == set()


def test_the_filter_leaves_letters_alone_and_always_gives_a_style() -> None:
    segments = AsciiTwins().apply([Segment("╭─ 서비스 →")], Color(0, 0, 0))
    assert segments[0].text == "+- 서비스 >"
    assert segments[0].style is not None


def test_layers_are_told_apart_without_colour() -> None:
    assert len({look.glyph for look in LAYERS.values()}) == len(LAYERS)
