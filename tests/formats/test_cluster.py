"""The shapes in which Kubernetes objects come, and the defaults that the API server applies."""

import io
import json
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from tui.formats.cluster import load_cluster, parse_cluster
from tui.formats.text import STDIN
from tui.sim.model.cluster import Cluster, Container, ContainerPort, Endpoint, EndpointPort
from tui.sim.model.packet import Protocol

NODE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node-a"},
    "spec": {"podCIDR": "10.244.0.0/24"},
    "status": {"addresses": [{"type": "InternalIP", "address": "192.168.10.1"}]},
}
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-1", "namespace": "shop"},
    "spec": {"nodeName": "node-a", "containers": [{"name": "web"}]},
    "status": {"podIP": "10.244.0.5"},
}


def listed(*items: dict[str, Any], kind: str = "List") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "items": list(items)}


def cluster_of(*items: dict[str, Any]) -> Cluster:
    return parse_cluster(json.dumps(listed(NODE, *items)), "cluster.json").cluster


def service(spec: dict[str, Any], status: dict[str, Any] | None = None) -> dict[str, Any]:
    made = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}
    return made if status is None else {**made, "status": status}


# ---------------------------------------------------------------- shapes


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(listed(NODE, POD)),
        json.dumps(listed(NODE, POD), indent=4),
        yaml.safe_dump(listed(NODE, POD)),
        yaml.safe_dump_all([NODE, POD]),
        f"---\n{yaml.safe_dump(NODE)}---\n# nothing\n---\n{yaml.safe_dump(POD)}",
        f"{json.dumps(NODE)}\n{json.dumps(POD)}\n",
        f"{json.dumps(NODE)}\n---\n{json.dumps(POD)}",
        yaml.safe_dump_all([listed(NODE, kind="NodeList"), listed(POD, kind="PodList")]),
        yaml.safe_dump(listed(NODE, POD)).replace("\n", "\r\n"),
        "\ufeff" + json.dumps(listed(NODE, POD)),
        "\ufeff" + yaml.safe_dump(listed(NODE, POD)),
    ],
    ids=[
        "json", "indented", "yaml", "documents", "empty-document", "json-stream", "json-apart",
        "typed-lists", "crlf", "bom-json", "bom-yaml",
    ],
)  # fmt: skip
def test_every_shape_gives_the_same_cluster(text: str) -> None:
    loaded = parse_cluster(text, "file")
    assert loaded == parse_cluster(json.dumps(listed(NODE, POD)), "file")
    assert [node.name for node in loaded.cluster.nodes] == ["node-a"]
    assert [pod.name for pod in loaded.cluster.pods] == ["web-1"]


def test_items_of_a_typed_list_need_no_kind() -> None:
    bare = [{k: v for k, v in o.items() if k not in ("kind", "apiVersion")} for o in (NODE,)]
    loaded = parse_cluster(json.dumps(listed(*bare, kind="NodeList")), "nodes.json")
    assert [node.name for node in loaded.cluster.nodes] == ["node-a"]


def test_a_single_object_is_a_cluster() -> None:
    assert parse_cluster(json.dumps(NODE), "node.json").cluster.pods == ()


def test_a_file_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.dumps(listed(NODE, POD)).encode()
    path = tmp_path / "cluster.json"
    path.write_bytes(content)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert load_cluster(str(path)) == load_cluster(STDIN)


def test_a_redirection_of_powershell_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cluster.json"
    path.write_bytes(json.dumps(listed(NODE)).encode("utf-16"))
    assert load_cluster(str(path)).cluster.nodes[0].name == "node-a"


def test_unknown_kinds_pass_by_and_are_told() -> None:
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    loaded = parse_cluster(json.dumps(listed(NODE, deployment, deployment)), "c.json")
    assert loaded.notes == ("Not simulated, passed by: 2 Deployment.",)


def test_the_same_kind_of_another_group_passes_by() -> None:
    knative = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": 3}
    assert cluster_of(knative).services == ()


