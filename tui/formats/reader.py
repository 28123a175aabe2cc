"""Reads Kubernetes objects into a draft of the cluster, each checked at its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from tui.formats.draft import Draft
from tui.formats.endpoint_slices import EndpointSliceObject
from tui.formats.errors import FieldError, FormatError, field_error_of, path_text
from tui.formats.nodes import NodeObject, ServiceCIDRObject
from tui.formats.objects import RawObject
from tui.formats.pods import PodObject
from tui.formats.policies import NetworkPolicyObject
from tui.formats.services import ServiceObject
from tui.sim.model.value import value

ObjectKey = tuple[str, str, str]
"""Kind, namespace (empty for a kind that has none) and name."""


@value
class _Kind:
    """How one kind is read and where its values go."""

    groups: frozenset[str]
    """API groups that have this kind; the empty one is v1, or nothing written."""
    read: Callable[[dict[str, Any]], Any]
    """From plain data to the value in the draft. Raises ValidationError or FieldError."""
    collection: str
    """The field of the draft."""
    namespaced: bool = True
    """Whether objects of the kind live in namespaces."""


_CORE = frozenset({""})

_KINDS = {
    "Node": _Kind(_CORE, lambda d: NodeObject.model_validate(d).value(), "nodes", False),
    "Pod": _Kind(_CORE, lambda d: PodObject.model_validate(d).value(), "pods"),
    "Service": _Kind(_CORE, lambda d: ServiceObject.model_validate(d).value(), "services"),
    "EndpointSlice": _Kind(
        frozenset({"", "discovery.k8s.io"}),
        lambda d: EndpointSliceObject.model_validate(d).value(),
        "slices",
    ),
    "NetworkPolicy": _Kind(
        frozenset({"", "networking.k8s.io"}),
        lambda d: NetworkPolicyObject.model_validate(d).value(d["spec"]),
        "policies",
    ),
    "ServiceCIDR": _Kind(
        frozenset({"", "networking.k8s.io"}),
        lambda d: ServiceCIDRObject.model_validate(d).value(),
        "service_cidrs",
        False,
    ),
}


@dataclass(slots=True)
class Reading:
    """What was read so far."""

    origin: str
    """The file, for errors."""
    values: dict[str, list[Any]] = field(
        default_factory=lambda: {kind.collection: [] for kind in _KINDS.values()}
    )
    """Values of each of the draft's fields."""
    places: dict[ObjectKey, RawObject] = field(default_factory=dict)
    """Where each object was found."""
    passed_by: Counter[str] = field(default_factory=Counter)
    """How many objects of each kind that the simulator has no use for."""

    def draft(self) -> Draft:
        """Everything read, as one value."""
        return Draft(**{name: tuple(values) for name, values in self.values.items()})

    def add(self, raw: RawObject) -> None:
        """Read one object. Raises FormatError."""
        kind = _KINDS.get(raw.kind)
        if kind is None or raw.group not in kind.groups:
            self.passed_by[raw.kind] += 1
            return
        try:
            value = kind.read(raw.data)
        except ValidationError as error:
            raise self.error(raw, field_error_of(error)) from None
        except FieldError as fault:
            raise self.error(raw, fault) from None
        self._register(raw, kind)
        self.values[kind.collection].append(value)

    def error(self, raw: RawObject, fault: FieldError) -> FormatError:
        """A fault in an object, with the object's place."""
        place = f"{raw.place} {path_text(fault.path)}".strip()
        return FormatError(self.origin, fault.problem, place, (*raw.path, *fault.path))

    def _register(self, raw: RawObject, kind: _Kind) -> None:
        metadata = raw.data["metadata"]
        namespace = (metadata.get("namespace") or "default") if kind.namespaced else ""
        key = (raw.kind, namespace, metadata["name"])
        earlier = self.places.setdefault(key, raw)
        if earlier is not raw:
            where = earlier.position or "earlier"
            problem = f"is in the file twice; first at {where}"
            raise FormatError(self.origin, problem, raw.place, raw.path)


def read_objects(objects: Iterable[RawObject], origin: str) -> Reading:
    """Read every object. Raises FormatError."""
    reading = Reading(origin)
    for raw in objects:
        reading.add(raw)
    return reading
