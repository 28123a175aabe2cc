"""Plugins' own settings, read from their own files."""

import json

import pytest

from tests.sim.cni.pairs import PAIRS, SETTINGS, cluster, sent, told
from tui.formats.cni import parse_plugin
from tui.formats.errors import FormatError
from tui.sim.engine import World
from tui.sim.engine.dumps import installed
from tui.sim.model.address import Family
from tui.sim.netfilter.text import print_ruleset

CONFLIST = {
    "cniVersion": "1.0.0",
    "name": "mynet",
    "plugins": [
        {
            "type": "bridge", "bridge": "br-pods", "isDefaultGateway": True, "mtu": 1400,
            "ipMasq": True, "hairpinMode": True, "ipam": {"type": "host-local"},
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}  # fmt: skip
FLANNEL = {
    "Network": "10.244.0.0/16",
    "Backend": {"Type": "vxlan", "VNI": 4096, "Port": 4789, "DirectRouting": True},
}


def world(text: str) -> World:
    plugin = parse_plugin(text, "given.json").plugin
    return World(cluster(), SETTINGS, plugin.name, configured=plugin)


def test_a_conflist_sets_up_the_bridge_plugin() -> None:
    made = world(json.dumps(CONFLIST))
    bridge = made.network.namespace("node/node-a").device("br-pods")
    assert bridge.mtu == 1400
    assert "1,400 bytes" in told(made, PAIRS["other node"])


def test_ip_masq_hides_pods_from_all_but_their_own_range() -> None:
    made = world(json.dumps(CONFLIST))
    text = print_ruleset(made.ruleset("node-a", Family.IPV4))
    chain = next(line.split()[-1] for line in text.splitlines() if "-s 10.244.0.5/32" in line)
    assert f'-A {chain} -d 10.244.0.0/24 -m comment --comment "name: \\"mynet\\" id: ' in text
    assert f"-A {chain} ! -d 224.0.0.0/4 -m comment" in text
    assert len(chain) == len("CNI-") + 24
    assert "seen: 192.168.10.1 > 10.244.1.5" in told(made, PAIRS["other node"])
    assert "seen: 10.244.0.5 > 10.244.0.6" in told(made, PAIRS["same node"])


def test_without_hairpin_a_pod_does_not_reach_itself_through_its_service() -> None:
    conf = json.loads(json.dumps(CONFLIST))
    conf["plugins"][0]["hairpinMode"] = False
    ports = world(json.dumps(conf)).network.namespace("node/node-a").ports_of("br-pods")
    assert ports
    assert not any(port.hairpin for port in ports)


def test_net_conf_sets_up_flannel() -> None:
    made = world(json.dumps(FLANNEL))
    tunnel = made.network.namespace("node/node-a").device("flannel.4096").vxlan
    assert tunnel is not None
    assert (tunnel.vni, tunnel.port) == (4096, 4789)
    assert "vxlan" not in told(made, PAIRS["other node"]), "direct routing on the same subnet"
    assert "[vxlan 10.244.0.5 > 10.244.2.5]" in told(made, PAIRS["other subnet"])


def test_the_config_map_is_read_as_well() -> None:
    inside = json.dumps({"Network": "10.244.0.0/16", "Backend": {"Type": "host-gw"}})
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "kube-flannel-cfg"},
        "data": {"net-conf.json": inside},
    }
    assert parse_plugin(json.dumps(config_map), "given.json").plugin.name == "flannel-host-gw"


