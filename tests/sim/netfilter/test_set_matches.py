"""Rules that ask ipsets, bridge ports and IPVS: whether they match, why not, and what it costs."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from tui.sim.model.address import IPAddress
from tui.sim.model.connection import ConnTuple
from tui.sim.model.packet import Packet, Protocol
from tui.sim.netfilter.examine import Endpoints, Matched, Mismatch, Unknown, View, examine
from tui.sim.netfilter.explain import explain
from tui.sim.netfilter.ipset_text import parse_sets
from tui.sim.netfilter.parse import parse_rule

SETS = {
    made.name: made
    for made in parse_sets(
        "create VIPS hash:ip,port family inet\nadd VIPS 10.96.0.11,tcp:80\n"
        "create SOURCES hash:net family inet\nadd SOURCES 10.0.0.0/8\nadd SOURCES 192.0.2.0/24\n"
    )
}
PACKET = Packet(
    ip_address("10.244.0.7"), ip_address("10.96.0.11"), Protocol.TCP, 40000, 80, flags="SYN"
)


class Nothing:
    """No list, no chance."""

    def seen(self, name: str, ip: IPAddress, seconds: int) -> bool:
        raise AssertionError(f"nobody asks for {name}")

    def note(self, name: str, ip: IPAddress) -> None:
        raise AssertionError(f"nobody writes to {name}")

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        raise AssertionError("nothing is left to chance")


VIEW = View(PACKET, "cni0", None, frozenset({"NEW"}), lambda ip: False, Nothing(), Nothing(),
            sets=SETS)  # fmt: skip
BRIDGED = replace(VIEW, bridge_port="veth1")
TAKEN = replace(VIEW, asked=ConnTuple.of(PACKET))

CASES = {
    "in the set": (VIEW, "-m set --match-set VIPS dst,dst -j RETURN", None),
    "not in the set": (
        VIEW, "-m set --match-set VIPS src,dst -j RETURN",
        Mismatch("set", "VIPS", "10.244.0.7,tcp:80"),
    ),
    "in the set, unwanted": (
        VIEW, "-m set ! --match-set VIPS dst,dst -j RETURN",
        Mismatch("set", "VIPS", "10.96.0.11,tcp:80", True),
    ),
    "not in the set, as wanted": (VIEW, "-m set ! --match-set VIPS src,dst -j RETURN", None),
    "no such set": (
        VIEW, "-m set --match-set GONE dst -j RETURN",
        Unknown("-m set --match-set GONE: there is no such set"),
    ),
    "from a bridge's port": (BRIDGED, "-m physdev --physdev-is-in -j DROP", None),
    "not from a bridge's port": (
        VIEW, "-m physdev --physdev-is-in -j DROP", Mismatch("physdev", "any", "none")
    ),
    "from a bridge's port, unwanted": (
        BRIDGED, "-m physdev ! --physdev-is-in -j DROP", Mismatch("physdev", "none", "veth1")
    ),
    "routed, as wanted": (VIEW, "-m physdev ! --physdev-is-in -j DROP", None),
    "taken by the virtual server": (
        TAKEN, "-m ipvs --vproto 6 --vaddr 10.96.0.11 --vport 80 -j DROP", None
    ),
    "not taken by IPVS": (
        VIEW, "-m ipvs --vaddr 10.96.0.11 -j DROP", Mismatch("ipvs", "10.96.0.11/32", "none")
    ),
    "taken at another port": (
        TAKEN, "-m ipvs --vaddr 10.96.0.11 --vport 81 -j DROP",
        Mismatch("vport", "81", "tcp 10.244.0.7:40000 -> 10.96.0.11:80"),
    ),
    "any other virtual server": (
        TAKEN, "-m ipvs ! --vaddr 10.96.0.0/12 -j DROP",
        Mismatch("vaddr", "10.96.0.0/12", "tcp 10.244.0.7:40000 -> 10.96.0.11:80", True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_is_examined_and_explained_alike(
    case: tuple[View, str, Mismatch | Unknown | None],
) -> None:
    view, text, expected = case
    rule = parse_rule(text)
    found = examine(rule, replace(view))
    assert explain(rule, view) == expected
    assert found == (Matched() if expected is None else expected)


def test_looks_are_counted_only_where_a_set_is_asked() -> None:
    view = replace(VIEW)
    examine(parse_rule("-m set --match-set VIPS dst,dst -j RETURN"), view)
    assert view.lookups == 1
    examine(parse_rule("-p udp -m set --match-set VIPS dst,dst -j RETURN"), view)
    assert view.lookups == 1, "the protocol failed before the set was asked"
    examine(parse_rule("-m set --match-set SOURCES src -j RETURN"), view)
    assert view.lookups == 3, "a range costs a look for each prefix length"
