"""What can be changed about an object: a knob each, with what it says now and the edit it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from typing import Any

from tui.formats.edits import Delete, Edit, Scale, SetField, SetReady, SetTerminating
from tui.formats.reader import ObjectKey
from tui.formats.replicas import replicas, selects
from tui.sim.model.cluster import Cluster, Labels, Pod, Service, ServicePort
from tui.sim.model.value import value
from tui.words.language import _

_MOST = 50
"""Services and pods that are listed; others are found by name."""


class Turn(Enum):
    """How a knob is turned."""

    CHOOSE = auto()
    """One of a few values."""
    TYPE = auto()
    """A value that is typed."""
    DO = auto()
    """It is done at once."""
    WRITE = auto()
    """Objects as YAML."""
    GO = auto()
    """To another object's knobs."""
    FIND = auto()
    """To an object that is found by name."""


@value
class Knob:
    """One thing that can be changed."""

    label: str
    """What it is: a field by its own name, or words marked for translation."""
    turn: Turn
    """How it is turned."""
    now: str = ""
    """What it says now, as a form begins with it; with GO, the place."""
    choices: tuple[tuple[str, str], ...] = ()
    """The values that there are, each with what to know of it, marked for translation."""
    edit: Callable[[str], Edit] | None = None
    """The edit for a value; None where nothing is set."""
    hint: str = ""
    """What to type, or what to know, marked for translation."""
    keys: tuple[ObjectKey, ...] = ()
    """The objects that are written as YAML."""

    def edit_for(self, text: str) -> Edit:
        """The edit for a value. Raises ValueError with what is wrong with it."""
        assert self.edit is not None, self.label
        return self.edit(text)


def knobs_of(cluster: Cluster, place: str) -> list[Knob]:
    """What can be changed about a place: `svc/NS/NAME`, `pod/NS/NAME`, `node/NAME`, or nothing."""
    kind, _slash, rest = place.partition("/")
    namespace, _slash, name = rest.partition("/")
    own = _services(cluster)
    if kind == "svc" and (service := cluster.service(namespace, name)):
        own = _service(cluster, service)
    elif kind == "pod":
        pod = cluster.pod(namespace, name)
        own = _pod(cluster, pod) if pod else _told_by_slices(cluster, place)
    elif kind == "node" and cluster.node(rest):
        own = _node(cluster, rest)
    return [*own, *_always()]


def _services(cluster: Cluster) -> Iterator[Knob]:
    """Where nothing was chosen: the Services, the system's own last."""
    for service in sorted(cluster.services, key=lambda each: each.namespace == "kube-system")[
        :_MOST
    ]:
        yield Knob("Service", Turn.GO, f"svc/{service.namespace}/{service.name}")


def _always() -> Iterator[Knob]:
    yield Knob(_("a new object"), Turn.WRITE, hint=_("as YAML"))
    yield Knob(_("something else"), Turn.FIND, hint=_("find it by name"))


def _yaml(*keys: ObjectKey) -> Knob:
    kinds = ", ".join(dict.fromkeys(key[0] for key in keys))
    return Knob(_("as YAML"), Turn.WRITE, kinds, keys=keys)


# ---------------------------------------------------------------- Services


def _service(cluster: Cluster, service: Service) -> Iterator[Knob]:
    key = ("Service", service.namespace, service.name)
    running = replicas(cluster, service)
    if service.selector:
        yield Knob(
            _("number of pods"),
            Turn.TYPE,
            str(len(running)),
            edit=lambda text: Scale(service.namespace, service.name, _count(text)),
            hint=_("A Deployment would start them or end them."),
        )
    for index, port in enumerate(service.ports):
        yield from _port(key, service, index, port)
    yield from _choices(key, service)
    yield _selector(key, service.selector)
    if service.type == "LoadBalancer":
        yield _ranges(key, service)
    yield _yaml(key, *_slices(cluster, service))
    yield Knob(_("delete"), Turn.DO, edit=lambda _text: Delete(key), hint=_("with its endpoints"))
    yield from _ways_to(running)


_POLICIES = (
    ("Cluster", _("every node hands on to all endpoints")),
    ("Local", _("a node hands on to its own endpoints only")),
)
_TYPES = (
    ("ClusterIP", _("an address inside the cluster")),
    ("NodePort", _("and a port on every node")),
    ("LoadBalancer", _("and an address outside, written under status in its YAML")),
)
_AFFINITIES = (
    ("None", _("each connection on its own")),
    ("ClientIP", _("a client stays with its endpoint")),
)
_TRUTHS = (("true", ""), ("false", ""))

Choices = tuple[tuple[str, str], ...]


def _choices(key: ObjectKey, service: Service) -> Iterator[Knob]:
    internal, external = service.internal_traffic_policy, service.external_traffic_policy
    outside = service.type in ("NodePort", "LoadBalancer") or service.external_ips
    if service.type != "ExternalName":
        yield _choice(key, "type", service.type, _TYPES)
    yield _choice(key, "sessionAffinity", service.session_affinity, _AFFINITIES)
    yield _choice(key, "internalTrafficPolicy", internal, _POLICIES)
    if outside:
        yield _choice(key, "externalTrafficPolicy", external, _POLICIES)
    yield Knob(
        "publishNotReadyAddresses",
        Turn.CHOOSE,
        _truth(service.publish_not_ready),
        _TRUTHS,
        lambda text: SetField(key, ("spec", "publishNotReadyAddresses"), text == "true"),
    )


