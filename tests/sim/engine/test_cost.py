"""What many Services cost: measured on packets, not computed."""

import pytest

from tui.comparison.json import curve_to_json
from tui.comparison.table import RowKind, curve_rows, curve_series
from tui.sim.engine.cost import (
    SIZES,
    CostPoint,
    cluster_with,
    cost_of_last_service,
    curve,
)
from tui.sim.model.settings import ProxyMode
from tui.words import use

SMALL = (10, 100, 1_000)


@pytest.fixture(scope="module")
def points() -> dict[tuple[int, ProxyMode], CostPoint]:
    return {(point.services, point.mode): point for point in curve(SMALL)}


def test_the_last_service_costs_iptables_one_rule_more_for_each_before_it(
    points: dict[tuple[int, ProxyMode], CostPoint],
) -> None:
    rules = [points[size, ProxyMode.IPTABLES].first.rules for size in SMALL]
    assert rules[1] - rules[0] == 90
    assert rules[2] - rules[1] == 900


@pytest.mark.parametrize("mode", [ProxyMode.NFTABLES, ProxyMode.IPVS])
def test_elsewhere_the_number_of_services_costs_nothing(
    points: dict[tuple[int, ProxyMode], CostPoint], mode: ProxyMode
) -> None:
    assert len({points[size, mode].first for size in SMALL}) == 1
    assert points[10, mode].first.lookups > points[10, ProxyMode.IPTABLES].first.lookups


@pytest.mark.parametrize("mode", ProxyMode)
def test_a_later_packet_costs_the_same_however_many_there_are(
    points: dict[tuple[int, ProxyMode], CostPoint], mode: ProxyMode
) -> None:
    assert len({points[size, mode].later for size in SMALL}) == 1
    assert all(points[s, mode].later.rules < points[s, mode].first.rules for s in SMALL)


def test_small_clusters_come_first() -> None:
    asked = [(point.services, point.mode) for point in curve((5, 2))]
    assert asked == [(size, mode) for size in (5, 2) for mode in ProxyMode]
    assert list(SIZES) == sorted(SIZES)


def test_a_cluster_has_as_many_services_as_asked_each_with_its_own_address() -> None:
    cluster = cluster_with(300)
    assert len({service.cluster_ips for service in cluster.services}) == 300
    assert len(cluster.slices) == 300


def test_the_table_has_a_row_for_each_size_and_one_for_later_packets(
    points: dict[tuple[int, ProxyMode], CostPoint],
) -> None:
    rows = list(curve_rows(points.values(), use()))
    assert [row.label for row in rows] == ["Services", "10", "100", "1,000", "later packets"]
    assert rows[3].cells[0].startswith("1,0")
    assert [row.cells[1] for row in rows[1:4]] == [rows[1].cells[1]] * 3
    assert len(list(curve_rows([], use()))) == 1


def test_a_table_that_is_still_growing_has_empty_cells(
    points: dict[tuple[int, ProxyMode], CostPoint],
) -> None:
    known = [points[10, mode] for mode in ProxyMode] + [points[100, ProxyMode.IPTABLES]]
    last = [row for row in curve_rows(known, use()) if row.kind is RowKind.PASSED][-1]
    assert last.cells[1:] == ("", "")
    assert last.cells[0]


def test_the_curve_adds_rules_and_lookups() -> None:
    point = cost_of_last_service(10, ProxyMode.IPVS)
    work = point.first.rules + point.first.lookups
    assert curve_series([point])["ipvs"] == [(10, work)]
    assert curve_to_json([point]) == {
        "version": 1,
        "points": [
            {
                "mode": "ipvs",
                "services": 10,
                "first": {"rules": point.first.rules, "lookups": point.first.lookups},
                "later": {"rules": point.later.rules, "lookups": point.later.lookups},
            }
        ],
    }


@pytest.mark.slow
def test_thirty_thousand_services() -> None:
    found = {point.mode: point for point in curve((30_000,))}
    assert found[ProxyMode.IPTABLES].first.rules > 30_000
    assert found[ProxyMode.NFTABLES].first.rules < 100
    assert found[ProxyMode.IPVS].first.rules < 100


def test_points_that_are_known_are_not_computed_again() -> None:
    points = list(curve((5, 6)))
    assert list(curve((5, 6), known=points[:4])) == points[4:]
