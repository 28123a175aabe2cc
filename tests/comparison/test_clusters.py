"""What differs between two clusters, and in what kube-proxy makes of them."""

from pathlib import Path

import pytest

from tui.comparison.clusters import Difference, EndpointCount, Fate, differences, endpoint_counts
from tui.comparison.rules import rewritten
from tui.formats.cluster import load_cluster
from tui.formats.edits import Delete, Edit, Scale, SetField, SetReady, edited
from tui.sim.engine import World
from tui.sim.model.cluster import Cluster
from tui.sim.model.settings import ProxyMode

WEB = ("Service", "default", "web")


@pytest.fixture
def cluster(two_nodes: Path) -> Cluster:
    return load_cluster(str(two_nodes)).cluster


def own(before: Cluster, after: Cluster) -> list[Difference]:
    return [each for each in differences(before, after) if "EndpointSlice" not in each.owner]


@pytest.mark.parametrize(
    ("edit", "difference"),
    [
        (Scale("default", "web", 3), Difference(Fate.NEW, "Pod default/web-3")),
        (Delete(("Pod", "default", "web-1")), Difference(Fate.GONE, "Pod default/web-1")),
        (
            SetReady("default", "web-1", False),
            Difference(Fate.CHANGED, "Pod default/web-1", "ready", "false", "true"),
        ),
        (
            SetField(WEB, ("spec", "ports", 0, "targetPort"), 9090),
            Difference(Fate.CHANGED, "Service default/web", "ports[0].targetPort", "9090", "http"),
        ),
        (
            SetField(WEB, ("spec", "publishNotReadyAddresses"), True),
            Difference(
                Fate.CHANGED, "Service default/web", "publishNotReadyAddresses", "true", "false"
            ),
        ),
        (
            SetField(("Node", "", "node-b"), ("metadata", "labels"), {"zone": "b"}),
            Difference(Fate.CHANGED, "Node node-b", "labels[zone]", "b", ""),
        ),
    ],
)
def test_a_difference_is_named_as_kubernetes_names_it(
    cluster: Cluster, edit: Edit, difference: Difference
) -> None:
    assert own(cluster, edited(cluster, edit)) == [difference]


def test_nothing_differs_from_itself(cluster: Cluster) -> None:
    assert not list(differences(cluster, cluster))
    assert not list(endpoint_counts(cluster, cluster))


def test_ready_endpoints_are_counted(cluster: Cluster) -> None:
    for edit, now in ((SetReady("default", "web-1", False), 1), (Scale("default", "web", 5), 5)):
        after = edited(cluster, edit)
        assert list(endpoint_counts(cluster, after)) == [EndpointCount("default/web", now, 2)]


def test_a_rule_that_moves_to_another_chance_counts_as_new_and_gone(cluster: Cluster) -> None:
    before, after = World(cluster), World(edited(cluster, Scale("default", "web", 1)))
    found = rewritten(before, after, "node-a")
    assert (found.new, found.gone) == (1, 4), "a jump, mark and DNAT go; the other jump is certain"
    back = rewritten(after, before, "node-a")
    assert (back.new, back.gone) == (4, 1)


@pytest.mark.parametrize("mode", list(ProxyMode))
def test_every_mode_tells_what_is_written_anew(cluster: Cluster, mode: ProxyMode) -> None:
    before = World(cluster).with_mode(mode)
    after = before.with_cluster(edited(cluster, SetField(WEB, ("spec", "type"), "NodePort")))
    assert rewritten(before, after, "node-a").new
    assert not rewritten(before, after, "node-a").gone
    same = rewritten(before, before.with_cluster(cluster), "node-a")
    assert (same.new, same.gone) == (0, 0)


def test_a_node_that_is_gone_has_lost_all_of_its_rules(cluster: Cluster) -> None:
    before = World(cluster)
    after = before.with_cluster(Cluster(cluster.nodes[:1]))
    found = rewritten(before, after, "node-b")
    assert found.gone
    assert not found.new
