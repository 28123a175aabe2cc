"""Lines on the board join by themselves, whatever the order of drawing."""

import pytest

from tui.theme import Role
from tui.widgets.grid import Dash, Grid, Pen, Weight, joint

LIGHT, HEAVY = Pen(Weight.LIGHT), Pen(Weight.HEAVY, Role.WALKED)


def rows(grid: Grid) -> list[str]:
    return [line.text for line in grid.lines()]


def test_a_box() -> None:
    grid = Grid(4, 3)
    grid.box(0, 0, 4, 3, LIGHT)
    assert rows(grid) == ["╭──╮", "│  │", "╰──╯"]


@pytest.mark.parametrize("first", ["rail", "cable"])
def test_a_heavy_cable_meets_a_light_rail(first: str) -> None:
    grid = Grid(5, 3)
    for what in (first, "cable" if first == "rail" else "rail"):
        if what == "rail":
            grid.horizontal(1, 0, 4, LIGHT)
        else:
            grid.vertical(2, 0, 1, HEAVY)
    assert rows(grid) == ["  ╻  ", "╶─┸─╴", "     "]


def test_the_walked_line_keeps_its_role_where_it_crosses() -> None:
    grid = Grid(3, 3)
    grid.horizontal(1, 0, 2, HEAVY)
    grid.vertical(1, 0, 2, LIGHT)
    assert dict(grid.lines()[1].spans)["╺┿╸"] is Role.WALKED


def test_dots_are_for_straight_lines_only() -> None:
    dotted = Pen(Weight.LIGHT, Role.FAINT, Dash.DOTTED)
    grid = Grid(4, 2)
    grid.horizontal(0, 0, 3, dotted)
    grid.vertical(3, 0, 1, dotted)
    assert rows(grid)[0] == "╶┄┄╮"


def test_a_crossing_does_not_join() -> None:
    grid = Grid(3, 3, crossings={(1, 1)})
    grid.horizontal(1, 0, 2, LIGHT)
    grid.vertical(1, 0, 2, LIGHT)
    assert rows(grid)[1] == "╶│╴"


def test_doubles_that_no_glyph_joins_become_heavy() -> None:
    assert joint((3, 0, 3, 0)) == "║"
    assert joint((2, 3, 0, 3)) == "┻"


def test_text_is_on_top_and_hangul_takes_two_cells() -> None:
    grid = Grid(6, 1)
    grid.horizontal(0, 0, 5, LIGHT)
    assert grid.write(1, 0, "체인", Role.PLAIN) == 5
    assert rows(grid) == ["╶체인╴"]


def test_what_is_off_the_board_is_not_drawn() -> None:
    grid = Grid(2, 1)
    grid.horizontal(0, -3, 9, LIGHT)
    grid.vertical(1, -5, 5, LIGHT)
    grid.write(1, 7, "x", Role.PLAIN)
    grid.write(0, 0, "abc", Role.PLAIN)
    assert rows(grid) == ["a…"]


@pytest.mark.parametrize("first", ["path", "branch"])
def test_a_dotted_branch_ends_before_the_path_that_it_meets(first: str) -> None:
    dotted = Pen(Weight.LIGHT, Role.FAINT, Dash.DOTTED)
    grid = Grid(3, 2)
    for what in (first, "branch" if first == "path" else "path"):
        if what == "path":
            grid.horizontal(1, 0, 2, HEAVY)
        else:
            grid.vertical(1, 0, 1, dotted)
    assert rows(grid)[1] == "╺━╸"
    assert grid.lines()[1].spans == (("╺━╸", Role.WALKED),)
