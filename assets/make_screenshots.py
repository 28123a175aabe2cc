"""Pictures of the running program: SVG as Textual exports it, PNG drawn cell by cell.

    .venv/bin/python assets/make_screenshots.py [FOLDER]

needs Pillow and the fonts DejaVu Sans Mono and, for Korean, Nanum Gothic
Coding; JetBrains Mono is used where it is there. Debian: fonts-dejavu-core fonts-nanum
fonts-jetbrains-mono.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.snapshots.gathered import GATHERED  # noqa: E402 - from this script's checkout
from tests.snapshots.scenes import classroom  # noqa: E402
from tui.app import K8sNetApp  # noqa: E402
from tui.course.catalogue import load_course  # noqa: E402
from tui.screens.explorer import ExplorerScreen  # noqa: E402
from tui.session import Session  # noqa: E402
from tui.sim.trace import StepKind  # noqa: E402
from tui.words import languages  # noqa: E402

FONTS = Path("/usr/share/fonts/truetype")
FACES = tuple(
    (FONTS / regular, FONTS / bold)
    for regular, bold in (
        ("jetbrains-mono/JetBrainsMono-Regular.ttf", "jetbrains-mono/JetBrainsMono-Bold.ttf"),
        ("dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSansMono-Bold.ttf"),
        ("nanum/NanumGothicCoding.ttf", "nanum/NanumGothicCodingBold.ttf"),
    )
    if (FONTS / regular).is_file()
)
"""Regular and bold of each font, the first that has a glyph draws it."""
SIZE = 20
CELL = (12, 26)
"""Width and height of a cell, in pixels."""
BASELINE = 20
"""From a cell's top to the line that letters stand on."""

COLOURS = 96
"""Enough for a screen of text; the files stay small."""

RGB = tuple[int, ...]
Play = Callable[[Pilot[None]], Awaitable[None]]


# ---------------------------------------------------------------- drawing


@lru_cache(maxsize=16)
def _font(face: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FACES[face][bold]), SIZE)


@lru_cache(maxsize=4096)
def _face_for(glyph: str) -> int:
    """The first font that has a glyph."""
    for face in range(len(FACES)):
        drawn = bytes(_font(face, False).getmask(glyph))
        if drawn and drawn != _missing(face):
            return face
    return 0


@lru_cache(maxsize=8)
def _missing(face: int) -> bytes:
    """What a font draws for a glyph that it does not have."""
    return bytes(_font(face, False).getmask("\U0010fffe"))


def draw_png(app: K8sNetApp, file: Path) -> None:
    """The screen as a terminal would show it."""
    width, height = app.size
    ground, ink = (_rgb(app.theme_variables[name]) for name in ("background", "foreground"))
    image = Image.new("RGB", (width * CELL[0], height * CELL[1]), ground)
    pen = ImageDraw.Draw(image)
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            x = _draw_text(pen, x, y, segment.text, segment.style or Style(), ground, ink)
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def _draw_text(
    pen: ImageDraw.ImageDraw, x: int, y: int, text: str, style: Style, ground: RGB, ink: RGB
) -> int:
    """One segment; gives the column after it."""
    front, back = _colours(style, ground, ink)
    for glyph in text:
        size = cell_len(glyph)
        left, top, right = x * CELL[0], y * CELL[1], (x + size) * CELL[0] - 1
        pen.rectangle((left, top, right, top + CELL[1] - 1), fill=back)
        if glyph.strip():
            font = _font(_face_for(glyph), bool(style.bold))
            pen.text((left, top + BASELINE), glyph, fill=front, anchor="ls", font=font)
        if style.underline:
            pen.line((left, top + CELL[1] - 3, right, top + CELL[1] - 3), fill=front)
        x += size
    return x