def test_same_name_in_two_namespaces_is_no_duplicate() -> None:
    other = {**POD, "metadata": {"name": "web-1"}, "status": {"podIP": "10.244.0.6"}}
    pods = cluster_of(POD, other).pods
    assert [(pod.namespace, pod.name) for pod in pods] == [("shop", "web-1"), ("default", "web-1")]


# ---------------------------------------------------------------- defaults


def test_defaults_of_a_service() -> None:
    found = cluster_of(service({"clusterIP": "10.96.0.9", "ports": [{"port": 80}]})).services[0]
    assert (found.namespace, found.type, found.cluster_ips) == (
        "default",
        "ClusterIP",
        ("10.96.0.9",),
    )
    assert (found.external_traffic_policy, found.internal_traffic_policy) == ("Cluster", "Cluster")
    assert (found.session_affinity, found.affinity_timeout) == ("None", 10800)
    port = found.ports[0]
    assert (port.port, port.protocol, port.name) == (80, Protocol.TCP, "")
    assert (port.target_port, port.node_port) == (None, 0)


@pytest.mark.parametrize("unset", [0, "", None])
def test_an_unset_target_port_is_the_port(unset: object) -> None:
    """Go prints an unset one as 0."""
    ports = [{"port": 80, "targetPort": unset}]
    assert cluster_of(service({"ports": ports})).services[0].ports[0].target_port is None


@pytest.mark.parametrize("labels", [{}, {"service.kubernetes.io/headless": ""}])
def test_a_slice_of_a_headless_service_is_labelled(labels: dict[str, str]) -> None:
    made = {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "web-x", "labels": {"kubernetes.io/service-name": "web", **labels}},
    }  # fmt: skip
    [found] = cluster_of(service({"clusterIP": "None"}), made).slices
    assert found.headless is bool(labels)


def test_null_is_an_absent_field() -> None:
    spec = {"clusterIP": "10.96.0.9", "ports": None, "selector": None, "externalIPs": None}
    found = cluster_of(service(spec)).services[0]
    assert (found.ports, found.selector, found.external_ips) == ((), {}, ())


def test_everything_that_a_service_may_say() -> None:
    spec = {
        "type": "LoadBalancer",
        "clusterIPs": ["10.96.0.9"],
        "ports": [
            {"name": "p", "port": 53, "protocol": "UDP", "targetPort": "dns", "nodePort": 31}
        ],
        "selector": {"app": "dns"},
        "externalIPs": ["203.0.113.010"],
        "loadBalancerSourceRanges": [" 203.0.113.7/025"],
        "externalTrafficPolicy": "Local",
        "internalTrafficPolicy": "Local",
        "healthCheckNodePort": 32,
        "sessionAffinity": "ClientIP",
        "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}},
        "trafficDistribution": "PreferSameNode",
        "publishNotReadyAddresses": True,
    }
    ingress = [{"ip": "198.51.100.1"}, {"ip": "198.51.100.2", "ipMode": "Proxy"}, {"hostname": "x"}]
    found = cluster_of(service(spec, {"loadBalancer": {"ingress": ingress}})).services[0]
    port = found.ports[0]
    assert (port.name, port.protocol, port.target_port) == ("p", Protocol.UDP, "dns")
    assert found.cluster_ips == ("10.96.0.9",)
    assert found.external_ips == ("203.0.113.010",)
    assert found.source_ranges == (" 203.0.113.7/025",)
    assert (found.external_traffic_policy, found.internal_traffic_policy) == ("Local", "Local")
    assert (found.health_check_node_port, port.node_port) == (32, 31)
    assert (found.session_affinity, found.affinity_timeout) == ("ClientIP", 60)
    assert (found.traffic_distribution, found.publish_not_ready) == ("PreferSameNode", True)
    assert [(entry.ip, entry.ip_mode) for entry in found.load_balancer] == [
        ("198.51.100.1", "VIP"),
        ("198.51.100.2", "Proxy"),
    ]