def _choice(key: ObjectKey, field: str, now: str, choices: Choices) -> Knob:
    path = ("spec", field)
    return Knob(field, Turn.CHOOSE, now, choices, lambda text: SetField(key, path, text))


def _port(key: ObjectKey, service: Service, index: int, port: ServicePort) -> Iterator[Knob]:
    """The numbers of one port; with several ports its name tells which."""
    more = f" ({port.name})" if len(service.ports) > 1 else ""
    path = ("spec", "ports", index)

    def knob(field: str, now: object, hint: str) -> Knob:
        return Knob(
            f"{field}{more}",
            Turn.TYPE,
            str(now or ""),
            edit=lambda text: SetField(key, (*path, field), _number_or_text(text)),
            hint=hint,
        )

    yield knob("port", port.port, _("A number from 1 to 65535."))
    target = _("A number, or the name of a container's port; empty: the same as port.")
    yield knob("targetPort", port.target_port, target)
    if service.type in ("NodePort", "LoadBalancer"):
        yield knob("nodePort", port.node_port, _("A number; empty: any that is free."))


def _selector(key: ObjectKey, selector: Labels) -> Knob:
    return Knob(
        "selector",
        Turn.TYPE,
        _labels_text(selector),
        edit=lambda text: SetField(key, ("spec", "selector"), _labels(text) or None),
        hint=_("Labels, as app=web, tier=front."),
    )


def _ranges(key: ObjectKey, service: Service) -> Knob:
    path = ("spec", "loadBalancerSourceRanges")
    return Knob(
        "loadBalancerSourceRanges",
        Turn.TYPE,
        ", ".join(service.source_ranges),
        edit=lambda text: SetField(key, path, _listed(text) or None),
        hint=_("Ranges, as 203.0.113.0/24, 198.51.100.0/24; empty: from everywhere."),
    )


def _slices(cluster: Cluster, service: Service) -> Iterator[ObjectKey]:
    for item in cluster.slices:
        if (item.namespace, item.service) == (service.namespace, service.name):
            yield "EndpointSlice", item.namespace, item.name


# ---------------------------------------------------------------- pods


def _pod(cluster: Cluster, pod: Pod) -> Iterator[Knob]:
    key = ("Pod", pod.namespace, pod.name)
    yield Knob(
        "ready",
        Turn.CHOOSE,
        _truth(pod.ready),
        (("true", _("its readiness probe succeeds")), ("false", _("it fails"))),
        lambda text: SetReady(pod.namespace, pod.name, text == "true"),
    )
    yield Knob(
        "terminating",
        Turn.CHOOSE,
        _truth(pod.terminating),
        (("true", _("deleted, and still running")), ("false", "")),
        lambda text: SetTerminating(pod.namespace, pod.name, text == "true"),
    )
    yield Knob(
        "labels",
        Turn.TYPE,
        _labels_text(pod.labels),
        edit=lambda text: SetField(key, ("metadata", "labels"), _labels(text) or None),
        hint=_("Labels, as app=web, tier=front."),
    )
    yield _yaml(key)
    yield Knob(
        _("delete"), Turn.DO, edit=lambda _text: Delete(key), hint=_("nothing here replaces it")
    )
    for service in cluster.services:
        if selects(service, pod):
            yield Knob("Service", Turn.GO, f"svc/{service.namespace}/{service.name}")
    for policy in cluster.policies:
        if policy.namespace == pod.namespace:
            held = ("NetworkPolicy", policy.namespace, policy.name)
            yield Knob("NetworkPolicy", Turn.WRITE, policy.name, keys=(held,))


def _node(cluster: Cluster, name: str) -> Iterator[Knob]:
    yield _yaml(("Node", "", name))
    yield from _ways_to([pod for pod in cluster.pods if pod.node == name])


def _ways_to(pods: Sequence[Pod]) -> Iterator[Knob]:
    for pod in pods[:_MOST]:
        yield Knob("Pod", Turn.GO, f"pod/{pod.namespace}/{pod.name}")


def _told_by_slices(cluster: Cluster, place: str) -> Iterator[Knob]:
    """A pod that only EndpointSlices tell of is changed in them."""
    keys = tuple(
        ("EndpointSlice", item.namespace, item.name)
        for item in cluster.slices
        if any(endpoint.target == place for endpoint in item.endpoints)
    )
    if keys:
        yield _yaml(*keys)


# ---------------------------------------------------------------- what is typed


def _truth(held: bool) -> str:
    return "true" if held else "false"


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(f'"{text}" is not a number of pods')
    return int(text)


def _number_or_text(text: str) -> Any:  # noqa: ANN401 - what a manifest would hold
    """A number where it is one; nothing where nothing was typed; else for the reader to judge."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _labels_text(labels: Labels) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items())


def _labels(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _listed(text):
        key, equals, held = part.partition("=")
        if not (key.strip() and equals):
            raise ValueError(f'"{part}" is not a label, as app=web is')
        found[key.strip()] = held.strip()
    return found


def _listed(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.split(",")) if part]
