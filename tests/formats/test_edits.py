"""Edits of the demo cluster, and what the controllers make of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.course.catalogue import lessons_root
from tui.formats.cluster import load_cluster, parse_cluster
from tui.formats.edits import (
    Delete,
    Edit,
    Rewrite,
    Scale,
    SetField,
    SetReady,
    SetTerminating,
    edited,
    objects_of,
    text_of,
)
from tui.formats.errors import FormatError
from tui.formats.settling import draft_of, settled
from tui.session import Session
from tui.sim.engine import Injection, PlaceError, World
from tui.sim.model.address import Family
from tui.sim.model.cluster import Cluster, Endpoint, Pod, Service
from tui.sim.model.settings import ProxyMode
from tui.sim.trace.check import check_trace

DEMO = load_cluster(str(lessons_root() / "demo" / "cluster.yaml")).cluster
WEB, API, FRONTEND = (("Service", "shop", name) for name in ("web", "api", "frontend"))
WEB_1 = ("Pod", "shop", "web-1")


def endpoints(cluster: Cluster, service: str) -> list[Endpoint]:
    found = (each for each in cluster.slices if each.service == service)
    return [endpoint for each in found for endpoint in each.endpoints]


def targets(cluster: Cluster, service: str) -> list[str]:
    return [(each.target or "").removeprefix("pod/shop/") for each in endpoints(cluster, service)]


def web(cluster: Cluster) -> Service:
    found = cluster.service("shop", "web")
    assert found is not None
    return found


def pod(cluster: Cluster, name: str) -> Pod:
    found = cluster.pod("shop", name)
    assert found is not None
    return found


def set_web(*path: str | int, to: Any) -> Cluster:
    return edited(DEMO, SetField(WEB, ("spec", *path), to))


def test_nothing_done_changes_nothing() -> None:
    assert settled(DEMO, draft_of(DEMO)) == DEMO


# ---------------------------------------------------------------- pods


def test_more_pods_are_spread_and_get_addresses() -> None:
    after = edited(DEMO, Scale("shop", "web", 5))
    assert targets(after, "web") == ["web-1", "web-2", "web-3", "web-4", "web-5"]
    new = [pod(after, name) for name in ("web-4", "web-5")]
    assert [each.node for each in new] == ["node-c", "node-a"]
    assert [str(each.ips[0]) for each in new] == ["10.244.2.2", "10.244.0.3"]
    assert new[0].labels == {"app": "web"}
    assert new[0].containers == pod(DEMO, "web-1").containers


def test_the_pods_that_are_not_ready_go_first_then_the_youngest() -> None:
    unready = edited(DEMO, SetReady("shop", "web-1", False))
    assert targets(edited(unready, Scale("shop", "web", 2)), "web") == ["web-2", "web-3"]
    assert targets(edited(DEMO, Scale("shop", "web", 2)), "web") == ["web-1", "web-2"]


def test_there_and_back_leaves_no_trace() -> None:
    assert edited(edited(DEMO, Scale("shop", "web", 7)), Scale("shop", "web", 3)) == DEMO


def test_a_service_without_pods_gets_such_as_it_selects() -> None:
    after = edited(DEMO, Scale("shop", "broken", 1))
    (made,) = (each for each in after.pods if each.labels == {"app": "brokn"})
    assert [port.port for port in made.containers[0].ports] == [8080]
    assert targets(after, "broken") == [made.name]


def test_a_pod_of_a_stateful_set_keeps_its_own_hostname() -> None:
    made = pod(edited(DEMO, Scale("shop", "db", 2)), "db-1")
    assert made.hostname == "db-1"


def test_a_deleted_pod_takes_its_endpoint_along() -> None:
    after = edited(DEMO, Delete(WEB_1))
    assert after.pod("shop", "web-1") is None
    assert targets(after, "web") == ["web-2", "web-3"]
    assert [each.name for each in after.slices] == [each.name for each in DEMO.slices]


@pytest.mark.parametrize(
    ("edit", "conditions"),
    [
        (SetReady("shop", "web-1", False), (False, False, False)),
        (SetTerminating("shop", "web-1"), (False, True, True)),
        (SetReady("shop", "web-1", True), (True, True, False)),
    ],
)
def test_conditions_follow_the_pod(edit: Edit, conditions: tuple[bool, bool, bool]) -> None:
    found = endpoints(edited(DEMO, edit), "web")[0]
    assert (found.ready, found.serving, found.terminating) == conditions


def test_unready_pods_are_published_where_the_service_asks_for_it() -> None:
    after = set_web("publishNotReadyAddresses", to=True)
    found = endpoints(edited(after, SetReady("shop", "web-1", False)), "web")[0]
    assert (found.ready, found.serving) == (True, False)


def test_labels_move_a_pod_from_one_service_to_another() -> None:
    after = edited(DEMO, SetField(WEB_1, ("metadata", "labels"), {"app": "api"}))
    assert targets(after, "web") == ["web-2", "web-3"]
    assert targets(after, "api") == ["web-1", "api-1", "api-2"]


# ---------------------------------------------------------------- Services


def test_a_target_port_is_followed_by_the_endpoints() -> None:
    after = set_web("ports", 0, "targetPort", to=9090)
    assert [each.ports[0].port for each in after.slices if each.service == "web"] == [9090]
    assert targets(after, "web") == ["web-1", "web-2", "web-3"]


def test_a_port_leaves_the_endpoints_alone() -> None:
    after = set_web("ports", 0, "port", to=8888)
    assert web(after).ports[0].port == 8888
    assert after.slices == DEMO.slices


def test_a_node_port_comes_with_the_type_and_goes_with_it() -> None:
    opened = set_web("type", to="NodePort")
    assert web(opened).ports[0].node_port == 30000
    assert edited(opened, SetField(WEB, ("spec", "type"), "ClusterIP")) == DEMO


def test_a_load_balancer_that_is_one_no_more_loses_what_belongs_to_it() -> None:
    ranged = edited(
        DEMO, SetField(FRONTEND, ("spec", "loadBalancerSourceRanges"), ["203.0.113.0/24"])
    )
    local = edited(ranged, SetField(FRONTEND, ("spec", "externalTrafficPolicy"), "Local"))
    found = local.service("shop", "frontend")
    assert found is not None
    assert found.health_check_node_port
    assert found.source_ranges == ("203.0.113.0/24",)
    closed = edited(local, SetField(FRONTEND, ("spec", "type"), "ClusterIP"))
    found = closed.service("shop", "frontend")
    assert found is not None
    assert (found.load_balancer, found.source_ranges, found.health_check_node_port) == ((), (), 0)
    assert found.external_traffic_policy == "Cluster"


def test_a_selector_chooses_other_pods_and_none_leaves_the_endpoints() -> None:
    assert targets(set_web("selector", to={"app": "api"}), "web") == ["api-1", "api-2"]
    assert targets(set_web("selector", to={"app": "nobody"}), "web") == []
    assert set_web("selector", to=None).slices == DEMO.slices


@pytest.mark.parametrize(
    ("field", "to", "attribute"),
    [
        ("sessionAffinity", "ClientIP", "session_affinity"),
        ("internalTrafficPolicy", "Local", "internal_traffic_policy"),
        ("publishNotReadyAddresses", True, "publish_not_ready"),
    ],
)
def test_a_field_is_set(field: str, to: object, attribute: str) -> None:
    assert getattr(web(set_web(field, to=to)), attribute) == to


def test_a_service_that_goes_takes_its_slices_along() -> None:
    assert "web" not in {each.service for each in edited(DEMO, Delete(WEB)).slices}


KEPT = """
kind: List
items:
- {kind: Node, metadata: {name: node-a}, spec: {podCIDR: 10.244.0.0/24}}
- {kind: Pod, metadata: {name: p, labels: {app: web}}, spec: {nodeName: node-a},
   status: {podIP: 10.244.0.5}}