@pytest.mark.parametrize("spec", [{"clusterIP": "None"}, {"clusterIPs": ["None"]}])
def test_a_headless_service_stays_headless(spec: dict[str, Any]) -> None:
    found = cluster_of(service(spec)).services[0]
    assert found.cluster_ips == ("None",)
    assert found.headless


def test_an_external_name_gets_no_address() -> None:
    found = cluster_of(service({"type": "ExternalName", "externalName": "example.com"})).services[0]
    assert (found.cluster_ips, found.external_name) == ((), "example.com")


def test_a_node_with_one_cidr_or_many() -> None:
    many = {**NODE, "metadata": {"name": "node-b"}, "spec": {"podCIDRs": ["10.244.1.7/24"]}}
    external = {"type": "ExternalIP", "address": "203.0.113.9"}
    many["status"] = {"addresses": [{"type": "Hostname", "address": "b"}, external]}
    first, second = cluster_of(many).nodes
    assert first.internal_ips == (ip_address("192.168.10.1"),)
    assert first.pod_cidrs == (ip_network("10.244.0.0/24"),)
    assert second.pod_cidrs == (ip_network("10.244.1.0/24"),)
    assert second.external_ips == (ip_address("203.0.113.9"),)


def test_the_zone_of_a_node() -> None:
    labels = {"topology.kubernetes.io/zone": "zone-1"}
    node = {**NODE, "metadata": {"name": "node-b", "labels": labels}}
    assert cluster_of(node).nodes[1].zone == "zone-1"


def pod(spec: dict[str, Any], status: dict[str, Any], **metadata: object) -> dict[str, Any]:
    held = {"name": "web-1", **metadata}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": held, "spec": spec, "status": status}


def test_defaults_of_a_pod() -> None:
    found = cluster_of(pod({"nodeName": "node-a"}, {"podIPs": [{"ip": "10.244.0.5"}]})).pods[0]
    assert found.ips == (ip_address("10.244.0.5"),)
    assert found.ready
    assert (found.terminating, found.finished, found.host_network) == (False, False, False)
    assert (found.namespace, found.dns_policy, found.hostname) == ("default", "ClusterFirst", "")


def test_two_addresses_of_a_pod() -> None:
    status = {"podIP": "10.244.0.5", "podIPs": [{"ip": "10.244.0.5"}, {"ip": "fd00::5"}]}
    found = cluster_of(pod({"nodeName": "node-a"}, status)).pods[0]
    assert found.ips == (ip_address("10.244.0.5"), ip_address("fd00::5"))


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({"conditions": [{"type": "Ready", "status": "True"}]}, True),
        ({"conditions": [{"type": "Ready", "status": "False"}]}, False),
        ({"conditions": [{"type": "Initialized", "status": "True"}], "phase": "Running"}, True),
        ({"phase": "Pending"}, False),
        ({"phase": "Failed"}, False),
        ({}, True),
    ],
)
def test_readiness_of_a_pod(status: dict[str, Any], ready: bool) -> None:
    spec = {"nodeName": "node-a"}
    assert cluster_of(pod(spec, {"podIP": "10.244.0.5", **status})).pods[0].ready is ready


def test_a_pod_that_goes_away_and_one_that_is_done() -> None:
    spec, status = {"nodeName": "node-a"}, {"podIP": "10.244.0.5", "phase": "Running"}
    assert (
        cluster_of(pod(spec, status, deletionTimestamp="2026-01-01T00:00:00Z")).pods[0].terminating
    )
    assert cluster_of(pod(spec, {**status, "phase": "Succeeded"})).pods[0].finished


def test_a_deletion_timestamp_that_yaml_takes_for_a_date() -> None:
    text = """
    kind: Pod
    metadata: {name: web-1, deletionTimestamp: 2026-01-01T00:00:00Z}
    spec: {}
    """
    assert parse_cluster(text, "pod.yaml").cluster.pods[0].terminating


