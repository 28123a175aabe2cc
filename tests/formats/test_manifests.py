"""Values to manifests and back: what is written reads as the same."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.formats.cluster import load_cluster, parse_cluster
from tui.formats.edits import objects_of, text_of
from tui.formats.manifests import manifest_of
from tui.formats.yaml_lines import line_of
from tui.formats.yaml_reader import yaml_documents
from tui.formats.yaml_writer import yaml_text
from tui.sim.model.cluster import Cluster, NetworkPolicy, Node, Pod, Service, ServiceCIDR

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "recorded"
RECORDED = sorted(REFERENCE.glob("*.json"))


def again(cluster: Cluster) -> Cluster:
    return parse_cluster(text_of(cluster, objects_of(cluster)), "again").cluster


def test_the_demo_cluster(root: Path, two_nodes: Path) -> None:
    for file in (root / "lessons" / "demo" / "cluster.yaml", two_nodes):
        cluster = load_cluster(str(file)).cluster
        assert again(cluster) == cluster


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_recorded_cluster(path: Path) -> None:
    held = json.loads(path.read_text())["cluster"]
    cluster = parse_cluster(json.dumps(held), path.name).cluster
    assert again(cluster) == cluster


ODD = """
apiVersion: v1
kind: List
items:
- {kind: Node, metadata: {name: node-a, labels: {a: "yes", b: "010"}, annotations: {n: ""}}}
- {kind: ServiceCIDR, metadata: {name: more}, spec: {cidrs: [10.97.0.0/16, "fd00:97::/112"]}}
- kind: Pod
  metadata: {name: going, deletionTimestamp: 2026-01-01T00:00:00Z}
  spec: {nodeName: node-a, hostNetwork: true, dnsPolicy: Default}
  status: {conditions: [{type: Ready, status: "False"}]}
- {kind: Pod, metadata: {name: waiting}, spec: {}, status: {phase: Pending}}
- {kind: Pod, metadata: {name: done}, spec: {nodeName: node-a}, status: {phase: Failed}}
- kind: Pod
  metadata: {name: two}
  spec: {nodeName: node-a, hostname: two, subdomain: web}
  status: {podIPs: [{ip: 10.244.0.9}, {ip: "fd00:244::9"}]}
- kind: Service
  metadata: {name: lb}
  spec:
    type: LoadBalancer
    allocateLoadBalancerNodePorts: false
    clusterIPs: [10.96.0.9]
    ports: [{port: 80}]
    loadBalancerSourceRanges: [203.0.113.0/24]
    sessionAffinity: ClientIP
    sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}
    publishNotReadyAddresses: true
    trafficDistribution: PreferClose
  status: {loadBalancer: {ingress: [{ip: 203.0.113.9, ipMode: Proxy}]}}
- {kind: Service, metadata: {name: out}, spec: {type: ExternalName, externalName: example.com}}
- kind: EndpointSlice
  metadata: {name: hand, labels: {service.kubernetes.io/headless: ""}}
  addressType: IPv4
  ports: [{name: a}]
  endpoints:
  - addresses: [10.244.0.9]
    conditions: {ready: false, serving: true, terminating: true}
    hints: {forZones: [{name: z}], forNodes: [{name: node-a}]}
    targetRef: {kind: Pod, name: two}
- kind: NetworkPolicy
  metadata: {name: none}
  spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
"""


def test_what_is_rarely_written() -> None:
    cluster = parse_cluster(ODD, "odd").cluster
    assert again(cluster) == cluster


def test_every_kind_has_its_api_version() -> None:
    found = [
        (manifest_of(item)["apiVersion"], manifest_of(item)["kind"])
        for item in (
            Node("n"),
            Pod("ns", "p"),
            Service("ns", "s"),
            NetworkPolicy("ns", "p"),
            ServiceCIDR("c"),
        )
    ]
    assert found == [
        ("v1", "Node"),
        ("v1", "Pod"),
        ("v1", "Service"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("networking.k8s.io/v1", "ServiceCIDR"),
    ]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "y",
        "no",
        "on",
        "010",
        "1e3",
        ".5",
        "null",
        "~",
        "",
        "1_000",
        "12:30",
        "2026-01-01",
        "<<",
        "a:",
    ]
)
DATA = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(TEXTS, DATA, min_size=1, max_size=4), min_size=1, max_size=3))
def test_any_data_is_read_back(documents: list[object]) -> None:
    assert yaml_documents(yaml_text(documents), "text") == documents


def test_the_same_value_twice_is_written_twice() -> None:
    labels = {"app": "web"}
    assert yaml_text([{"a": labels, "b": labels}]) == "a:\n  app: web\nb:\n  app: web\n"


TEXT = "kind: Pod\nspec:\n  ports:\n  - port: 80\n---\nkind: Node\nmetadata: {name: n}\n"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((0, "spec", "ports", 0, "port"), 4),
        ((0, "spec", "ports", 7), 3),
        ((0, "metadata", "name"), 1),
        ((1, "metadata", "name"), 7),
        ((2, "kind"), None),
        ((), None),
    ],
)
def test_the_line_of_a_path(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(TEXT, path) == line
    assert line_of("a: [", (0, "a")) is None
