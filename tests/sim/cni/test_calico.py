"""Calico: felix's chains with their hashes as real nodes have them, blocks, routes, settings.

The hashes are those of iptables-save dumps that people have published (Calico v3.2x, 2022 to
2024): they come out right only if every rule of a chain is the real one, word for word.
"""

from ipaddress import ip_address

import pytest

from tests.sim.cni.pairs import PAIRS, SETTINGS, cluster, sent, told
from tui.sim.cni.calico import CalicoSettings, Encapsulation, calico_plugin
from tui.sim.cni.calico.blocks import affinities
from tui.sim.cni.calico.endpoints import endpoint_chains
from tui.sim.cni.calico.names import chain_named, veth_of
from tui.sim.cni.site import PodSite
from tui.sim.engine import World
from tui.sim.engine.dumps import installed
from tui.sim.model.address import Family, network
from tui.sim.model.cluster import Cluster
from tui.sim.model.value import replace
from tui.sim.netfilter.parse import parse_ruleset
from tui.sim.netfilter.rules import Comment
from tui.sim.netfilter.text import print_ruleset
from tui.sim.routing.network import RouteKind
from tui.sim.routing.text import print_route
from tui.sim.trace import ReasonCode

IPIP = World(cluster(), SETTINGS, "calico")

SEEN_ON_REAL_NODES = {
    ("filter", "INPUT"): ["Cz_u1IQiXIMmKD4c"],
    ("filter", "FORWARD"): ["wUHhoiAYhphO9Mso", "S93hcgKJrXEqnTfs", "mp77cMpurHhyjLrM"],
    ("filter", "OUTPUT"): ["tVnHkvAo15HuiPy0"],
    ("filter", "cali-FORWARD"): [
        "vjrMJCRpqwy5oRoX", "A_sPAO0mcxbT9mOV", "8ZoYfO5HKXWbB3pk", "jdEuaPBe14V2hutn",
        "12bc6HljsMKsmfr-", "NOSxoaGx8OIstr1z",
    ],
    ("filter", "cali-INPUT"): [
        "PajejrV4aFdkZojI", "_wjq-Yrma8Ly1Svo", "8TZGxLWh_Eiz66wc", "6McIeIDvPdL6PE1T",
        "YGPbrUms7NId8xVa", "2gmY7Bg2i0i84Wk_", "q-Vz2ZT9iGE331LL",
    ],
    ("filter", "cali-OUTPUT"): [
        "Mq1_rAdXXH3YkrzW", "69FkRTJDvD5Vu6Vl", "AnEsmO6bDZbQntWW", "9e9Uf3GU5tX--Lxy",
        "0f3LDz_VKuHFaA2K", "OgU2f8BVEAZ_fwkq",
    ],
    ("filter", "cali-wl-to-host"): ["Ee9Sbo10IpVujdIY", "nSZbcOoG1xPONxb8"],
    ("nat", "PREROUTING"): ["6gwbT8clXdHdC1b1"],
    ("nat", "cali-PREROUTING"): ["r6XmIziWUJsdOK6Z"],
    ("nat", "cali-nat-outgoing"): ["flqWnvo8yq4ULQLa"],
    ("mangle", "PREROUTING"): ["6gwbT8clXdHdC1b1"],
    ("raw", "PREROUTING"): ["6gwbT8clXdHdC1b1"],
}  # fmt: skip
"""By table and chain, in order; the dumps are of nodes with IPIP."""


def hashes(world: World, table: str, chain: str) -> list[str]:
    found = world.ruleset("node-a", Family.IPV4).chain(table, chain)
    assert found is not None
    comments = (m.text for r in found.rules for m in r.matches if isinstance(m, Comment))
    return [text.removeprefix("cali:") for text in comments if text.startswith("cali:")]


@pytest.mark.parametrize(("place", "wanted"), SEEN_ON_REAL_NODES.items())
def test_hashes_are_those_of_real_nodes(place: tuple[str, str], wanted: list[str]) -> None:
    assert hashes(IPIP, *place) == wanted


def test_the_first_rules_of_mangle_are_those_of_real_nodes() -> None:
    assert hashes(IPIP, "mangle", "cali-PREROUTING")[0] == "6BJqBjBC7crtA-7-"


def test_without_tunnels_the_chains_have_other_hashes() -> None:
    plain = World(cluster(), SETTINGS, "calico-bgp")
    assert hashes(plain, "filter", "cali-INPUT") == [
        "FewJpBykm9iJ-YNH", "hder3ARWznqqv8Va", "xgOu2uJft6H9oDGF", "_-d-qojMfHM6NwBo",
        "LqmE76MP94lZTGhA",
    ]  # fmt: skip


def test_the_chain_of_a_pod_begins_as_on_a_real_node() -> None:
    """Of cali112d888c0c2, a pod of metrics-server in kube-system of an AKS cluster."""
    pod = PodSite("pod/kube-system/any", "node-a", (ip_address("10.244.0.5"),))
    chains = {patch.chain: patch for patch in endpoint_chains([pod])}
    profile = chains["cali-pri-kns.kube-system"]
    assert [r.matches[0] for r in profile.rules] == [
        Comment("cali:J1TyxtHWd0qaBGK-"), Comment("cali:QIB6k7eEKdIg73Jp"),
    ]  # fmt: skip
    outward = chains["cali-pro-kns.kube-system"]
    assert [r.matches[0] for r in outward.rules] == [
        Comment("cali:tgOR2S8DVHZW3F1M"), Comment("cali:HVEEtYPJsiGRXCIt"),
    ]  # fmt: skip


