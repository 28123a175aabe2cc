"""What CoreDNS answers about an ExternalName, and where that leads."""

from ipaddress import ip_address

from tests.sim.cni.pairs import SETTINGS, cluster
from tui.sim import dns
from tui.sim.engine import Injection, State, World, send
from tui.sim.model.cluster import (
    Cluster,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.listening import LISTEN_ANNOTATION as LISTEN
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace
from tui.sim.trace import ReasonCode, Verdict

DNS_POD = ip_address("10.244.0.9")


def named(**names: str) -> Cluster:
    """The usual cluster with some ExternalNames and a nameserver that nobody stands behind."""
    base = cluster()
    aliases = tuple(
        Service("shop", name, "ExternalName", external_name=goal) for name, goal in names.items()
    )
    server = Service("kube-system", "kube-dns", cluster_ips=("10.96.0.53",))
    return replace(base, services=(*base.services, *aliases, server))


def test_an_alias_inside_of_the_cluster_is_followed() -> None:
    found = dns.answer(
        named(twin="web.shop.svc.cluster.local", far="twin.shop.svc.cluster.local."),
        "far.shop.svc.cluster.local",
    )
    assert found.addresses == (ip_address("10.96.0.10"),)
    assert found.text == "CNAME twin.shop.svc.cluster.local, 10.96.0.10"


def test_aliases_that_go_round_end() -> None:
    found = dns.answer(named(me="me.shop.svc.cluster.local"), "me.shop.svc.cluster.local")
    assert found.addresses == ()


def test_an_alias_to_the_world_is_unknown_and_no_mistake() -> None:
    found = dns.answer(named(out="example.com"), "out.shop.svc.cluster.local")
    assert found.forwarded
    assert found.text == "CNAME example.com"


def test_a_packet_to_an_alias_of_the_world_ends_with_an_unknown_answer() -> None:
    base = named(out="example.com")
    dns_pod = Pod("kube-system", "dns", "node-a", (DNS_POD,), annotations={LISTEN: "53/UDP"})
    port = ServicePort(53, Protocol.UDP)
    services = tuple(
        replace(s, ports=(port,)) if s.name == "kube-dns" else s for s in base.services
    )
    endpoints = (Endpoint((str(DNS_POD),), node="node-a"),)
    item = EndpointSlice(
        "kube-system", "dns-1", "kube-dns", endpoints=endpoints,
        ports=(EndpointPort(53, Protocol.UDP),),
    )  # fmt: skip
    made = replace(base, services=services, pods=(*base.pods, dns_pod), slices=(*base.slices, item))
    world = World(made, SETTINGS, "flannel")
    outcome = send(world, State(), Injection("pod/shop/client", "out:80"))[0].outcomes[0]
    last = outcome.legs[-1].hops[-1].steps[-1]
    assert outcome.verdict is Verdict.UNKNOWN
    assert last.reason.code is ReasonCode.NAME_LED_OUT
