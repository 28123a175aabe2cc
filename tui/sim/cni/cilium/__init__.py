"""Cilium, v1.16 (https://github.com/cilium/cilium): eBPF programs bring packets from pod to pod.

With its replacement of kube-proxy a Service is translated where a process calls connect(), so no
packet ever bears a cluster IP; node ports are translated at the network card. Without it,
Cilium still translates cluster IPs for pods, and kube-proxy does the rest.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address

from tui.sim.cni.cilium import rules, wiring
from tui.sim.cni.cilium.maps import address_of, maps_of
from tui.sim.cni.cilium.names import HOST, TUNNEL, lxc_of
from tui.sim.cni.cilium.settings import CiliumSettings, Routing
from tui.sim.cni.machine import CARD
from tui.sim.cni.site import Plugin, Site
from tui.sim.ebpf import Attach, Datapath
from tui.sim.model.address import Family, first_ipv4
from tui.sim.model.cluster import Node

_LOOPBACK = ip_address("169.254.42.1")
"""ipv4-service-loopback-address."""


def datapath(settings: CiliumSettings, site: Site, node: Node, family: Family) -> Datapath | None:
    """The programs of a node and their maps; IPv6 is left to the kernel here."""
    if family is not Family.IPV4:
        return None
    replaces, tunnelled = settings.kube_proxy_replacement, settings.routing is Routing.TUNNEL
    ingress = {lxc_of(p.place): Attach.FROM_CONTAINER for p in site.pods_on(node) if address_of(p)}
    ingress |= {TUNNEL: Attach.FROM_OVERLAY} if tunnelled else {}
    ingress |= {CARD: Attach.FROM_NETDEV} if replaces else {}
    return Datapath(
        maps_of(node, site),
        ingress,
        egress={HOST: Attach.FROM_HOST},
        socket_lb=replaces,
        packet_lb=not replaces,
        tunnel=TUNNEL if tunnelled else "",
        card=CARD,
        node_ip=first_ipv4(node.internal_ips),
        gateway=wiring.router_ip(node, site),
        loopback=_LOOPBACK,
    )


def cilium_plugin(settings: CiliumSettings, name: str) -> Plugin:
    """Cilium with some settings."""
    titles = {"cilium": "Cilium VXLAN", "cilium-native": "Cilium native",
              "cilium-kube-proxy": "Cilium + kube-proxy"}  # fmt: skip
    replaced = ("cilium-no-kube-proxy",) if settings.kube_proxy_replacement else ()
    return Plugin(
        name,
        titles.get(name, name),
        partial(wiring.node, settings),
        partial(wiring.pod, settings),
        partial(rules.rules, settings),
        fabric=partial(wiring.router_routes, settings),
        datapath=partial(datapath, settings),
        replaces_kube_proxy=settings.kube_proxy_replacement,
        simplified=(*replaced, "cilium-ipv4", "cilium-conntrack", "cilium-policies"),
    )


PLUGINS = (
    cilium_plugin(CiliumSettings(), "cilium"),
    cilium_plugin(CiliumSettings(Routing.NATIVE), "cilium-native"),
    cilium_plugin(CiliumSettings(kube_proxy_replacement=False), "cilium-kube-proxy"),
)
"""In place of kube-proxy with VXLAN and with native routing, and beside a kube-proxy."""

__all__ = ["PLUGINS", "CiliumSettings", "Routing", "cilium_plugin"]