def test_names_that_are_too_long_give_way_to_their_hash() -> None:
    known = "ksa.kube-system.metrics-server"
    assert chain_named("cali-pri-", known) == "cali-pri-_CVSZITRyIpEmH8AB6H"
    assert chain_named("cali-pri-", "kns.kube-system") == "cali-pri-kns.kube-system"


def test_many_pods_are_found_by_the_next_letter_of_their_veth() -> None:
    pods = [
        PodSite(f"pod/shop/web-{i}", "node-a", (ip_address(f"10.244.0.{i + 1}"),))
        for i in range(40)
    ]
    chains = {patch.chain: patch for patch in endpoint_chains(pods)}
    root = chains["cali-from-wl-dispatch"]
    assert len(root.rules) <= 17, "sixteen letters, and the end"
    inside = [c for name, c in chains.items() if name.startswith("cali-from-wl-dispatch-")]
    assert sum(len(c.rules) - 1 for c in inside) + len(root.rules) - 1 - len(inside) == 40


def test_what_is_printed_is_read_back() -> None:
    for name in ("calico", "calico-vxlan", "calico-bgp"):
        rules = World(cluster(), SETTINGS, name).ruleset("node-a", Family.IPV4)
        assert parse_ruleset(print_ruleset(rules), Family.IPV4) == rules


def test_routes_are_those_that_ip_route_shows() -> None:
    routes = [
        print_route(r)
        for r in IPIP.network.namespace("node/node-a").routes
        if r.protocol == "bird" or r.device.startswith("cali")
    ]
    assert routes == [
        "blackhole 10.244.0.0/26 proto bird",
        f"10.244.0.5 dev {veth_of('pod/shop/client')} scope link",
        f"10.244.0.6 dev {veth_of('pod/shop/web-a')} scope link",
        "10.244.1.0/26 via 192.168.10.2 dev tunl0 proto bird onlink",
        "10.244.2.0/26 via 192.168.20.3 dev tunl0 proto bird onlink",
    ]


def test_an_address_of_the_block_that_no_pod_has_goes_nowhere() -> None:
    table = IPIP.routing(IPIP.network.namespace("node/node-a"))
    route = table.lookup(ip_address("10.244.0.60"))
    assert route is not None
    assert route.kind is RouteKind.BLACKHOLE


def test_routers_that_are_peers_know_the_blocks_of_other_subnets() -> None:
    settings = CalicoSettings(Encapsulation.NONE, routers_peer=True)
    plugin = calico_plugin(settings)
    world = World(cluster(), SETTINGS, plugin.name, configured=plugin)
    assert "established" in told(world, PAIRS["other subnet"])
    alone = World(cluster(), SETTINGS, "calico-bgp")
    assert sent(alone, PAIRS["other subnet"]).connection.value == "timeout"


def test_nodes_without_pods_have_the_first_block_of_their_pod_cidr() -> None:
    bare = Cluster(cluster().nodes)
    given = affinities(World(bare, SETTINGS, "calico").site(), 26)
    assert [str(b) for b in given["node-b"].blocks] == ["10.244.1.0/26"]


def test_a_pod_in_the_block_of_another_node_is_told_of_by_its_own() -> None:
    base = cluster()
    stray = replace(base.pods[-1], ips=(ip_address("10.244.0.9"),))
    world = World(replace(base, pods=(*base.pods[:-1], stray)), SETTINGS, "calico")
    given = affinities(world.site(), 26)
    assert given["node-c"].borrowed == (ip_address("10.244.0.9"),)
    routes = world.network.namespace("node/node-a").routes
    borrowed = next(r for r in routes if r.destination == network("10.244.0.9/32") and r.via)
    assert print_route(borrowed) == "10.244.0.9 via 192.168.20.3 dev tunl0 proto bird onlink"


def test_sets_hold_pools_and_nodes() -> None:
    sets = {s.name: s for s in IPIP.plugin.sets(IPIP.site(), cluster().nodes[0], Family.IPV4)}
    assert {str(e.parts[0]) for e in sets["cali40masq-ipam-pools"].elements} == {"10.244.0.0/16"}
    assert len(sets["cali40all-hosts-net"].elements) == 3


def test_dumps_of_a_node_have_its_rules_and_sets() -> None:
    texts = {name: print_all() for name, print_all in installed(IPIP, "node-a").items()}
    assert "cali-nat-outgoing" in texts["iptables-save"]
    assert any("cali40masq-ipam-pools" in text for name, text in texts.items() if "ipset" in name)


def test_vxlan_is_not_tracked() -> None:
    vxlan = World(cluster(), SETTINGS, "calico-vxlan")
    found = sent(vxlan, PAIRS["other node"])
    codes = [s.reason.code for leg in found.legs for hop in leg.hops for s in hop.steps]
    assert ReasonCode.RULE_UNTRACKED in codes
