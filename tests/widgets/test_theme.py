"""Looks: every step has one, every glyph an ASCII twin as wide as itself."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tui.sim.model.address import address
from tui.sim.model.packet import Packet, Protocol
from tui.sim.trace import Reason, ReasonCode, Step, StepKind, Verdict
from tui.theme import (
    DARK,
    LAYERS,
    THEMES,
    VERDICTS,
    AsciiTwins,
    Palette,
    Role,
    WithoutColour,
    look_of,
)
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


# ---------------------------------------------------------------- contrast

READABLE, VISIBLE = 4.5, 3.0
"""What WCAG 2.2 asks of text (1.4.3), and of lines that mean something (1.4.11)."""
DRAWN = frozenset({Role.LINE, Role.NODE})
"""Roles of lines; no text has them."""
GROUNDS = ("surface", "panel", "background")


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
             for part in colour.normalized]  # fmt: skip
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def variables(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("lit", [False, True])
def test_text_can_be_read_and_lines_be_seen(theme: Theme, ground: str, lit: bool) -> None:
    colours = variables(theme)
    ink, paper = (Color.parse(colours[name]).rich_color for name in ("foreground", ground))
    palette = Palette(colours, Style.from_color(ink, paper))
    found = {}
    for role in Role:
        style = palette.style(role, lit=lit)
        assert style.color is not None
        assert style.bgcolor is not None
        front, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
        found[role] = contrast(front, back)
    assert {r: c for r, c in found.items() if c < (VISIBLE if r in DRAWN else READABLE)} == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_that_a_stylesheet_fades_can_be_read(theme: Theme, root: Path) -> None:
    sheets = [f for kind in ("*.tcss", "*.py") for f in (root / "tui").rglob(kind)]
    faded = re.compile(r"(?:^|[\s-])color: \$foreground (\d+)%")
    shares = {(f.name, int(n)) for f in sheets for n in faded.findall(f.read_text("utf-8"))}
    assert shares
    colours = variables(theme)
    ink, paper = Color.parse(colours["foreground"]), Color.parse(colours["surface"])
    low = [(name, n) for name, n in shares if contrast(paper.blend(ink, n / 100), paper) < READABLE]
    assert low == []


def test_without_colour_what_stands_out_is_reversed() -> None:
    ground = Color.parse(DARK.surface or "")
    plain = Style.parse(f"#cdd6e4 on {DARK.surface}")
    chosen = Style.parse(f"bold #1a1405 on {DARK.accent}")
    drawn = WithoutColour().apply([Segment("a", plain), Segment("b", chosen)], ground)
    assert [str(style) for _, style, _ in drawn] == [
        "default on default",
        "bold reverse default on default",
    ]


def test_what_reaches_nobody_is_not_called_delivered() -> None:
    lost = look_of(step(StepKind.DELIVERED, ReasonCode.WORLD_NOBODY))
    arrived = look_of(step(StepKind.DELIVERED, ReasonCode.WORLD_REACHED))
    assert (lost, arrived) == (VERDICTS[Verdict.DROPPED], VERDICTS[Verdict.DELIVERED])
