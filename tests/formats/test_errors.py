"""Every error is one line that names the file, the place inside it and what was expected."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tui.formats.cluster import load_cluster, parse_cluster
from tui.formats.errors import FormatError, path_text, quoted
from tui.formats.objects import raw_objects
from tui.formats.text import MAX_BYTES
from tui.sim.model.shown import printable

NODE = "{kind: Node, metadata: {name: node-a}}"
ADVICE = (
    "save a cluster with "
    "`kubectl get nodes,pods,services,endpointslices,networkpolicies -A -o json`"
)


def error_of(text: str) -> str:
    with pytest.raises(FormatError) as caught:
        parse_cluster(text, "cluster.yaml")
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith("cluster.yaml: ")
    return said.removeprefix("cluster.yaml: ")


def service(spec: str) -> str:
    item = f"{{kind: Service, metadata: {{name: web, namespace: shop}}, spec: {spec}}}"
    return f"{{kind: List, items: [{NODE}, {item}]}}"


IN_SERVICE = "items[1] (Service shop/web) spec"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("{ports: [{port: 70000}]}", ".ports[0].port: 70000 is not a port number (1 to 65535)"),
        ("{ports: [{port: 0}]}", ".ports[0].port: 0 is not a port number (1 to 65535)"),
        ("{ports: [{}]}", ".ports[0].port: is missing"),
        (
            '{ports: [{port: "80"}]}',
            '.ports[0].port: "80" is not a whole number; write it without quotes: 80',
        ),
        ("{ports: [{port: 80.5}]}", ".ports[0].port: 80.5 is not a whole number"),
        ("{ports: [{port: on}]}", ".ports[0].port: true is not a whole number"),
        ('{ports: "80"}', '.ports: "80" is not a list'),
        ("{ports: [80]}", ".ports[0]: 80 is not a mapping"),
        (
            "{ports: [{port: 80, protocol: Tcp}]}",
            '.ports[0].protocol: "Tcp" is not one of TCP, UDP or SCTP',
        ),
        (
            '{ports: [{port: 80, targetPort: "8080"}]}',
            '.ports[0].targetPort: "8080" is not a port number (1 to 65535) or the name of a '
            "container port; write it without quotes: 8080",
        ),
        (
            "{ports: [{port: 80, targetPort: 65536}]}",
            ".ports[0].targetPort: 65536 is not a port number (1 to 65535)",
        ),
        (
            "{ports: [{port: 80}, {port: 81}]}",
            ".ports[0].name: is missing; a Service with several ports names each of them",
        ),
        (
            "{ports: [{port: 80, name: a}, {port: 81, name: a}]}",
            '.ports[1].name: "a" is the name of an earlier port too',
        ),
        (
            "{ports: [{port: 80, name: Web}]}",
            '.ports[0].name: "Web" is not a DNS label: at most 63 lower-case letters, digits '
            "and '-'",
        ),
        (
            "{type: Internal}",
            '.type: "Internal" is not one of ClusterIP, NodePort, LoadBalancer or ExternalName',
        ),
        ("{selector: {app: on}}", '.selector.app: true is not text; write it in quotes: "true"'),
        ("{selector: {app/v: 1}}", '.selector["app/v"]: 1 is not text; write it in quotes: "1"'),
        ("{selector: {app: null}}", ".selector.app: null is not text"),
        ("{clusterIP: 10.96.0.256}", '.clusterIP: "10.96.0.256" is not an IP address or "None"'),
        ("{clusterIP: fe80::1%eth0}", '.clusterIP: "fe80::1%eth0" is not an IP address or "None"'),
        (
            "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.8]}",
            '.clusterIPs[0]: "10.96.0.8" is not what spec.clusterIP says ("10.96.0.9")',
        ),
        (
            "{clusterIPs: [None, 10.96.0.8]}",
            '.clusterIPs: "None" stands for a headless Service, and alone',
        ),
        ("{externalIPs: [web]}", '.externalIPs[0]: "web" is not an IP address'),
        (
            "{loadBalancerSourceRanges: [10.0.0.1]}",
            '.loadBalancerSourceRanges[0]: "10.0.0.1" is not a CIDR like 10.0.0.0/8 or fd00::/64',
        ),
        (
            "{sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}}",
            ".sessionAffinityConfig.clientIP.timeoutSeconds: 86401 is not a timeout from 1 to "
            "86400 seconds",
        ),
        (
            "{publishNotReadyAddresses: 'yes'}",
            '.publishNotReadyAddresses: "yes" is not true or false',
        ),
        ("[]", ": a list is not a mapping"),
    ],
)
def test_a_wrong_service(spec: str, said: str) -> None:
    assert error_of(service(spec)) == IN_SERVICE + said


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{kind: Pod}", "(Pod) metadata: is missing"),
        ("{kind: Pod, metadata: {generateName: web-}}", "(Pod) metadata.name: is missing"),
        (
            "{kind: Pod, metadata: {name: Web_1}, spec: {}}",
            '(Pod Web_1) metadata.name: "Web_1" is not an object\'s name: lower-case letters, '
            "digits, '-' and '.'",
        ),
        (
            "{kind: Pod, metadata: {name: web, labels: {topology.kubernetes.io/zone: 1}}}",
            '(Pod web) metadata.labels["topology.kubernetes.io/zone"]: 1 is not text; write it '
            'in quotes: "1"',
        ),
        (
            "{kind: Pod, metadata: {name: web}, spec: {}, status: {podIP: 10.244.0.300}}",
            '(Pod web) status.podIP: "10.244.0.300" is not an IP address',
        ),
        (
            "{kind: Pod, metadata: {name: web}, spec: {}, "
            "status: {podIP: 10.244.0.3, podIPs: [{ip: 10.244.0.4}]}}",
            '(Pod web) status.podIPs[0]: "10.244.0.4" is not what status.podIP says ("10.244.0.3")',
        ),
        (
            "{kind: Pod, metadata: {name: web}, spec: {nodeName: node-x}}",
            '(Pod web) spec.nodeName: the file has no Node "node-x"; it has node-a',
        ),
        (
            "{kind: Node, metadata: {name: b}, spec: {podCIDR: 10.244.0.0}}",
            '(Node b) spec.podCIDR: "10.244.0.0" is not a CIDR like 10.0.0.0/8 or fd00::/64',
        ),
        (
            "{kind: Node, metadata: {name: b}, status: {addresses: "
            "[{type: InternalIP, address: b}]}}",
            '(Node b) status.addresses[0].address: "b" is not an IP address',
        ),
        (
            "{kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, "
            'endpoints: [{addresses: ["web-1"]}]}',
            '(EndpointSlice s) endpoints[0].addresses[0]: "web-1" is not an IP address',
        ),
        (
            "{kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, "
            "endpoints: [{addresses: []}]}",
            "(EndpointSlice s) endpoints[0].addresses: is an empty list",
        ),
        (
            "{kind: NetworkPolicy, metadata: {name: p}, spec: {ingress: [{from: [{}]}]}}",
            "(NetworkPolicy p) spec.ingress[0].from[0]: needs a podSelector, a "
            "namespaceSelector or an ipBlock",
        ),
        (
            "{kind: NetworkPolicy, metadata: {name: p}, spec: {egress: [{to: [{ipBlock: "
            "{cidr: 10.0.0.0/8, except: [11.0.0.0/8]}}]}]}}",
            '(NetworkPolicy p) spec.egress[0].to[0].ipBlock.except[0]: "11.0.0.0/8" is not a '
            "part of 10.0.0.0/8",
        ),
        (
            "{kind: NetworkPolicy, metadata: {name: p}, spec: {egress: [{ports: "
            "[{port: 80, endPort: 79}]}]}}",
            "(NetworkPolicy p) spec.egress[0].ports[0].endPort: 79 is below port (80)",
        ),
    ],
)
def test_a_wrong_object(item: str, said: str) -> None:
    assert error_of(f"{NODE}\n---\n{item}") == f"document 2 {said}"


def test_the_only_object_needs_no_position() -> None:
    assert error_of("{kind: Pod, metadata: {name: web}}") == "(Pod web) spec: is missing"


def test_the_same_object_twice() -> None:
    text = f"{{kind: List, items: [{NODE}, {NODE}]}}"
    assert error_of(text) == "items[1] (Node node-a): is in the file twice; first at items[0]"


def test_the_default_namespace_is_a_namespace() -> None:
    pods = [
        "{kind: Pod, metadata: {name: web}, spec: {}}",
        "{kind: Pod, metadata: {name: web, namespace: default}, spec: {}}",
    ]
    said = "document 2 (Pod default/web): is in the file twice; first at document 1"
    assert error_of("\n---\n".join(pods)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", f"is empty: {ADVICE}"),
        (" \n\t\n", f"is empty: {ADVICE}"),
        ("{kind: List, items: []}", f"has no Node and no Pod: {ADVICE}"),
        ("---\n---\n", f"has no Node and no Pod: {ADVICE}"),
        (
            "{kind: Deployment, apiVersion: apps/v1}",
            f"has no Node and no Pod (1 Deployment cannot stand for them): {ADVICE}",
        ),
        ("hello", 'expected a Kubernetes object or a List of them, found "hello"'),
        ("[1, 2]", "expected a Kubernetes object or a List of them, found a list"),
        ("a: b", "has no kind; every Kubernetes object names one"),
        ("kind: 3", "kind: 3 is not the name of a kind"),
        ('{"kind": "\\u001b[2J"}', 'kind: "\\u001b[2J" is not the name of a kind'),
        ("{kind: Pod, apiVersion: 1}", "apiVersion: 1 is not text"),
        ("{kind: List, items: 3}", "items: 3 is not a list"),
        ("{kind: List, items: [3]}", "items[0]: expected an object, found 3"),
        ("{kind: List, items: [{}]}", "items[0]: has no kind; every Kubernetes object names one"),
        ('{"kind": "Pod",}', "line 1, column 16: is not JSON: Expecting property name enclosed "
         "in double quotes"),
        ("kind: Pod\n\tspec: x", "line 2, column 1: is not YAML: found a tab character that "
         "violates indentation"),
        ("kind: Pod\nspec: a: b", "line 2, column 8: is not YAML: mapping values are not allowed "
         "in this context"),
        ("kind: Pod\nspec: \x01", "line 2: is not YAML: character U+0001 is not allowed"),
    ],
)  # fmt: skip
def test_a_wrong_text(text: str, said: str) -> None:
    assert error_of(text) == said


# ---------------------------------------------------------------- files


def load_error(path: Path) -> str:
    with pytest.raises(FormatError) as caught:
        load_cluster(str(path))
    return str(caught.value).removeprefix(f"{path}: ")


def test_no_such_file(tmp_path: Path) -> None:
    assert load_error(tmp_path / "none.yaml") == "there is no such file"


def test_a_directory(tmp_path: Path) -> None:
    assert load_error(tmp_path) == "is a directory; name a file in it"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    assert load_error(tmp_path / "secret.yaml") == "cannot be read: Permission denied"


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(b"kind: \xff\xfe")
    assert load_error(path) == "is not UTF-8 text: byte 0xff at offset 6"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert load_error(path) == "is larger than 64 MiB, the most that is read"


# ---------------------------------------------------------------- words


@given(st.text())
def test_an_error_is_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    assert str(FormatError("file", text)).isprintable()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec",), "spec"),
        (("spec", "ports", 0, "port"), "spec.ports[0].port"),
        (("metadata", "labels", "a.b/c"), 'metadata.labels["a.b/c"]'),
        (("labels", ""), 'labels[""]'),
    ],
)
def test_paths(path: tuple[str | int, ...], text: str) -> None:
    assert path_text(path) == text


def test_long_values_are_cut() -> None:
    assert quoted("x" * 100) == '"' + "x" * 56 + "..."
    assert quoted({"a": 1}) == "a mapping"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
# the names that mean something, so that what is made reaches deep
NAMES = """
kind metadata name namespace labels spec status ports port protocol targetPort clusterIP clusterIPs
addresses addressType endpoints conditions podIP podIPs podCIDR nodeName containers ingress egress
from ipBlock cidrs selector type
"""
FIELDS = st.sampled_from(NAMES.split())
OBJECTS = st.builds(
    lambda kind, fields: {"kind": kind, "metadata": {"name": "x"}, "spec": {}, **fields},
    st.sampled_from(["Node", "Pod", "Service", "EndpointSlice", "NetworkPolicy", "ServiceCIDR"]),
    st.dictionaries(
        FIELDS, JSON_VALUES | st.dictionaries(FIELDS, JSON_VALUES, max_size=4), max_size=4
    ),
)


@given(OBJECTS)
def test_whatever_an_object_holds_it_loads_or_is_refused_in_one_line(item: object) -> None:
    text = yaml.safe_dump(item, allow_unicode=True)
    said = "f: fine"
    try:
        assert parse_cluster(text, "f").cluster.nodes
    except FormatError as error:
        said = str(error)
    assert said.startswith("f: ")
    assert said.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        f'{{"kind": "{"K" * 1_000_000}", "items": 3}}',
        f'{{"kind": "Pod", "metadata": {{"name": "{"N" * 1_000_000}"}}, "spec": {{}}}}',
        f'{{"kind": "Pod", "metadata": {{"name": "a", "labels": {{"{"k" * 1_000_000}": 1}}}}}}',
        f'{{"kind": "Service", "metadata": {{"name": "a"}}, "spec": {{"ports": '
        f'[{{"port": "{"8" * 1_000_000}"}}]}}}}',
        f'{{"kind": "Service", "metadata": {{"name": "a"}}, "spec": {{"ports": '
        f'[{{"port": 80, "targetPort": "{"8" * 1_000_000}"}}]}}}}',
        "- " + "x" * 1_000_000,
        "*" + "x" * 1_000_000,
    ],
)
def test_no_error_is_longer_than_a_few_lines(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_cluster(text, "f" * 1_000_000)
    assert len(str(caught.value)) < 2000


def test_kinds_that_are_passed_by_are_shortened() -> None:
    items = [NODE, *(f"{{kind: {f'Kind{n}' * 1000}}}" for n in range(50))]
    note = parse_cluster("\n---\n".join(items), "f").notes[-1]
    assert note.startswith("Not simulated, passed by: 1 Kind0Kind0")
    assert note.endswith(" and 40 more.")
    assert len(note) < 1200


LISTEN = 'metadata.annotations["k8snet-tui/listen"]'
FORM = "is not [ADDRESS:]PORT[/PROTOCOL], like 8080, 127.0.0.1:9090 or 53/UDP"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("foo, 99999", f'"foo" {FORM}'),
        ("80, 99999", '"99999": 99999 is not a port number (1 to 65535)'),
        ("0", '"0": 0 is not a port number (1 to 65535)'),
        ("80/ICMP", f'"80/ICMP" {FORM}'),
        ("localhost:80", f'"localhost:80" {FORM}'),
        (":80", f'":80" {FORM}'),
        ("\u0663", f'"\u0663" {FORM}'),
        ("9" * 10_000, f'"{"9" * 97}..." {FORM}'),
    ],
)
def test_what_a_pod_listens_on(entries: str, said: str) -> None:
    annotations = f"{{k8snet-tui/listen: '{entries}'}}"
    metadata = f"{{name: web, namespace: shop, annotations: {annotations}}}"
    assert error_of(f"{{kind: Pod, metadata: {metadata}, spec: {{}}}}") == (
        f"(Pod shop/web) {LISTEN}: {said}"
    )


def test_raw_objects_name_their_places() -> None:
    pod = {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
    documents = [None, pod, {"kind": "PodList", "items": [{"metadata": {"name": "db"}}]}]
    found = [raw.place for raw in raw_objects(documents, "f")]
    assert found == ["document 2 (Pod shop/web)", "document 3 items[0] (Pod db)"]
