"""Text in cells: Hangul takes two, nothing is wider than its row, hashes keep both their ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from tui.theme import DARK, Palette, Role
from tui.widgets.line import Line, cut_spans, fit, pad, short_chain, spread, strip_of, wrap

TEXTS = st.text(alphabet="abc 서비스체인…→", max_size=60)
PALETTE = Palette({"foreground": "#ffffff", "background": "#000000"}, Style(color="white"))


@given(TEXTS, st.integers(1, 40))
def test_fit_is_never_wider_than_its_room(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) <= width


@given(TEXTS, st.integers(1, 40))
def test_pad_fills_its_room_exactly(text: str, width: int) -> None:
    assert cell_len(pad(text, width)) == width


@given(TEXTS, st.integers(2, 40))
def test_wrapped_rows_fit_and_lose_nothing_but_spaces(text: str, width: int) -> None:
    rows = wrap([(text, Role.PLAIN)], width)
    assert all(sum(cell_len(piece) for piece, _ in row) <= width for row in rows)
    kept = "".join(piece for row in rows for piece, _ in row)
    assert kept.replace(" ", "") == text.replace(" ", "")


def test_wrap_keeps_roles() -> None:
    rows = wrap([("one ", Role.PLAIN), ("two", Role.STRONG)], 4)
    assert rows == [(("one", Role.PLAIN),), (("two", Role.STRONG),)]


@given(TEXTS, TEXTS, st.integers(20, 60))
def test_spread_keeps_the_right_edge(left: str, right: str, width: int) -> None:
    short = fit(right, 15)
    line = spread([(left, Role.PLAIN)], [(short, Role.PLAIN)] if short else [], width)
    assert line.width == width
    assert line.text.endswith(short)


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        ("KUBE-SEP-7U6MWNJWNPUFBXUR", 18, "KUBE-SEP-7U6M…BXUR"),
        ("KUBE-SEP-7U6MWNJWNPUFBXUR", 40, "KUBE-SEP-7U6MWNJWNPUFBXUR"),
        ("KUBE-SEP-7U6MWNJWNPUFBXUR", 5, "KUBE-SEP-7U6…UR"),
        ("KUBE-EXTERNAL-SERVICES", 14, "KUBE-EXTERNAL-SERVICES"),
    ],
)
def test_a_chain_is_cut_inside_its_hash_only(name: str, width: int, shown: str) -> None:
    assert short_chain(name, width) == shown


def test_every_segment_of_a_strip_has_a_style() -> None:
    strip = strip_of(Line.of("a", ("b", Role.NOW)), 10, PALETTE)
    assert strip.cell_length == 10
    assert all(segment.style is not None for segment in strip)


def test_the_palette_knows_every_role() -> None:
    palette = Palette(DARK.to_color_system().generate(), Style())
    styles = {role: palette.style(role) for role in Role}
    assert styles[Role.NOW].bgcolor is not None
    assert styles[Role.REJECTED].color != styles[Role.DROPPED].color
    assert styles[Role.CHANGED].underline, "colour is never the only sign"


def test_a_piece_for_which_nothing_is_left_leaves_a_sign() -> None:
    full, lost = ("KUBE-SVC", Role.CODE), ("1/3", Role.CHANCE)
    assert cut_spans([full, lost], 8) == (("KUBE-SV…", Role.CODE),)
    assert cut_spans([full, ("  ", Role.PLAIN)], 8) == (full,)
