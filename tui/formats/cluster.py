"""A cluster from a file of Kubernetes objects: what `kubectl get` prints, or manifests."""

from __future__ import annotations

from collections import Counter

from tui.formats.allocation import AllocationError, allocate
from tui.formats.documents import documents
from tui.formats.draft import cluster_of
from tui.formats.endpoint_controller import slices_from_selectors
from tui.formats.errors import FormatError
from tui.formats.objects import raw_objects
from tui.formats.reader import Reading, read_objects
from tui.formats.text import origin_of, read_text
from tui.sim.model.cluster import Cluster, EndpointSlice
from tui.sim.model.collection import collection_paused
from tui.sim.model.shown import some_of
from tui.sim.model.value import value

_KUBECTL = "kubectl get nodes,pods,services,endpointslices,networkpolicies -A -o json"
_ADVICE = f"save a cluster with `{_KUBECTL}`"


@value
class Loaded:
    """A cluster, and what had to be filled in to make it whole."""

    cluster: Cluster
    """The cluster."""
    notes: tuple[str, ...] = ()
    """English sentences: what was allocated, made from selectors, or passed by."""


def load_cluster(path: str) -> Loaded:
    """The cluster in a file; `-` is standard input. Raises FormatError."""
    return parse_cluster(read_text(path), origin_of(path))


def parse_cluster(text: str, origin: str) -> Loaded:
    """The cluster in a text, JSON or YAML; `origin` names it in errors. Raises FormatError."""
    with collection_paused():
        return _parsed(text, origin)


def _parsed(text: str, origin: str) -> Loaded:
    if not text.strip():
        raise FormatError(origin, f"is empty: {_ADVICE}")
    reading = read_objects(raw_objects(documents(text, origin), origin), origin)
    draft = reading.draft()
    if not draft.nodes and not draft.pods:
        raise FormatError(origin, _nothing_in_it(reading))
    try:
        allocation = allocate(draft)
    except AllocationError as error:
        raise _allocation_error(reading, error) from None
    made = slices_from_selectors(allocation.draft)
    notes = (*allocation.notes, *_slice_notes(made), *_passed_by_notes(reading.passed_by))
    return Loaded(cluster_of(allocation.draft, allocation.draft.slices + made), notes)


def _allocation_error(reading: Reading, error: AllocationError) -> FormatError:
    """The error at the object's place; a node that had to be made has none."""
    raw = reading.places.get(error.key)
    if raw is None:
        return FormatError(reading.origin, error.fault.problem, " ".join(error.key).strip())
    return reading.error(raw, error.fault)


# ---------------------------------------------------------------- words


def _nothing_in_it(reading: Reading) -> str:
    found = _counted(reading.passed_by) if reading.passed_by else ""
    hint = f" ({found} cannot stand for them)" if found else ""
    return f"has no Node and no Pod{hint}: {_ADVICE}"


def _slice_notes(made: tuple[EndpointSlice, ...]) -> list[str]:
    return [
        f"EndpointSlice {item.namespace}/{item.name}: made from the selector of Service "
        f"{item.service}, {_plural(len(item.endpoints), 'endpoint')}."
        for item in made
    ]


def _passed_by_notes(passed_by: Counter[str]) -> list[str]:
    return [f"Not simulated, passed by: {_counted(passed_by)}."] if passed_by else []


def _counted(kinds: Counter[str]) -> str:
    return some_of(f"{number} {kind}" for kind, number in kinds.items())


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
