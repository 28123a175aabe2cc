"""More or fewer pods behind a Service, as the controller of a Deployment would see to it.

Follows pkg/controller/replicaset of v1.36 in what goes first: pods that are not ready, then
the youngest. Pods that come are spread over the nodes, as the scheduler spreads them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container as Held
from collections.abc import Iterator, Sequence

from tui.formats.draft import PodDraft
from tui.sim.model.cluster import Cluster, Container, ContainerPort, Pod, Service
from tui.sim.model.value import replace

MOST = 1000
"""Most pods that a Service is scaled to."""


def replicas(cluster: Cluster, service: Service) -> tuple[Pod, ...]:
    """The pods that a Service selects and that are neither finished nor going."""
    wanted = service.selector.items()
    return tuple(
        pod
        for pod in cluster.pods
        if pod.namespace == service.namespace
        and wanted
        and wanted <= pod.labels.items()
        and not (pod.finished or pod.terminating)
    )


def more_pods(cluster: Cluster, service: Service, count: int) -> Iterator[PodDraft]:
    """So many further pods, each with a node, none with an address."""
    running = replicas(cluster, service)
    model = running[-1] if running else _made_for(service)
    taken = {pod.name for pod in cluster.pods if pod.namespace == service.namespace}
    load = Counter(pod.node for pod in running)
    for _ in range(count):
        name = _free_name(model.name, taken)
        node = min((node.name for node in cluster.nodes), key=lambda name: load[name])
        taken.add(name)
        load[node] += 1
        yield PodDraft(_copy(model, name, node))


def fewer_pods(running: Sequence[Pod], count: int) -> Held[Pod]:
    """So many of the pods, those that go first."""
    youngest_first = running[::-1]
    return sorted(youngest_first, key=lambda pod: pod.ready)[:count]


def _copy(model: Pod, name: str, node: str) -> Pod:
    named_after_itself = model.hostname == model.name
    return replace(
        model,
        name=name,
        node=node,
        ips=(),
        ready=True,
        hostname=name if named_after_itself else model.hostname,
    )


def _free_name(name: str, taken: Held[str]) -> str:
    """`web-4` after `web-3`, `web-2` after `web`."""
    found = re.fullmatch(r"(.+)-([0-9]{1,9})", name)
    stem, number = (found[1], int(found[2])) if found else (name, 1)
    while (candidate := f"{stem}-{number}") in taken or candidate == name:
        number += 1
    return candidate


def _made_for(service: Service) -> Pod:
    """A pod that a Service without any selects, listening where the Service looks for it."""
    ports = tuple(
        ContainerPort(
            port.target_port if isinstance(port.target_port, int) else port.port,
            port.protocol,
            port.target_port if isinstance(port.target_port, str) else "",
        )
        for port in service.ports
    )
    return Pod(
        service.namespace,
        f"{service.name}-0",
        labels=service.selector,
        containers=(Container("app", ports),),
    )
