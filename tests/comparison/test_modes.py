"""The same packet through every mode: aligned, pinned alike, and its cost counted once."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.comparison.json import comparison_to_json
from tui.comparison.modes import Comparison, compare
from tui.comparison.table import RowKind, comparison_rows, laid_out, width_of
from tui.session import Milestone
from tui.sim.engine import Choices, Injection, PlaceError, State, World, send
from tui.sim.model.settings import ProxyMode
from tui.sim.trace import Cost, Verdict
from tui.words import use

WORLD = world_of(parser().parse_args(["sandbox"]))
TO_WEB = Injection("pod/shop/client", "svc/shop/web:80")
FAR = "10.244.1.5:8080"

PLACES = (
    "svc/shop/web:80", "svc/shop/broken:80", "pod/shop/web-1:8080", "pod/shop/web-1:81",
    "node/node-b:30080", "external/203.0.113.7:443",
)  # fmt: skip
SOURCES = ("pod/shop/client", "node/node-a")


def compared(world: World = WORLD, asked: Injection = TO_WEB, **choices: str) -> Comparison:
    return compare(world, State(), asked, Choices(**choices))  # type: ignore[arg-type]


@settings(max_examples=30)
@given(st.sampled_from(SOURCES), st.sampled_from(PLACES), st.integers(0, 50))
def test_totals_are_the_sum_of_the_steps(source: str, destination: str, seed: int) -> None:
    found = compare(WORLD, State(), Injection(source, destination), Choices(seed=seed))
    for way in found.ways:
        costs = [step.cost for _, step in way.outcome.request.steps()]
        assert way.total == sum(costs, Cost())
        assert way.passages[0].milestone is Milestone.SENT
        assert way.passages[-1].milestone is Milestone.ENDED
        numbers = [passage.number for passage in way.passages]
        assert numbers == sorted(set(numbers))
        assert numbers[-1] == len(costs)


@settings(max_examples=30)
@given(st.sampled_from(SOURCES), st.sampled_from(PLACES), st.integers(0, 50))
def test_a_way_is_what_the_mode_alone_would_do(source: str, destination: str, seed: int) -> None:
    asked = Injection(source, destination)
    found = compare(WORLD, State(), asked, Choices(seed=seed))
    for way in found.ways:
        alone, _ = send(WORLD.with_mode(way.mode), State(), asked, Choices(found.pin, seed))
        assert way.trace == alone


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("mode", ProxyMode)
def test_chance_takes_the_same_endpoint_in_every_mode(mode: ProxyMode, seed: int) -> None:
    world = WORLD.with_mode(mode)
    own, _ = send(world, State(), TO_WEB, Choices(seed=seed))
    found = compare(world, State(), TO_WEB, Choices(seed=seed))
    assert {way.outcome.destination for way in found.ways} == {own.outcomes[0].destination}


def test_a_pin_holds_in_every_mode() -> None:
    found = compared(pin=FAR)
    assert found.pin == FAR
    assert {way.outcome.destination for way in found.ways} == {FAR}
    assert found.milestones == tuple(Milestone)


def test_every_mode_has_a_way_of_its_own() -> None:
    found = compared(pin=FAR)
    assert [way.mode for way in found.ways] == list(ProxyMode)
    assert [way.trace.mode for way in found.ways] == [mode.value for mode in ProxyMode]
    assert len({way.total for way in found.ways}) == len(ProxyMode)


def test_ipvs_routes_to_itself_before_it_translates() -> None:
    order = {way.mode: [p.milestone for p in way.passages] for way in compared(pin=FAR).ways}
    for mode, passed in order.items():
        first = passed.index(Milestone.ROUTED) < passed.index(Milestone.TRANSLATED)
        assert first is (mode is ProxyMode.IPVS)


def test_nothing_is_translated_without_a_service() -> None:
    found = compared(asked=Injection("pod/shop/client", "pod/shop/web-1:8080"))
    assert Milestone.TRANSLATED not in found.milestones
    assert found.pin is None


def test_the_receiver_sees_the_node_where_the_packet_is_masqueraded() -> None:
    asked = Injection("external/203.0.113.7", "node/node-a:30080")
    seen = {way.source_seen for way in compared(asked=asked, pin=FAR).ways}
    assert "203.0.113.7" not in seen
    assert all(seen)


def test_nobody_sees_a_source_where_nothing_arrives() -> None:
    found = compared(asked=Injection("pod/shop/client", "svc/shop/broken:80"))
    assert {way.outcome.verdict for way in found.ways} == {Verdict.REJECTED}
    assert {way.source_seen for way in found.ways} == {None}


def test_a_place_that_is_not_there_is_named() -> None:
    with pytest.raises(PlaceError, match="nowhere"):
        compared(asked=Injection("pod/shop/nowhere", "svc/shop/web:80"))


def test_the_table_has_a_cell_for_every_mode_and_tells_the_totals() -> None:
    found = compared(pin=FAR)
    rows = list(comparison_rows(found, use()))
    assert {len(row.cells) for row in rows} == {len(ProxyMode)}
    assert [row.label for row in rows if row.kind is RowKind.PASSED] == [
        "sent to", "left the pod", "translated to", "routed", "encapsulated", "ended",
    ]  # fmt: skip
    totals = [row.cells for row in rows if row.kind is RowKind.TOTAL]
    for column, way in enumerate(found.ways):
        assert totals[0][column] == f"{way.total.rules:,}"
        assert totals[1][column] == f"{way.total.lookups:,}"


def test_columns_of_text_stand_below_each_other() -> None:
    lines = laid_out(list(comparison_rows(compared(pin=FAR), use())))
    for mode in ProxyMode:
        start = lines[0].index(mode.value)
        assert lines[1][start:].startswith("10.96.31.7:80")
        assert lines[3][start:].startswith(FAR)


def test_hangul_takes_two_cells() -> None:
    assert width_of("규칙 12") == 7


def test_as_json_the_milestones_add_up_to_the_total() -> None:
    found = comparison_to_json(compared(pin=FAR))
    modes = found["modes"]
    assert isinstance(modes, list)
    for mode in modes:
        for each in (field.name for field in fields(Cost)):
            assert mode["total"][each] == sum(m[each] for m in mode["milestones"])


def test_a_cluster_of_ones_own(two_nodes: Path) -> None:
    world = world_of(parser().parse_args(["sandbox", "--cluster", str(two_nodes)]))
    found = compare(world, State(), Injection("pod/default/client", "svc/default/web:80"))
    assert {way.outcome.verdict for way in found.ways} == {Verdict.DELIVERED}
    assert len({way.outcome.destination for way in found.ways}) == 1