- {kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
- kind: EndpointSlice
  metadata: {name: mine, labels: {kubernetes.io/service-name: web}}
  addressType: IPv4
  ports: [{port: 80}]
  endpoints:
  - {addresses: [10.244.0.5], targetRef: {kind: Pod, name: p}}
  - {addresses: [10.244.0.77], targetRef: {kind: Pod, name: elsewhere}}
"""


def test_endpoints_of_pods_that_the_file_does_not_have_stay() -> None:
    cluster = parse_cluster(KEPT, "kept").cluster
    after = edited(cluster, Delete(("Pod", "default", "p")))
    assert [each.target for each in endpoints(after, "web")] == ["pod/default/elsewhere"]
    untouched = edited(
        cluster, SetField(("Node", "", "node-a"), ("metadata", "labels"), {"a": "b"})
    )
    assert untouched.slices == cluster.slices


# ---------------------------------------------------------------- YAML


def test_a_text_replaces_its_objects_where_they_stood() -> None:
    text = text_of(DEMO, [WEB_1]).replace("node-a", "node-b").replace("10.244.0.5", "10.244.1.99")
    after = edited(DEMO, Rewrite((WEB_1,), text))
    assert [each.name for each in after.pods] == [each.name for each in DEMO.pods]
    assert endpoints(after, "web")[0].addresses == ("10.244.1.99",)
    assert endpoints(after, "web")[0].node == "node-b"


def test_a_text_can_hold_more_objects_or_fewer() -> None:
    extra = "{kind: Pod, metadata: {name: new, namespace: shop, labels: {app: web}}, spec: {}}"
    after = edited(DEMO, Rewrite((), extra))
    assert targets(after, "web")[-1] == "new"
    assert pod(after, "new").ips
    assert edited(DEMO, Rewrite((WEB_1,), "")) == edited(DEMO, Delete(WEB_1))


def test_a_slice_can_be_written_by_hand_until_the_controller_cares() -> None:
    (held,) = (each for each in DEMO.slices if each.service == "web")
    key = ("EndpointSlice", held.namespace, held.name)
    text = text_of(DEMO, [key]).replace("ready: true", "ready: false", 1)
    after = edited(DEMO, Rewrite((key,), text))
    assert [each.ready for each in endpoints(after, "web")] == [False, True, True]
    assert all(each.ready for each in endpoints(edited(after, Scale("shop", "web", 4)), "web"))


# ---------------------------------------------------------------- what is refused

POD = "kind: Pod\nmetadata: {namespace: shop, name: web-1}\nspec: {nodeName: %s}\n"


@pytest.mark.parametrize(
    ("edit", "said", "path"),
    [
        (Scale("shop", "nobody", 1), "Service shop/nobody: is not in the cluster any more", ()),
        (Scale("default", "kubernetes", 1), "has no selector", ()),
        (Scale("shop", "web", -1), "-1 is not a number of pods (0 to 1000)", ()),
        (Scale("shop", "web", 1001), "1001 is not a number of pods (0 to 1000)", ()),
        (SetReady("shop", "nobody"), "is not in the cluster any more", ()),
        (Delete(("Pod", "shop", "nobody")), "is not in the cluster any more", ()),
        (
            SetField(WEB, ("spec", "ports", 0, "port"), 70000),
            "Service shop/web: spec.ports[0].port: 70000 is not a port number (1 to 65535)",
            (0, "spec", "ports", 0, "port"),
        ),
        (SetField(WEB, ("spec", "ports", 0, "port")), "spec.ports[0].port: is missing", None),
        (SetField(WEB, ("spec", "type"), "Ingress"), '"Ingress" is not one of', None),
        (
            Rewrite((), "kind: Pod\nmetadata: {name: A}\nspec: {}"),
            '(Pod A) metadata.name: "A" is not an object\'s name',
            (0, "metadata", "name"),
        ),
        (Rewrite((), POD % "node-a"), "is in the cluster already", (0,)),
        (Rewrite((WEB_1,), POD % "node-x"), 'no Node "node-x"', (0, "spec", "nodeName")),
        (Rewrite((), "kind: Deployment"), "Deployment is not a kind that is simulated", ()),
        (Rewrite((), "a: ["), "is not YAML", ()),
        (Rewrite((), "just words"), "expected a Kubernetes object", ()),
        (Rewrite((WEB_1,), f"{POD % 'node-a'}---\n{POD % 'node-a'}"), "is in the file twice", (1,)),
    ],
)
def test_a_mistake_is_named(edit: Edit, said: str, path: tuple[object, ...] | None) -> None:
    with pytest.raises(FormatError) as raised:
        edited(DEMO, edit)
    assert said in str(raised.value)
    if path is not None:
        assert raised.value.path == path


def test_a_node_range_can_run_out() -> None:
    text = """
{kind: Node, metadata: {name: node-a}, spec: {podCIDR: 10.244.0.0/30}}
---
{kind: Service, metadata: {name: web}, spec: {selector: {a: b}, ports: [{port: 80}]}}
"""
    small = parse_cluster(text, "small").cluster
    assert len(edited(small, Scale("default", "web", 1)).pods) == 1
    with pytest.raises(FormatError, match="no address is left"):
        edited(small, Scale("default", "web", 2))


# ---------------------------------------------------------------- any edits at all


@st.composite
def any_edit(draw: st.DrawFn, cluster: Cluster) -> Edit:
    services = [s for s in cluster.services if s.namespace == "shop"]
    service = draw(st.sampled_from(services))
    key = ("Service", service.namespace, service.name)
    held = draw(st.sampled_from(cluster.pods))
    booleans, numbers = st.booleans(), st.integers(1, 65535)
    fields = {
        "type": st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]),
        "sessionAffinity": st.sampled_from(["None", "ClientIP"]),
        "internalTrafficPolicy": st.sampled_from(["Cluster", "Local"]),
        "externalTrafficPolicy": st.sampled_from(["Cluster", "Local"]),
        "publishNotReadyAddresses": booleans,
        "selector": st.sampled_from([{"app": "web"}, {"app": "api"}, {"app": "no"}, None]),
    }
    field = draw(st.sampled_from(sorted(fields)))
    port = draw(st.sampled_from(["port", "targetPort"]))
    edit: Edit = draw(
        st.one_of(
            st.builds(Scale, st.just("shop"), st.just(service.name), st.integers(0, 6)),
            st.builds(SetReady, st.just(held.namespace), st.just(held.name), booleans),
            st.builds(SetTerminating, st.just(held.namespace), st.just(held.name), booleans),
            st.just(Delete(("Pod", held.namespace, held.name))),
            st.builds(SetField, st.just(key), st.just(("spec", field)), fields[field]),
            st.builds(SetField, st.just(key), st.just(("spec", "ports", 0, port)), numbers),
            st.just(Rewrite((key,), text_of(cluster, [key]))),
        )
    )
    return edit


@pytest.mark.slow
@settings(max_examples=25)
@given(st.data(), st.sampled_from(list(ProxyMode)))
def test_after_any_edits_all_renders_every_trace_ends_once_and_undo_goes_back(
    data: st.DataObject, mode: ProxyMode
) -> None:
    session = first = Session(World(DEMO).with_mode(mode))
    made = 0
    for _ in range(data.draw(st.integers(1, 5))):
        cluster = session.world.cluster
        if not cluster.pods:
            break
        try:
            after = edited(cluster, data.draw(any_edit(cluster)))
        except FormatError:
            continue
        session, made = session.with_world(session.world.with_cluster(after)), made + 1
        for destination in ("svc/shop/web:80", "svc/shop/api:80", "node/node-a:30080"):
            try:
                session = session.injected(Injection("external/203.0.113.7", destination))
            except PlaceError:
                continue
            made += 1
            assert session.trace is not None
            check_trace(session.trace)
    world = session.world
    for node in world.cluster.nodes:
        assert world.ruleset(node.name, Family.IPV4).size
    again = parse_cluster(text_of(world.cluster, objects_of(world.cluster)), "again").cluster
    assert again == world.cluster
    for _ in range(made):
        session = session.undone()
    assert session is first
