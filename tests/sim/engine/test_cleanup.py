"""A UDP endpoint goes away: its conntrack entry is used until kube-proxy has synced."""

from ipaddress import ip_address, ip_network

import pytest

from tui.session import Session
from tui.sim.engine import Injection, World
from tui.sim.model.cluster import (
    Cluster,
    Container,
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Node,
    Pod,
    Service,
    ServicePort,
)
from tui.sim.model.packet import Protocol
from tui.sim.model.settings import ProxyMode, ProxySettings

NODE = Node("node-a", (ip_address("192.168.10.1"),), pod_cidrs=(ip_network("10.244.0.0/24"),))
LISTENING = (Container("app", tuple(ContainerPort(53, p) for p in (Protocol.UDP, Protocol.TCP))),)
OLD, NEW = "10.244.0.5", "10.244.0.6"


def world(mode: ProxyMode, protocol: Protocol, *endpoints: str) -> World:
    ips = ("10.244.0.7", OLD, NEW)
    pods = tuple(
        Pod("default", f"p{ip[-1]}", "node-a", (ip_address(ip),), containers=LISTENING)
        for ip in ips
    )
    service = Service(
        "default", "dns", cluster_ips=("10.96.0.10",), ports=(ServicePort(53, protocol, "dns"),)
    )
    listed = tuple(Endpoint((ip,), node="node-a") for ip in endpoints)
    port = EndpointPort(53, protocol, "dns")
    item = EndpointSlice("default", "dns-a", "dns", "IPv4", listed, (port,))
    settings = ProxySettings(mode=mode, cluster_cidrs=("10.244.0.0/16",))
    return World(Cluster((NODE,), pods, (service,), (item,)), settings, "bridge")


def destination(session: Session, protocol: Protocol) -> tuple[Session, str | None]:
    sent = session.injected(
        Injection("pod/default/p7", "10.96.0.10:53", protocol=protocol, sport=40000)
    )
    assert sent.trace is not None
    return sent, sent.trace.outcomes[0].destination


@pytest.mark.parametrize("mode", [ProxyMode.IPTABLES, ProxyMode.NFTABLES])
@pytest.mark.parametrize(
    ("protocol", "synced", "reached"),
    [(Protocol.UDP, False, OLD), (Protocol.UDP, True, NEW), (Protocol.TCP, True, OLD)],
)
def test_an_endpoint_is_replaced(
    mode: ProxyMode, protocol: Protocol, synced: bool, reached: str
) -> None:
    session, first = destination(Session(world(mode, protocol, OLD)), protocol)
    assert first == f"{OLD}:53"
    changed = session.with_world(world(mode, protocol, NEW), synced=synced)
    assert destination(changed, protocol)[1] == f"{reached}:53"


def test_without_any_endpoint_the_entry_stays() -> None:
    mode = ProxyMode.IPTABLES
    session, _ = destination(Session(world(mode, Protocol.UDP, OLD)), Protocol.UDP)
    changed = session.with_world(world(mode, Protocol.UDP))
    assert destination(changed, Protocol.UDP)[1] == f"{OLD}:53"