def test_containers_and_sidecars_but_no_other_init_container() -> None:
    web = {"name": "web", "ports": [{"containerPort": 80, "name": "http"}]}
    proxy = {
        "name": "proxy",
        "restartPolicy": "Always",
        "ports": [{"containerPort": 53, "protocol": "UDP"}],
    }
    spec = {"nodeName": "node-a", "containers": [web], "initContainers": [{"name": "once"}, proxy]}
    found = cluster_of(pod(spec, {"podIP": "10.244.0.5"})).pods[0]
    assert found.containers == (
        Container("web", (ContainerPort(80, Protocol.TCP, "http"),)),
        Container("proxy", (ContainerPort(53, Protocol.UDP, ""),)),
    )


def endpoint_slice(**fields: object) -> dict[str, Any]:
    metadata = {"name": "web-x", "labels": {"kubernetes.io/service-name": "web"}}
    made = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}
    return {**made, "addressType": "IPv4", **fields}


def test_defaults_of_an_endpoint() -> None:
    item = endpoint_slice(endpoints=[{"addresses": ["10.244.0.5"]}], ports=[{"port": 80}])
    found = cluster_of(item).slices[0]
    assert (found.service, found.namespace) == ("web", "default")
    assert found.endpoints == (Endpoint(("10.244.0.5",), True, True, False),)
    assert found.ports == (EndpointPort(80, Protocol.TCP, ""),)


@pytest.mark.parametrize("value", [None, True, False])
def test_conditions_of_an_endpoint(value: bool | None) -> None:
    conditions = {"ready": value, "serving": value, "terminating": value}
    item = endpoint_slice(endpoints=[{"addresses": ["10.244.0.5"], "conditions": conditions}])
    found = cluster_of(item).slices[0].endpoints[0]
    assert (found.ready, found.serving, found.terminating) == (
        value is not False,
        value is not False,
        value is True,
    )


def test_everything_that_an_endpoint_may_say() -> None:
    written = {
        "addresses": ["10.244.0.5", "10.244.0.6"],
        "nodeName": "node-a",
        "zone": "zone-1",
        "hostname": "web-0",
        "hints": {"forZones": [{"name": "zone-1"}], "forNodes": [{"name": "node-a"}]},
        "targetRef": {"kind": "Pod", "name": "web-1"},
    }
    found = cluster_of(endpoint_slice(endpoints=[written])).slices[0].endpoints[0]
    assert found.addresses == ("10.244.0.5", "10.244.0.6")
    assert (found.node, found.zone, found.hostname) == ("node-a", "zone-1", "web-0")
    assert (found.zone_hints, found.node_hints) == (("zone-1",), ("node-a",))
    assert found.target == "pod/default/web-1"


def test_a_slice_without_endpoints_as_kubectl_prints_it() -> None:
    found = cluster_of(endpoint_slice(endpoints=None, ports=None)).slices[0]
    assert (found.endpoints, found.ports) == ((), ())


def test_a_policy_is_kept_as_written() -> None:
    spec = {
        "podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["db"]}]},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 5432, "endPort": 5440}]}],
        "someday": {"unknown": [1, None]},
    }
    item = {"kind": "NetworkPolicy", "metadata": {"name": "db", "namespace": "shop"}, "spec": spec}
    found = cluster_of({"apiVersion": "networking.k8s.io/v1", **item}).policies[0]
    assert (found.namespace, found.name, found.spec) == ("shop", "db", spec)


def test_a_range_for_services() -> None:
    item = {
        "kind": "ServiceCIDR",
        "metadata": {"name": "extra"},
        "spec": {"cidrs": ["10.97.0.0/24"]},
    }
    found = cluster_of({"apiVersion": "networking.k8s.io/v1", **item}).service_cidrs[0]
    assert found.cidrs == (ip_network("10.97.0.0/24"),)
