"""EndpointSlices as the endpointslice controller makes them from selectors."""

import re

from tui.formats.cluster import Loaded, parse_cluster
from tui.sim.model.cluster import Endpoint, EndpointPort, EndpointSlice
from tui.sim.model.packet import Protocol

NODES = """
apiVersion: v1
kind: List
items:
- {kind: Node, metadata: {name: node-a, labels: {topology.kubernetes.io/zone: zone-1}}}
- {kind: Node, metadata: {name: node-b, labels: {topology.kubernetes.io/zone: zone-2}}}
- {kind: Node, metadata: {name: node-c}}
"""


def loaded_from(*documents: str) -> Loaded:
    return parse_cluster("\n---\n".join([NODES, *documents]), "cluster.yaml")


def slices_from(*documents: str) -> tuple[EndpointSlice, ...]:
    return loaded_from(*documents).cluster.slices


def service(spec: str = "", name: str = "web") -> str:
    ports = "" if "ports:" in spec else "ports: [{port: 80, targetPort: 8080}], "
    spec = f"{{selector: {{app: web}}, {ports}{spec}}}"
    return f"{{kind: Service, metadata: {{name: {name}, namespace: shop}}, spec: {spec}}}"


def pod(
    name: str,
    node: str = "node-a",
    *,
    spec: str = "",
    status: str = "{}",
    metadata: str = "",
    labels: str = "{app: web}",
) -> str:
    held = f"{{name: {name}, namespace: shop, labels: {labels}, {metadata}}}"
    spec = f"{{nodeName: {node}, {spec}}}"
    return f"{{kind: Pod, metadata: {held}, spec: {spec}, status: {status}}}"


def container(port: int, name: str = "http", protocol: str = "TCP") -> str:
    declared = f"{{containerPort: {port}, name: {name}, protocol: {protocol}}}"
    return f"containers: [{{name: c, ports: [{declared}]}}]"


def addresses(found: EndpointSlice) -> list[str]:
    return [endpoint.addresses[0] for endpoint in found.endpoints]


def test_one_slice_for_the_pods_that_are_selected() -> None:
    loaded = loaded_from(
        service(),
        pod("web-1"),
        pod("db", labels="{app: db}"),
        pod("web-2", "node-b", labels="{app: web, tier: front}"),
        pod("web-3", labels="{}"),
        "{kind: Pod, metadata: {name: web-4, labels: {app: web}}, spec: {nodeName: node-a}}",
    )
    (found,) = loaded.cluster.slices
    assert (found.namespace, found.service, found.address_type) == ("shop", "web", "IPv4")
    assert found.ports == (EndpointPort(8080, Protocol.TCP, ""),)
    assert found.endpoints == (
        Endpoint(("10.244.0.2",), node="node-a", zone="zone-1", target="pod/shop/web-1"),
        Endpoint(("10.244.1.2",), node="node-b", zone="zone-2", target="pod/shop/web-2"),
    )
    assert re.fullmatch("web-[bcdfghjklmnpqrstvwxz2456789]{5}", found.name)
    assert loaded.notes[-1] == (
        f"EndpointSlice shop/{found.name}: made from the selector of Service web, 2 endpoints."
    )


def test_names_repeat() -> None:
    assert slices_from(service(), pod("p")) == slices_from(service(), pod("p"))


def test_every_label_of_the_selector_counts() -> None:
    both = service().replace("{app: web}", "{app: web, tier: front}", 1)
    (found,) = slices_from(
        both, pod("one"), pod("two", labels="{tier: front, app: web}"), pod("three")
    )
    assert [endpoint.target for endpoint in found.endpoints] == ["pod/shop/two"]


def test_a_service_that_has_slices_keeps_them() -> None:
    given = (
        "{kind: EndpointSlice, metadata: {name: mine, namespace: shop, "
        "labels: {kubernetes.io/service-name: web}}, addressType: IPv4}"
    )
    assert [item.name for item in slices_from(service(), pod("p"), given)] == ["mine"]


def test_services_that_the_controller_leaves_alone() -> None:
    nothing = "{kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{port: 80}]}}"
    outside = service("type: ExternalName, externalName: example.com")
    assert slices_from(nothing, pod("p")) == ()
    assert slices_from(outside, pod("p")) == ()
    assert slices_from(service()) == ()


def test_ready_serving_terminating() -> None:
    unready = "{conditions: [{type: Ready, status: 'False'}]}"
    going = "deletionTimestamp: 2026-01-01T00:00:00Z"
    (found,) = slices_from(
        service(),
        pod("fine"),
        pod("unready", status=unready),
        pod("going", metadata=going),
        pod("gone", metadata=going, status=unready),
    )
    assert [(e.ready, e.serving, e.terminating) for e in found.endpoints] == [
        (True, True, False),
        (False, False, False),
        (False, True, True),
        (False, False, True),
    ]


