"""All there is to know of a pod, a node, a Service or a device: what the inspector shows."""

from __future__ import annotations

from collections.abc import Iterator

from tui.screens.object_sections import node_blocks, node_links, pod_blocks, pod_links
from tui.screens.place_sections import place_sections
from tui.screens.sections import Inspected, Link, Section
from tui.screens.service_chains import chain_blocks
from tui.screens.service_sections import (
    endpoint_blocks,
    name_blocks,
    plans_of,
    service_blocks,
    service_links,
)
from tui.session import Session
from tui.sim.model.cluster import Node, Service
from tui.words import Words
from tui.words.language import _


def inspected(session: Session, place: str, device: str, words: Words) -> Inspected | None:
    """What is at a place, a device of it in view; None where there is nothing of that name."""
    if place.startswith("svc/"):
        return _service(session, place, words)
    space = session.world.network.namespaces.get(place)
    if space is None:
        return None
    sections = list(place_sections(session, space, device, words))
    found, links = _object(session, place, words)
    title = f"{place} · {device}" if device else place
    return Inspected(title, (*sections[:1], *found, *sections[1:]), links)


def _object(
    session: Session, place: str, words: Words
) -> tuple[tuple[Section, ...], tuple[Link, ...]]:
    """The pod or the node that a namespace belongs to, and where to go from it."""
    world, (kind, _slash, name) = session.world, place.partition("/")
    if kind == "node" and (node := world.cluster.node(name)) is not None:
        section = Section(words(_("node")), lambda: node_blocks(world, node, words))
        return (section,), node_links(world, node)
    namespace, _slash, name = name.partition("/")
    if kind == "pod" and (pod := world.cluster.pod(namespace, name)) is not None:
        section = Section(words(_("pod")), lambda: pod_blocks(world, pod, words))
        return (section,), pod_links(world, pod, words)
    return (), ()


def _service(session: Session, place: str, words: Words) -> Inspected | None:
    namespace, name = place.split("/")[1:3]
    service = session.world.cluster.service(namespace, name)
    if service is None:
        return None
    node = _node_looked_at(session)
    sections = (
        Section("Service", lambda: service_blocks(service, session.world.proxy.mode, words)),
        *(_on_node(session, service, node, words) if node is not None else ()),
        Section(words(_("names")), lambda: name_blocks(session.world, service, words)),
    )
    links = tuple(service_links(session, service, node, words)) if node is not None else ()
    return Inspected(place, sections, links)


def _on_node(session: Session, service: Service, node: Node, words: Words) -> Iterator[Section]:
    """What a node makes of a Service."""
    world = session.world
    yield Section(words(_("endpoints")), lambda: endpoint_blocks(world, service, node, words))
    yield Section(
        words(_("chains")),
        lambda: chain_blocks(session, service, node.name, plans_of(world, service, node), words),
    )


def _node_looked_at(session: Session) -> Node | None:
    """The packet's node, else the first."""
    nodes = session.world.cluster.nodes
    here = session.moment.hop.node if session.moment else None
    return next((node for node in nodes if node.name == here), nodes[0] if nodes else None)
