"""What can be changed about a place, and the edits that come of it."""

from pathlib import Path

import pytest

from tui.formats.cluster import load_cluster
from tui.formats.edits import Scale, SetField, edited
from tui.screens.change_notice import what_changed
from tui.screens.knobs import Knob, Turn, knobs_of
from tui.sim.engine import World
from tui.sim.model.cluster import Cluster, NetworkPolicy
from tui.sim.model.value import replace
from tui.words import use

WEB = ("Service", "default", "web")


@pytest.fixture
def cluster(two_nodes: Path) -> Cluster:
    return load_cluster(str(two_nodes)).cluster


def labels(cluster: Cluster, place: str) -> list[str]:
    return [knob.label for knob in knobs_of(cluster, place)]


def knob(cluster: Cluster, place: str, label: str) -> Knob:
    return next(each for each in knobs_of(cluster, place) if each.label == label)


def test_a_node_port_is_offered_where_there_is_one(cluster: Cluster) -> None:
    place = "svc/default/web"
    assert "nodePort" not in labels(cluster, place)
    assert "loadBalancerSourceRanges" not in labels(cluster, place)
    balanced = edited(cluster, SetField(WEB, ("spec", "type"), "LoadBalancer"))
    assert {"nodePort", "externalTrafficPolicy", "loadBalancerSourceRanges"} <= {
        *labels(balanced, place)
    }


def test_a_service_without_a_selector_has_no_pods_to_count(cluster: Cluster) -> None:
    by_hand = edited(cluster, SetField(WEB, ("spec", "selector")))
    assert "number of pods" not in labels(by_hand, "svc/default/web")


def test_a_form_begins_with_what_there_is(cluster: Cluster) -> None:
    place = "svc/default/web"
    assert knob(cluster, place, "number of pods").now == "2"
    assert knob(cluster, place, "targetPort").now == "http"
    assert knob(cluster, place, "selector").now == "app=web"


@pytest.mark.parametrize(
    ("label", "text", "edit"),
    [
        ("number of pods", "7", Scale("default", "web", 7)),
        ("targetPort", "9090", SetField(WEB, ("spec", "ports", 0, "targetPort"), 9090)),
        ("targetPort", "", SetField(WEB, ("spec", "ports", 0, "targetPort"))),
        ("selector", "a=b, c = d", SetField(WEB, ("spec", "selector"), {"a": "b", "c": "d"})),
        ("selector", " ", SetField(WEB, ("spec", "selector"))),
        (
            "publishNotReadyAddresses",
            "true",
            SetField(WEB, ("spec", "publishNotReadyAddresses"), True),
        ),
    ],
)
def test_what_is_typed_becomes_an_edit(
    cluster: Cluster, label: str, text: str, edit: object
) -> None:
    assert knob(cluster, "svc/default/web", label).edit_for(text) == edit


def test_source_ranges_are_a_list(cluster: Cluster) -> None:
    balanced = edited(cluster, SetField(WEB, ("spec", "type"), "LoadBalancer"))
    made = knob(balanced, "svc/default/web", "loadBalancerSourceRanges").edit_for(
        "203.0.113.0/24,198.51.100.0/24"
    )
    assert edited(balanced, made).services[0].source_ranges == (
        "203.0.113.0/24",
        "198.51.100.0/24",
    )


def test_a_pod_leads_to_its_services_and_policies(cluster: Cluster) -> None:
    policy = NetworkPolicy("default", "none", {"podSelector": {}})
    guarded = replace(cluster, policies=(policy,))
    found = {each.label: each for each in knobs_of(guarded, "pod/default/web-1")}
    assert found["Service"].now == "svc/default/web"
    assert found["NetworkPolicy"].keys == (("NetworkPolicy", "default", "none"),)
    assert "Service" not in labels(guarded, "pod/default/client")


def test_a_node_leads_to_its_pods(cluster: Cluster) -> None:
    ways = [each.now for each in knobs_of(cluster, "node/node-a") if each.turn is Turn.GO]
    assert ways == ["pod/default/client", "pod/default/web-1"]


def test_a_pod_that_only_slices_tell_of_is_changed_in_them(cluster: Cluster) -> None:
    told = replace(cluster, pods=())
    (yaml, *_rest) = knobs_of(told, "pod/default/web-1")
    assert (yaml.turn, yaml.keys) == (Turn.WRITE, (("EndpointSlice", "default", "web-x7k2p"),))


@pytest.mark.parametrize(
    "place", ["", "svc/default/nobody", "node/nobody", "external/1.2.3.4", "x"]
)
def test_anywhere_else_the_services_are_listed(cluster: Cluster, place: str) -> None:
    assert labels(cluster, place)[0] == "Service"


def test_the_notice_names_an_object_once(cluster: Cluster) -> None:
    before = World(cluster)
    after = before.with_cluster(edited(cluster, SetField(WEB, ("spec", "type"), "NodePort")))
    assert what_changed(use(), before, after, "node-a") == (
        "Service default/web: type NodePort, was ClusterIP; ports[0].nodePort 30000 is new. "
        "kube-proxy on node-a: 4 rules new, 0 gone."
    )