def test_not_ready_addresses_may_be_published() -> None:
    unready = "{conditions: [{type: Ready, status: 'False'}]}"
    (found,) = slices_from(
        service("publishNotReadyAddresses: true"),
        pod("unready", status=unready),
        pod("going", metadata="deletionTimestamp: 2026-01-01T00:00:00Z"),
    )
    assert [(e.ready, e.serving, e.terminating) for e in found.endpoints] == [
        (True, False, False),
        (True, True, True),
    ]


def test_pods_that_are_done_or_have_no_address_are_no_endpoints() -> None:
    (found,) = slices_from(
        service(),
        pod("fine"),
        pod("done", status="{phase: Succeeded, podIP: 10.244.0.77}"),
        pod("waiting", status="{phase: Pending}"),
    )
    assert addresses(found) == ["10.244.0.2"]


def test_a_named_port_is_looked_up_in_each_pod() -> None:
    named = service("ports: [{port: 80, targetPort: http}]")
    found = slices_from(
        named,
        pod("a", spec=container(8080)),
        pod("b", spec=container(9090)),
        pod("c", spec=container(8080)),
        pod("d", spec=container(8080, protocol="UDP")),
        pod("e", spec=container(8080, name="other")),
    )
    assert [[port.port for port in item.ports] for item in found] == [[8080], [9090], []]
    assert [[e.target for e in item.endpoints] for item in found] == [
        ["pod/shop/a", "pod/shop/c"],
        ["pod/shop/b"],
        ["pod/shop/d", "pod/shop/e"],
    ]
    assert len({item.name for item in found}) == 3


def test_a_named_port_of_a_sidecar() -> None:
    sidecar = container(15001).replace("containers:", "initContainers:")
    sidecar = sidecar.replace("{name: c,", "{name: c, restartPolicy: Always,")
    (found,) = slices_from(service("ports: [{port: 80, targetPort: http}]"), pod("a", spec=sidecar))
    assert found.ports == (EndpointPort(15001, Protocol.TCP, ""),)


def test_ports_have_names_and_protocols_and_a_default_target() -> None:
    ports = "{name: udp, port: 53, protocol: UDP}, {name: tcp, port: 53, targetPort: 5353}"
    (found,) = slices_from(service(f"ports: [{ports}]"), pod("a"))
    assert found.ports == (
        EndpointPort(53, Protocol.UDP, "udp"),
        EndpointPort(5353, Protocol.TCP, "tcp"),
    )


def test_headless_services_have_slices_and_host_names() -> None:
    (found,) = slices_from(
        service("clusterIP: None, ports: []"),
        pod("web-0", spec="hostname: web-0, subdomain: web"),
        pod("web-1", spec="hostname: web-1, subdomain: other"),
    )
    assert found.ports == ()
    assert [endpoint.hostname for endpoint in found.endpoints] == ["web-0", ""]


def test_a_hundred_endpoints_to_a_slice() -> None:
    pods = [pod(f"web-{number}") for number in range(250)]
    found = slices_from(service(), *pods)
    assert [len(item.endpoints) for item in found] == [100, 100, 50]
    assert len({item.name for item in found}) == 3


def test_one_slice_for_each_family() -> None:
    both = "{podIPs: [{ip: 10.244.0.9}, {ip: 'fd00:244:0:0::9'}]}"
    found = slices_from(
        service("ipFamilyPolicy: PreferDualStack"),
        pod("a", status=both),
        pod("b", status="{podIP: 10.244.0.8}"),
    )
    assert [(item.address_type, addresses(item)) for item in found] == [
        ("IPv4", ["10.244.0.9", "10.244.0.8"]),
        ("IPv6", ["fd00:244::9"]),
    ]


def hints_for(distribution: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    (found,) = slices_from(
        service(f"trafficDistribution: {distribution}" if distribution else ""),
        pod("a"),
        pod("b", "node-b"),
        pod("c", "node-c"),
        pod("d", status="{conditions: [{type: Ready, status: 'False'}]}"),
    )
    return [(endpoint.zone_hints, endpoint.node_hints) for endpoint in found.endpoints]


def test_hints_follow_the_traffic_distribution() -> None:
    zones = [(("zone-1",), ()), (("zone-2",), ()), ((), ()), ((), ())]
    assert hints_for("") == [((), ())] * 4
    assert hints_for("PreferClose") == zones
    assert hints_for("PreferSameZone") == zones
    assert hints_for("PreferSameNode") == [
        (("zone-1",), ("node-a",)),
        (("zone-2",), ("node-b",)),
        ((), ("node-c",)),
        ((), ()),
    ]
