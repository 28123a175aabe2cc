"""Two clusters compared: which objects differ and where, and which Services gained endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any

from tui.sim.model.cluster import Cluster
from tui.sim.model.value import value


class Fate(StrEnum):
    """What became of an object."""

    NEW = "new"
    """It was not there before."""
    GONE = "gone"
    """It is there no more."""
    CHANGED = "changed"
    """One of its fields differs."""


@value
class Difference:
    """An object that differs, and one field of it where it does."""

    fate: Fate
    """What became of it."""
    owner: str
    """`Service shop/web`."""
    field: str = ""
    """As Kubernetes calls it: `ports[0].targetPort`."""
    now: str = ""
    """What it holds; empty where it is not there."""
    was: str = ""
    """What it held."""


@value
class EndpointCount:
    """How many endpoints of a Service are ready."""

    service: str
    """`shop/web`."""
    now: int
    """So many."""
    was: int
    """So many before."""


_NAMES = {
    "source_ranges": "loadBalancerSourceRanges",
    "publish_not_ready": "publishNotReadyAddresses",
    "affinity_timeout": "timeoutSeconds",
    "cluster_ips": "clusterIPs",
    "external_ips": "externalIPs",
    "ips": "podIPs",
    "node": "nodeName",
}
"""Fields that Kubernetes does not call by our name in camel case."""

_COLLECTIONS = ("nodes", "pods", "services", "policies", "service_cidrs", "slices")


def differences(before: Cluster, after: Cluster) -> Iterator[Difference]:
    """Each field that differs, EndpointSlices last."""
    for name in _COLLECTIONS:
        was, now = _by_name(getattr(before, name)), _by_name(getattr(after, name))
        for owner in {**now, **was}:
            old, new = was.get(owner), now.get(owner)
            if old is None:
                yield Difference(Fate.NEW, owner)
            elif new is None:
                yield Difference(Fate.GONE, owner)
            elif old is not new and old != new:
                yield from _changed(owner, old, new)


def endpoint_counts(before: Cluster, after: Cluster) -> Iterator[EndpointCount]:
    """The Services whose number of ready endpoints differs."""
    was, now = _ready(before), _ready(after)
    for service in {**was, **now}:
        if was[service] != now[service]:
            yield EndpointCount(service, now[service], was[service])


def _by_name(items: Iterable[Any]) -> dict[str, Any]:
    return {_owner(item): item for item in items}


def _owner(item: Any) -> str:  # noqa: ANN401 - an object of any kind
    namespace = getattr(item, "namespace", "")
    kind = type(item).__name__
    return f"{kind} {namespace}/{item.name}" if namespace else f"{kind} {item.name}"


def _ready(cluster: Cluster) -> Counter[str]:
    found: Counter[str] = Counter()
    for item in cluster.slices:
        found[f"{item.namespace}/{item.service}"] += sum(each.ready for each in item.endpoints)
    return found


# ---------------------------------------------------------------- fields


def _changed(owner: str, old: object, new: object) -> Iterator[Difference]:
    was, now = dict(_leaves(old, "")), dict(_leaves(new, ""))
    for name in {**now, **was}:
        if was.get(name) != now.get(name):
            yield Difference(Fate.CHANGED, owner, name, now.get(name, ""), was.get(name, ""))


def _leaves(held: object, path: str) -> Iterator[tuple[str, str]]:
    """Every single value with its place, as Kubernetes would call it."""
    if is_dataclass(held):
        for each in fields(held):
            yield from _leaves(getattr(held, each.name), f"{path}.{_camel(each.name)}".strip("."))
    elif isinstance(held, Mapping):
        for key, inner in held.items():
            yield from _leaves(inner, f"{path}[{key}]")
    elif isinstance(held, tuple | list):
        for index, inner in enumerate(held):
            yield from _leaves(inner, f"{path}[{index}]")
    elif isinstance(held, bool) or held not in (None, "", 0):
        yield path, _plain(held)


def _plain(held: object) -> str:
    if isinstance(held, bool):
        return "true" if held else "false"
    return str(held.value) if isinstance(held, Enum) else str(held)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return _NAMES.get(name) or first + "".join(word.title() for word in rest)