def test_what_is_not_simulated_is_told() -> None:
    conf = {"name": "n", "type": "bridge", "vlan": 5, "ipam": {"type": "dhcp"}}
    notes = parse_plugin(json.dumps(conf), "given.json").notes
    assert [note.split(":")[0].split()[-1] for note in notes] == [
        "isDefaultGateway",
        "vlan",
        "ipam",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Backend": {"Type": "udp"}}', 'Backend.Type: "udp" is not a backend that is simulated'),
        ('{"Backend": {"VNI": 99999999}}', "Backend.VNI"),
        ('{"Backend": 5}', "Backend"),
        ('{"plugins": 5, "name": "n"}', "plugins: 5 is not a list of plugins"),
        ('{"plugins": [5]}', "plugins[0]: expected a plugin, found 5"),
        ('{"plugins": [{"type": "bridge", "mtu": "1400"}]}', "plugins[0] mtu"),
        ('{"plugins": [{"bridge": "cni0"}]}', "plugins[0]: has no type"),
        ('{"plugins": [{"type": "macvlan"}]}', "has no settings of a CNI plugin"),
        ("[]", "has no settings of a CNI plugin: expected a CNI conflist"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(FormatError) as raised:
        parse_plugin(text, "given.json")
    assert str(raised.value).startswith("given.json")
    assert said in str(raised.value)


def test_every_packet_of_a_configured_world_has_an_end() -> None:
    made = world(json.dumps(CONFLIST))
    for pair in PAIRS.values():
        assert sent(made, pair).legs[0].hops
    assert installed(made, "node-a")


# ---------------------------------------------------------------- the AWS VPC CNI


def daemon_set(**variables: str) -> str:
    env = [{"name": name, "value": text} for name, text in variables.items()]
    containers = [{"name": "aws-eks-nodeagent"}, {"name": "aws-node", "env": env}]
    return json.dumps(
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": "aws-node", "namespace": "kube-system"},
            "spec": {"template": {"spec": {"containers": containers}}},
        }
    )


def test_the_environment_of_aws_node_is_read() -> None:
    made = world(
        daemon_set(
            AWS_VPC_ENI_MTU="1500",
            AWS_VPC_K8S_CNI_VETHPREFIX="pod",
            AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS="203.0.113.0/24, 198.51.100.0/24",
            AWS_VPC_K8S_CNI_CONNMARK="0x100",
        )
    )
    assert made.cni == "aws-vpc"
    text = installed(made, "node-a")["iptables-save"]()
    assert "-i pod+ -m comment" in text
    assert "--restore-mark --nfmask 0x100 --ctmask 0x100" in text
    assert "-d 198.51.100.0/24" in text
    assert "1,500 bytes" in told(made, PAIRS["same node"])


def test_prefix_delegation_is_another_plugin_and_what_is_not_simulated_is_said() -> None:
    text = daemon_set(ENABLE_PREFIX_DELEGATION="true", ENABLE_POD_ENI="true")
    loaded = parse_plugin(text, "given.json")
    assert loaded.plugin.name == "aws-vpc-prefix"
    assert loaded.notes == ("env ENABLE_POD_ENI: true is not simulated",)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_VPC_ENI_MTU", "9002", "expected a number from 576 to 9001"),
        ("AWS_VPC_ENI_MTU", "big", "expected a number from 576 to 9001"),
        ("AWS_VPC_K8S_CNI_EXTERNALSNAT", "yes", "expected true or false"),
        ("AWS_VPC_K8S_CNI_RANDOMIZESNAT", "dice", "expected prng, hashrandom or none"),
        ("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", "10.0.0.0/33", "expected IPv4 ranges"),
        ("AWS_VPC_K8S_CNI_VETHPREFIX", "much-too-long", "expected at most four letters"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_plugin(daemon_set(**{name: value}), "given.json")
    assert said in str(caught.value)
    assert f'given.json: spec.template.spec.containers["aws-node"].env["{name}"]' in str(
        caught.value
    )


# ---------------------------------------------------------------- Calico


def pool(**spec: object) -> str:
    return json.dumps(
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "IPPool",
            "metadata": {"name": "default-ipv4-ippool"},
            "spec": {"cidr": "10.244.0.0/16", **spec},
        }
    )


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({"ipipMode": "Always", "natOutgoing": True}, "calico"),
        ({"ipipMode": "CrossSubnet"}, "calico-cross-subnet"),
        ({"vxlanMode": "Always", "ipipMode": "Never"}, "calico-vxlan"),
        ({"ipipMode": "Never", "vxlanMode": "Never"}, "calico-bgp"),
        ({}, "calico-bgp"),
    ],
)
def test_a_pool_says_how_calico_encapsulates(spec: dict[str, object], name: str) -> None:
    assert parse_plugin(pool(**spec), "given.json").plugin.name == name


def test_nat_outgoing_block_size_and_peers_are_read() -> None:
    items = [json.loads(pool(blockSize=28)), {"apiVersion": "crd.projectcalico.org/v1",
             "kind": "BGPPeer", "metadata": {"name": "tor"}, "spec": {}}]  # fmt: skip
    made = world(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    assert "seen: 10.244.0.5 > 203.0.113.7" in told(made, PAIRS["world"]), "no natOutgoing"
    assert "established" in told(made, PAIRS["other subnet"]), "the routers are peers"
    routes = made.network.namespace("node/node-a").routes
    assert any(str(route.destination) == "10.244.0.0/28" for route in routes)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"ipipMode": "Sometimes"}, "spec.ipipMode"),
        ({"ipipMode": "Always", "vxlanMode": "Always"}, "both on"),
        ({"disabled": True}, "no IPv4 pool is in use"),
        ({"blockSize": 19}, "spec.blockSize"),
    ],
)
def test_a_wrong_pool_is_named(spec: dict[str, object], said: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_plugin(pool(**spec), "given.json")
    assert said in str(caught.value)
    assert str(caught.value).startswith("given.json: ")


# ---------------------------------------------------------------- Cilium


def cilium_config(**options: str) -> str:
    data = {name.replace("_", "-"): text for name, text in options.items()}
    return json.dumps(
        {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "cilium-config", "namespace": "kube-system"}, "data": data,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"kube_proxy_replacement": "true", "routing_mode": "tunnel"}, "cilium"),
        ({"kube_proxy_replacement": "true", "routing_mode": "native"}, "cilium-native"),
        ({}, "cilium-kube-proxy"),
    ],
)
def test_cilium_config_is_read(options: dict[str, str], name: str) -> None:
    assert parse_plugin(cilium_config(**options), "given.json").plugin.name == name


def test_what_cilium_config_changes_is_seen() -> None:
    made = world(cilium_config(enable_ipv4_masquerade="false", mtu="1400", tunnel_port="4789"))
    assert "seen: 10.244.0.5 > 203.0.113.7" in told(made, PAIRS["world"])
    assert "1,350 bytes" in told(made, PAIRS["other node"])
    tunnel = made.network.namespace("node/node-a").device("cilium_vxlan").vxlan
    assert tunnel is not None
    assert tunnel.port == 4789
    loaded = parse_plugin(cilium_config(bpf_lb_mode="dsr"), "given.json")
    assert loaded.notes == ("data bpf-lb-mode: dsr is not simulated, but snat is",)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"routing_mode": "both"}, 'data["routing-mode"]'),
        ({"kube_proxy_replacement": "strict"}, "expected true or false"),
        ({"mtu": "big"}, "expected a number up to 65535"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], said: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_plugin(cilium_config(**options), "given.json")
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", ["DaemonSet", "ConfigMap", "IPPool"])
@pytest.mark.parametrize("metadata", [None, [], "aws-node", {"name": 7}])
def test_what_is_no_object_at_all_is_refused_in_words(kind: str, metadata: object) -> None:
    text = json.dumps(
        {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "data": 3}
    )
    with pytest.raises(FormatError):
        parse_plugin(text, "given.json")
