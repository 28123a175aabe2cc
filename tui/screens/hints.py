"""Places that can be typed: every pod, Service port, node and node port of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.sim.model.address import endpoint_text
from tui.sim.model.cluster import Cluster, Pod, Service
from tui.sim.model.value import value
from tui.words import Words
from tui.words.language import _

WORLD = "external/203.0.113.7"
"""An address of TEST-NET-3 (RFC 5737), for a client out in the world."""

OUTSIDE = _("outside the cluster")
HEADLESS = _("headless")


@value
class Hint:
    """One place, as the engine reads it, and what to know of it."""

    place: str
    """`svc/shop/web:80`."""
    note: str
    """`10.96.31.7`."""
    word: str = ""
    """What to know of it in words, marked for translation."""

    def noted(self, words: Words) -> str:
        """All that there is to know of it, in a language."""
        return " ".join(text for text in (self.note, self.word and words(self.word)) if text)


def sources(cluster: Cluster) -> list[Hint]:
    """Where a packet can start."""
    return [*_pods(cluster), *_nodes(cluster), Hint(WORLD, "", OUTSIDE)]


def destinations(cluster: Cluster) -> list[Hint]:
    """Where a packet can be sent to."""
    return [
        *(hint for service in cluster.services for hint in _service(service)),
        *_pods(cluster, ports=True),
        *(hint for service in cluster.services for hint in _node_ports(cluster, service)),
        *_nodes(cluster),
        Hint(f"{WORLD}:443", "", OUTSIDE),
    ]


def _pods(cluster: Cluster, *, ports: bool = False) -> Iterator[Hint]:
    for pod in cluster.pods:
        if pod.ips and not pod.finished:
            yield Hint(
                f"pod/{pod.namespace}/{pod.name}{_port(pod) if ports else ''}", str(pod.ips[0])
            )


def _port(pod: Pod) -> str:
    declared = [port.port for container in pod.containers for port in container.ports]
    return f":{declared[0]}" if declared else ""


def _nodes(cluster: Cluster) -> Iterator[Hint]:
    for node in cluster.nodes:
        yield Hint(f"node/{node.name}", str(node.internal_ips[0]) if node.internal_ips else "")


def _service(service: Service) -> Iterator[Hint]:
    """A place for each port number; TCP and UDP often share one, as DNS does."""
    address = "" if service.headless else (*service.cluster_ips, service.type)[0]
    for number in dict.fromkeys(port.port for port in service.ports):
        protocols = [port.protocol.value for port in service.ports if port.port == number]
        yield Hint(
            f"svc/{service.namespace}/{service.name}:{number}",
            f"{address} {', '.join(protocols)}".strip(),
            HEADLESS if service.headless else "",
        )


def _node_ports(cluster: Cluster, service: Service) -> Iterator[Hint]:
    node = next((n for n in cluster.nodes if n.internal_ips), None)
    for number in dict.fromkeys(port.node_port for port in service.ports):
        if number and node is not None:
            yield Hint(
                f"node/{node.name}:{number}",
                f"node port of {service.namespace}/{service.name}, "
                f"{endpoint_text(node.internal_ips[0], number)}",
            )


def matching(hints: Sequence[Hint], text: str) -> list[Hint]:
    """The hints that hold every word of a text, those that it names best first."""
    asked = text.lower().strip()
    words = asked.split()
    found = [h for h in hints if all(w in f"{h.place} {h.note}".lower() for w in words)]
    return sorted(found, key=lambda hint: _distance(hint.place.lower(), asked))


def _distance(place: str, asked: str) -> int:
    """How far a text is from naming a place: the whole place, its name, their beginnings, more."""
    name = place.rsplit("/", 1)[-1]
    reasons = (
        asked in (place, name),
        place.startswith(asked),
        name.startswith(asked),
    )
    return next((rank for rank, reason in enumerate(reasons) if reason), len(reasons))
