"""Whether those who look for broken frames and cut texts would find any."""

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Label, OptionList

from tests.snapshots.cuts import cut_texts
from tests.snapshots.hangul import translated
from tests.snapshots.stage import Picture
from tests.snapshots.test_laws import broken_frames
from tui.widgets.line import Line
from tui.widgets.pane import Pane


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        (("╭──╮", "│  │", "╰──╯"), 0),
        (("╭──╮", "│ │ ", "╰──╯"), 1),
        (("╭─── ", "│  │", "╰──╯"), 1),
        (("╭──╮", "│  │", " ╰─╯"), 1),
        (("╭──╮", "│한│", "╰──╯"), 0),
        (("╭──╮", "│한 │", "╰──╯"), 1),
    ],
)
def test_a_frame_that_is_broken_is_found(rows: tuple[str, ...], broken: int) -> None:
    wide = tuple(((row.ljust(8), ""),) for row in rows)
    assert len(list(broken_frames(Picture((5, len(rows)), wide)))) == broken


class Wide(Pane):
    """A sentence that its own pane has cut."""

    def lines(self, width: int) -> list[Line]:
        return [Line.of(translated("A text that is too long")[: width // 2])]


class Cut(App[None]):
    CSS = "Label { width: 8; height: 1; text-wrap: wrap; } Pane { width: 9; height: 2; }"

    def compose(self) -> ComposeResult:
        yield Label("all of it")
        yield Label("short")
        yield Wide()


async def test_a_text_that_is_cut_without_a_sign_is_found() -> None:
    async with Cut().run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        assert cut_texts(pilot) == ("Label: all of it", "Wide: 갹 허노")


class CutList(App[None]):
    CSS = "OptionList { width: 24; height: 4; border: none; text-wrap: nowrap; }"

    def compose(self) -> ComposeResult:
        yield OptionList("갹노\n노힣", "갹노\n갹노힣", "갹노힣", "갹노\n")


async def test_a_text_that_an_option_cuts_is_found() -> None:
    async with CutList().run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        assert [text.split() for text in cut_texts(pilot)] == [["OptionList:", "갹노", "갹노힣"]]
        pilot.app.query_one(OptionList).scroll_end(animate=False)
        await pilot.pause()
        assert [text.split() for text in cut_texts(pilot)] == [["OptionList:", "갹노"]]


def test_a_translation_keeps_what_a_translator_would_keep() -> None:
    text = translated("Pinned: {pin} on node-a, by `iptables -L`.")
    assert text.startswith("갹")
    assert text.endswith("힣 `iptables -L`.")
    assert "{pin}" in text
    assert "node-a," in text
