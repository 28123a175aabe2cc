"""The network that a plugin makes of a cluster: which namespaces there are, and where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tui.sim.cni.machine import (
    CARD,
    card_addresses,
    external_machine,
    external_place,
    fabric,
    node_place,
)
from tui.sim.cni.site import Plugin, PodSite, Site
from tui.sim.model.address import IPAddress
from tui.sim.model.cluster import Node
from tui.sim.model.value import replace
from tui.sim.routing.network import FABRIC, Namespace, Namespaces, Network

Finish = Callable[[Namespace], Namespace]
"""What is added to a node after the plugin made it."""
_Builders = dict[str, Callable[[], Namespace]]


def wired(plugin: Plugin, site: Site, finish: Finish) -> Network:
    """The network of a cluster's nodes and pods, with the fabric between them."""
    nodes = site.cluster.nodes
    builders = _node_builders(plugin, site, nodes, finish)
    for node in nodes:
        builders |= _pod_builders(plugin, site, node, site.pods_on(node))
    builders[FABRIC] = lambda: fabric(site, plugin.fabric(site))
    places = {own.name: tuple(pod.place for pod in site.pods_on(own)) for own in nodes}
    return Network(
        Namespaces(builders),
        {ip: pod.place for node in nodes for pod in site.pods_on(node) for ip in pod.ips},
        {own.ip: node_place(n.name) for n in nodes for own in card_addresses(n, site)},
        _cards(plugin, site, nodes),
        {name: (node_place(name), *pods) for name, pods in places.items()},
    )


def extended(
    network: Network,
    plugin: Plugin,
    site: Site,
    pods: tuple[PodSite, ...],
    externals: tuple[IPAddress, ...],
    finish: Finish,
) -> Network:
    """The same network with more pods, of which the site knows, and machines out in the world.

    A node that gets a pod has one more device; all other namespaces stay what they were.
    """
    homes = {pod.node: [p for p in pods if p.node == pod.node] for pod in pods}
    nodes = tuple(node for node in site.cluster.nodes if node.name in homes)
    builders = _node_builders(plugin, site, nodes, finish)
    for node in nodes:
        builders |= _pod_builders(plugin, site, node, tuple(homes[node.name]))
    builders |= {external_place(ip): partial(external_machine, ip) for ip in externals}
    known = network.namespaces
    assert isinstance(known, Namespaces)
    more = {n: (*network.machines[n], *(p.place for p in homes[n])) for n in homes}
    addresses = {ip: pod.place for pod in pods for ip in pod.ips}
    return replace(
        network,
        namespaces=Namespaces(builders, known),
        pods={**network.pods, **addresses} if addresses else network.pods,
        cards={**network.cards, **_cards(plugin, site, nodes)} if nodes else network.cards,
        machines={**network.machines, **more},
    )


def _cards(plugin: Plugin, site: Site, nodes: tuple[Node, ...]) -> dict[IPAddress, tuple[str, str]]:
    """Where the wire between the nodes leads: to their own addresses, and to what they took on."""
    found = {
        ip: (node_place(n.name), dev) for n in nodes for ip, dev in plugin.wire(n, site).items()
    }
    own = {a.ip: (node_place(n.name), CARD) for n in nodes for a in card_addresses(n, site)}
    return found | own


def _node_builders(
    plugin: Plugin, site: Site, nodes: tuple[Node, ...], finish: Finish
) -> _Builders:
    return {node_place(node.name): partial(_node, plugin, site, node, finish) for node in nodes}


def _node(plugin: Plugin, site: Site, node: Node, finish: Finish) -> Namespace:
    return finish(plugin.node(node, site))


def _pod_builders(plugin: Plugin, site: Site, node: Node, pods: tuple[PodSite, ...]) -> _Builders:
    return {pod.place: partial(plugin.pod, pod, node, site) for pod in pods}
