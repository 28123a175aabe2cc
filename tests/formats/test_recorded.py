"""Clusters that a real kube-proxy was given: read whole, with nothing allocated."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tui.formats.cluster import Loaded, parse_cluster
from tui.formats.kube_proxy_config import parse_kube_proxy_config

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
CASES = sorted((REFERENCE / "recorded").glob("iptables-*.json"))


def case_of(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text())
    return case


def test_there_are_cases() -> None:
    assert len(CASES) == 50


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cluster_is_read_whole(path: Path) -> None:
    case = case_of(path)
    loaded = parse_cluster(json.dumps(case["cluster"]), path.name)
    kinds = Counter(item["kind"] for item in case["cluster"]["items"])
    cluster = loaded.cluster
    assert loaded.notes == ()
    assert len(cluster.nodes) == kinds["Node"]
    assert len(cluster.services) == kinds["Service"]
    assert len(cluster.slices) == kinds["EndpointSlice"]
    assert cluster.node(case["node"]) is not None


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_nothing_given_is_changed(path: Path) -> None:
    case = case_of(path)
    loaded = parse_cluster(json.dumps(case["cluster"]), path.name)
    services = [item for item in case["cluster"]["items"] if item["kind"] == "Service"]
    for service, item in zip(loaded.cluster.services, services, strict=True):
        spec = item["spec"]
        assert list(service.cluster_ips) == spec.get("clusterIPs", [])
        node_ports = [port.get("nodePort", 0) for port in spec.get("ports", [])]
        assert [port.node_port for port in service.ports] == node_ports
        assert service.health_check_node_port == spec.get("healthCheckNodePort", 0)


def test_endpoints_are_read_as_written() -> None:
    for path in CASES[:10]:
        case = case_of(path)
        slices = [item for item in case["cluster"]["items"] if item["kind"] == "EndpointSlice"]
        loaded: Loaded = parse_cluster(json.dumps(case["cluster"]), path.name)
        for found, item in zip(loaded.cluster.slices, slices, strict=True):
            written = [
                (
                    tuple(e["addresses"]),
                    e["conditions"]["ready"],
                    e["conditions"]["serving"],
                    e["conditions"]["terminating"],
                    e["nodeName"],
                    tuple(hint["name"] for hint in e.get("hints", {}).get("forZones", [])),
                )
                for e in item["endpoints"] or []
            ]
            assert [
                (e.addresses, e.ready, e.serving, e.terminating, e.node, e.zone_hints)
                for e in found.endpoints
            ] == written


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_configuration_is_read(path: Path) -> None:
    case = case_of(path)
    written = case["kubeProxyConfiguration"]
    settings = parse_kube_proxy_config(json.dumps(written), path.name).settings
    assert settings.mode.value == case["mode"]
    assert settings.hostname_override == written["hostnameOverride"]
    assert ",".join(settings.cluster_cidrs) == written["clusterCIDR"]
    assert settings.detect_local_mode == written.get("detectLocalMode", "")
    assert list(settings.node_port_addresses) == written.get("nodePortAddresses", [])
    iptables = written.get("iptables", {})
    assert settings.masquerade_all == iptables.get("masqueradeAll", False)
    assert settings.localhost_node_ports == iptables.get("localhostNodePorts", True)


def upstream_clusters() -> list[tuple[str, dict[str, Any]]]:
    data = json.loads((REFERENCE / "upstream-flows-iptables.json").read_text())
    return list(data["clusters"].items())


@pytest.mark.parametrize(("name", "cluster"), upstream_clusters(), ids=lambda v: str(v)[:30])
def test_objects_of_upstream_tests_are_read(name: str, cluster: dict[str, Any]) -> None:
    node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "test-node"}}
    items = [node, *cluster["services"], *cluster["endpointSlices"]]
    loaded = parse_cluster(json.dumps({"kind": "List", "items": items}), name)
    assert len(loaded.cluster.services) == len(cluster["services"])
    for service, written in zip(loaded.cluster.services, cluster["services"], strict=True):
        ranges = written["spec"].get("loadBalancerSourceRanges", [])
        assert list(service.source_ranges) == ranges