def _colours(style: Style, ground: RGB, ink: RGB) -> tuple[RGB, RGB]:
    """Ink and ground of a segment."""
    front: RGB = tuple(style.color.get_truecolor()) if style.color else ink
    back: RGB = tuple(style.bgcolor.get_truecolor()) if style.bgcolor else ground
    if style.color is not None and style.color.is_default:
        front = ink
    if style.bgcolor is not None and style.bgcolor.is_default:
        back = ground
    if style.dim:
        front = tuple((f + b) // 2 for f, b in zip(front, back, strict=True))
    return (back, front) if style.reverse else (front, back)


def _rgb(colour: str) -> RGB:
    return Color.parse(colour).rgb


# ---------------------------------------------------------------- scenes


def screen(pilot: Pilot[Any]) -> ExplorerScreen:
    """The explorer."""
    found = pilot.app.screen_stack[0]
    assert isinstance(found, ExplorerScreen)
    return found


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def go_to(pilot: Pilot[None], wanted: Callable[[Session, int], bool]) -> None:
    """Move the cursor to the first moment that is wanted."""
    session = screen(pilot).session
    assert session is not None
    positions = (i for i in range(len(session.moments)) if wanted(session, i))
    screen(pilot).session = session.moved_to(next(positions))


def at_kind(kind: StepKind) -> Callable[[Session, int], bool]:
    """Wanted: the first step of a kind."""
    return lambda session, i: session.moments[i].step.kind is kind


def in_chain(prefix: str) -> Callable[[Session, int], bool]:
    """Wanted: the first rule that matched in a chain."""

    def wanted(session: Session, i: int) -> bool:
        step = session.moments[i].step
        place = step.place
        return place is not None and place.rule > 0 and place.chain.startswith(prefix)

    return wanted


async def prediction(pilot: Pilot[None]) -> None:
    """A prediction that was answered, its packet walked up to the rewrite."""
    await press(pilot, "1")
    go_to(pilot, in_chain("KUBE-SVC-"))


async def tunnel(pilot: Pilot[None]) -> None:
    """A packet inside the tunnel, on its way to the other node."""
    await press(pilot, "1")
    go_to(pilot, at_kind(StepKind.ENCAPSULATED))


async def answered(pilot: Pilot[None]) -> None:
    """The answer is back where the request came from."""
    await press(pilot, "1", "end")


async def nftables(pilot: Pilot[None]) -> None:
    """The same packet in nftables mode."""
    await press(pilot, "enter", "m", "2")
    go_to(pilot, lambda session, i: session.moments[i].step.chance is not None)


async def chain(pilot: Pilot[None]) -> None:
    """The rules, where there is room for one pane at a time."""
    await press(pilot, "1")
    go_to(pilot, in_chain("KUBE-SVC-"))
    await press(pilot, "escape")
    screen(pilot).open_tab("chain")


async def world_map(pilot: Pilot[None]) -> None:
    """The map, where there is room for one pane at a time."""
    await press(pilot, "1")
    go_to(pilot, at_kind(StepKind.ENCAPSULATED))
    screen(pilot).open_tab("map")


async def plugins(pilot: Pilot[None]) -> None:
    """The same packet through every plugin, side by side."""
    await press(pilot, "1", "v", "2")


async def model(pilot: Pilot[None]) -> None:
    """The model's rules where a plugin knows no way to a node in another subnet."""
    session = screen(pilot).session
    assert session is not None
    world = session.world
    *near, far = world.cluster.nodes
    moved = replace(far, internal_ips=(ip_address("192.168.20.3"),))
    apart = world.with_cluster(replace(world.cluster, nodes=(*near, moved)))
    screen(pilot).session = Session(apart.with_plugin("flannel-host-gw"))
    await press(pilot, "R")


async def challenge(pilot: Pilot[None]) -> None:
    """A broken cluster, the packets that ought to arrive, and a first hint."""
    await press(pilot, "enter", "f9")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: lesson and step, size, theme, and what is played."""

    name: str
    step: str
    play: Play
    size: tuple[int, int] = (120, 40)
    theme: str = "k8snet-dark"
    lang: str = "en"
    lesson: str = "service"
    svg: bool = False
    """Textual's own SVG, too."""


SHOTS = (
    Shot("lesson-dark", "hook", prediction, svg=True),
    Shot("lesson-light", "hook", prediction, theme="k8snet-light", svg=True),
    Shot("tunnel-dark", "back", tunnel),
    Shot("tunnel-light", "back", tunnel, theme="k8snet-light"),
    Shot("answer-dark", "back", answered),
    Shot("nftables-dark", "chains", nftables),
    Shot("chain-80x24-dark", "hook", chain, (80, 24)),
    Shot("chain-80x24-light", "hook", chain, (80, 24), "k8snet-light"),
    Shot("map-80x24-dark", "back", world_map, (80, 24)),
    Shot("plugins-dark", "hook", plugins),
    Shot("model-dark", "hook", model),
    Shot("challenge-dark", "mend", challenge, lesson="typo"),
    Shot("class-dark", "why", classroom(view=GATHERED)),
    Shot("lesson-korean-dark", "hook", prediction, lang="ko"),
)


async def take(shot: Shot, folder: Path) -> None:
    """Play a scene and save it."""
    app = K8sNetApp(course=load_course(lang=shot.lang), lesson_id=shot.lesson, step=shot.step,
                    theme=shot.theme)  # fmt: skip
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause()
        await shot.play(pilot)
        await pilot.pause(0.2)
        draw_png(app, folder / f"{shot.name}.png")
        if shot.svg:
            svg = app.export_screenshot(title="k8snet-tui")
            (folder / f"{shot.name}.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    """All pictures, into the folder that was named or into assets."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    for shot in (shot for shot in SHOTS if shot.lang in languages()):
        asyncio.run(take(shot, folder))
        print(folder / f"{shot.name}.png")


if __name__ == "__main__":
    main()
