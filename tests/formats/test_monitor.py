"""A trace told as the kernel's own tools tell one.

The lines about what looks like this on a node were taken from iptables v1.8.9 and nft v1.0.6 on
Linux 6.18; only handles, identifiers and IP identification are ours.
"""

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.formats.monitor import monitored
from tui.sim.engine import Choices, Injection, State, World, send
from tui.sim.model.settings import ProxyMode

WORLD = world_of(parser().parse_args(["sandbox"]))


def lines(mode: ProxyMode, source: str, destination: str, world: World = WORLD) -> list[str]:
    injection, choices = Injection(source, destination), Choices(pin="10.244.1.5:8080")
    trace, _ = send(world.with_mode(mode), State(), injection, choices)
    return list(monitored(trace.outcomes[0]))


def about(found: list[str], words: str) -> list[str]:
    return [line for line in found if words in line]


def without_identity(line: str) -> str:
    kept = [w for w in line.split(" ") if len(w) != 8 or not set(w) <= set("0123456789abcdef")]
    return " ".join(kept)


def test_iptables_is_told_as_xtables_monitor_tells_it() -> None:
    found = lines(ProxyMode.IPTABLES, "pod/shop/client", "svc/shop/web:80")
    assert found[0] == "# request, node/node-a"
    assert without_identity(found[1]) == (
        "PACKET: 2 IN=cni0 MACSRC=da:73:bd:8e:59:9f MACDST=56:f8:d0:71:80:fa MACPROTO=0800 "
        "SRC=10.244.0.7 DST=10.96.31.7 LEN=60 TOS=0x0 TTL=64 ID=0 DF SPORT=59899 DPORT=80 SYN "
    )
    assert without_identity(found[2]) == (
        " TRACE: 2 nat:PREROUTING:rule:0x1:JUMP:KUBE-SERVICES  -4 -t nat -A PREROUTING -m comment "
        '--comment "kubernetes service portals" -j KUBE-SERVICES'
    )
    [dnat] = about(found, "-j DNAT")
    assert ":rule:0x2:ACCEPT  -4 -t nat -A KUBE-SEP-" in dnat
    assert about(found, ":policy:ACCEPT ")
    assert [line for line in found if line.startswith("#")] == [
        "# request, node/node-a", "# request, node/node-b", "# reply, node/node-b",
        "# reply, node/node-a",
    ]  # fmt: skip


def test_a_mark_goes_on_and_is_shown_from_the_next_table_on() -> None:
    found = lines(ProxyMode.IPTABLES, "external/203.0.113.7", "node/node-a:30080")
    assert about(found, "nat:KUBE-MARK-MASQ:rule:0x1:CONTINUE  -4")
    assert about(found, "nat:KUBE-POSTROUTING:rule:0x2:CONTINUE  -4")
    marked = [line.endswith("MARK=0x4000 ") for line in about(found, "PACKET:")[:3]]
    assert marked == [False, True, True]


def test_nftables_is_told_as_nft_monitor_tells_it() -> None:
    found = lines(ProxyMode.NFTABLES, "pod/shop/client", "svc/shop/web:80")
    assert without_identity(found[1]) == (
        'trace id ip kube-proxy filter-prerouting-pre-dnat packet: iif "cni0" '
        "ether saddr da:73:bd:8e:59:9f ether daddr 56:f8:d0:71:80:fa ip saddr 10.244.0.7 "
        "ip daddr 10.96.31.7 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 0 ip length 60 "
        "tcp sport 59899 tcp dport 80 tcp flags == syn "
    )
    told = [without_identity(line) for line in found]
    assert "trace id ip kube-proxy filter-prerouting-pre-dnat policy accept " in told
    assert (
        "trace id ip kube-proxy nat-prerouting rule jump services (verdict jump services)" in told
    )
    [looked_up] = about(found, "vmap @service-ips")
    assert looked_up.endswith("(verdict goto service-452DNVGS-shop/web/tcp/)")
    assert about(found, "dnat ip to")[0].endswith("(verdict accept)")


@pytest.mark.parametrize("mode", [ProxyMode.IPTABLES, ProxyMode.NFTABLES])
def test_a_refusal_is_a_drop_to_the_kernel(mode: ProxyMode) -> None:
    """The rule has sent its ICMP error; what is left is that it ends here."""
    found = lines(mode, "pod/shop/client", "svc/shop/broken:80")
    [refusal] = about(
        found, "REJECT --reject-with" if mode is ProxyMode.IPTABLES else "rule reject"
    )
    assert ":DROP  -4 -t filter" in refusal or refusal.endswith("rule reject (verdict drop)")


def test_a_packet_is_known_by_one_number_in_a_hook_and_another_in_the_next() -> None:
    found = about(lines(ProxyMode.IPTABLES, "pod/shop/client", "svc/shop/web:80"), "TRACE: 2")
    numbers = {(line.split()[2], line.split()[3].split(":")[0]) for line in found}
    assert len({number for number, _ in numbers}) > 3
    assert all(len(number) == 8 for number, _ in numbers)
