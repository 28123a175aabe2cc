"""What Kubernetes says of a pod or a node, and the objects that it has to do with."""

from __future__ import annotations

from collections.abc import Iterator

from tui.screens.sections import Block, Link, facts, labels_text, object_heading
from tui.sim.engine.world import World
from tui.sim.model.cluster import Container, Node, Pod, Service
from tui.words import Words
from tui.words.language import _

MOST_LINKS = 60
"""Objects that one can go to from another."""


def pod_blocks(world: World, pod: Pod, words: Words) -> Iterator[Block]:
    """The object, its containers with their ports, and the Services that send to it."""
    state = [_("ready") if pod.ready else _("not ready")]
    state += [_("terminating")] if pod.terminating else []
    yield facts(
        object_heading("pod", pod.name, pod.namespace, words),
        (
            (words(_("node")), pod.node or words(_("not scheduled yet"))),
            (words(_("addresses")), ", ".join(map(str, pod.ips))),
            (words(_("state")), ", ".join(map(words, state))),
            (words(_("network")), words(_("the node's own")) if pod.host_network else ""),
            (words(_("labels")), labels_text(pod.labels.items())),
        ),
    )
    yield facts(f"# {words(_('containers'))}", map(_container, pod.containers))
    selecting = selecting_services(world, pod)
    heading = f"# {words(_('Services that select it'))}"
    yield facts(
        heading, ((f"{s.namespace}/{s.name}", labels_text(s.selector.items())) for s in selecting)
    )


def _container(each: Container) -> tuple[str, str]:
    ports = (f"{p.port}/{p.protocol.value}{f' ({p.name})' if p.name else ''}" for p in each.ports)
    return each.name, ", ".join(ports) or "-"


def selecting_services(world: World, pod: Pod) -> list[Service]:
    """The Services whose selector the pod's labels fulfil."""
    return [
        service
        for service in world.cluster.services
        if service.selector
        and service.namespace == pod.namespace
        and service.selector.items() <= pod.labels.items()
    ]


def pod_links(world: World, pod: Pod, words: Words) -> tuple[Link, ...]:
    """Its Services and its node."""
    services = (
        Link(f"{s.namespace}/{s.name}", "Service", f"svc/{s.namespace}/{s.name}")
        for s in selecting_services(world, pod)
    )
    node = [Link(pod.node, words(_("its node")), f"node/{pod.node}")] if pod.node else []
    return (*services, *node)


def node_blocks(world: World, node: Node, words: Words) -> Iterator[Block]:
    """The object."""
    pods = sum(pod.node == node.name for pod in world.cluster.pods)
    yield facts(
        object_heading("node", node.name, "", words),
        (
            ("InternalIP", ", ".join(map(str, node.internal_ips))),
            ("ExternalIP", ", ".join(map(str, node.external_ips))),
            (words(_("pod ranges")), ", ".join(map(str, node.pod_cidrs))),
            (words(_("zone")), node.zone or words(_("none"))),
            (words(_("pods")), str(pods)),
            (words(_("labels")), labels_text(node.labels.items())),
        ),
    )


def node_links(world: World, node: Node) -> tuple[Link, ...]:
    """The pods on it."""
    here = [pod for pod in world.cluster.pods if pod.node == node.name and not pod.host_network]
    return tuple(
        Link(f"{p.namespace}/{p.name}", "pod", f"pod/{p.namespace}/{p.name}")
        for p in here[:MOST_LINKS]
    )
