"""Edits of a cluster: one small value each, and what becomes of the cluster.

Fields are set in the object's manifest, which is then read as a file is read. So a form takes
what a file takes, and refuses in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tui.formats.allocation import AllocationError
from tui.formats.documents import documents
from tui.formats.draft import Draft, PodDraft
from tui.formats.errors import FormatError, Path, path_text
from tui.formats.manifests import Data, Object, manifest_of
from tui.formats.merging import objects_in, replaced
from tui.formats.objects import raw_objects
from tui.formats.reader import ObjectKey, Reading, read_objects
from tui.formats.replicas import MOST, fewer_pods, more_pods, replicas
from tui.formats.settling import draft_of, settled
from tui.formats.yaml_writer import yaml_text
from tui.sim.model.cluster import Cluster, Pod
from tui.sim.model.collection import collection_paused
from tui.sim.model.shown import shown
from tui.sim.model.value import replace, value


@value
class Scale:
    """Another number of pods behind a Service."""

    namespace: str
    """Namespace of the Service."""
    service: str
    """Its name."""
    pods: int
    """How many there are to be."""


@value
class SetReady:
    """A pod begins or ceases to be ready."""

    namespace: str
    """Namespace of the pod."""
    pod: str
    """Its name."""
    ready: bool = True
    """Its Ready condition."""


@value
class SetTerminating:
    """A pod begins to go; or it does not, which only undoes that."""

    namespace: str
    """Namespace of the pod."""
    pod: str
    """Its name."""
    terminating: bool = True
    """Whether it has a deletionTimestamp."""


@value
class Delete:
    """An object goes, and with a Service its EndpointSlices."""

    key: ObjectKey
    """The object."""


@value
class SetField:
    """A field of an object gets another value, or none."""

    key: ObjectKey
    """The object."""
    path: Path
    """From the object down to the field."""
    to: Any = None
    """Plain data; None takes the field away."""


@value
class Rewrite:
    """Objects are replaced by those of a text; one that the text leaves out is deleted."""

    keys: tuple[ObjectKey, ...]
    """The objects that the text began with."""
    text: str
    """YAML or JSON. It may hold further objects."""


@value
class Apply:
    """Objects are added, or take the place of those of the same kind and name."""

    text: str
    """YAML or JSON."""
    origin: str = ""
    """The file that it is from, for errors."""


Edit = Scale | SetReady | SetTerminating | Delete | SetField | Rewrite | Apply


def edited(cluster: Cluster, edit: Edit) -> Cluster:
    """The cluster after an edit and after all that follows it. Raises FormatError."""
    try:
        with collection_paused():
            return settled(cluster, _draft_after(cluster, edit))
    except AllocationError as error:
        raise _allocation_error(edit, error) from None


def _allocation_error(edit: Edit, error: AllocationError) -> FormatError:
    """The error at its place in a text, else as one of the object that is edited."""
    reading = _read_by(edit)
    raw = reading.places.get(error.key)
    if raw is not None:
        return reading.error(raw, error.fault)
    kind, namespace, name = error.key
    return FormatError(f"{kind} {namespace}/{name}", str(error))


def objects_of(cluster: Cluster) -> dict[ObjectKey, Object]:
    """Every object by its key, in the cluster's order."""
    return objects_in(draft_of(cluster))


def text_of(cluster: Cluster, keys: Iterable[ObjectKey]) -> str:
    """Some objects as YAML."""
    known = objects_of(cluster)
    return yaml_text(manifest_of(known[key]) for key in keys)


def _draft_after(cluster: Cluster, edit: Edit) -> Draft:
    match edit:
        case Scale():
            return _scaled(cluster, edit)
        case SetReady():
            return _with_pod(cluster, edit, lambda pod: replace(pod, ready=edit.ready))
        case SetTerminating():
            going = edit.terminating
            return _with_pod(cluster, edit, lambda pod: replace(pod, terminating=going))
        case Delete():
            _object(cluster, edit.key)
            return replaced(draft_of(cluster), {edit.key}, Draft())
        case SetField():
            return _with_field(cluster, edit)
        case Apply():
            reading = _read_by(edit)
            _refuse_unknown(reading)
            return replaced(draft_of(cluster), set(reading.places), reading.draft())
    return _rewritten(cluster, edit)


def _origin(edit: Edit) -> str:
    """What errors call the thing that is edited."""
    match edit:
        case Scale():
            return f"Service {edit.namespace}/{edit.service}"
        case SetReady() | SetTerminating():
            return f"Pod {edit.namespace}/{edit.pod}"
        case Delete() | SetField():
            kind, namespace, name = edit.key
            return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    return ""


def _object(cluster: Cluster, key: ObjectKey) -> Object:
    found = objects_of(cluster).get(key)
    if found is None:
        raise FormatError(" ".join(filter(None, key)), "is not in the cluster any more")
    return found


# ---------------------------------------------------------------- pods


def _scaled(cluster: Cluster, edit: Scale) -> Draft:
    service = cluster.service(edit.namespace, edit.service)
    if service is None:
        raise FormatError(_origin(edit), "is not in the cluster any more")
    if not service.selector:
        raise FormatError(_origin(edit), "has no selector, so no pods are its own")
    if not 0 <= edit.pods <= MOST:
        raise FormatError(_origin(edit), f"{edit.pods} is not a number of pods (0 to {MOST})")
    draft, running = draft_of(cluster), replicas(cluster, service)
    more = edit.pods - len(running)
    if more >= 0:
        return replace(draft, pods=(*draft.pods, *more_pods(cluster, service, more)))
    going = {("Pod", pod.namespace, pod.name) for pod in fewer_pods(running, -more)}
    return replaced(draft, going, Draft())


def _with_pod(
    cluster: Cluster, edit: SetReady | SetTerminating, change: Callable[[Pod], Pod]
) -> Draft:
    key = ("Pod", edit.namespace, edit.pod)
    _object(cluster, key)
    draft = draft_of(cluster)
    pods = (
        replace(item, pod=change(item.pod)) if _pod_key(item) == key else item
        for item in draft.pods
    )
    return replace(draft, pods=tuple(pods))


def _pod_key(item: PodDraft) -> ObjectKey:
    return "Pod", item.pod.namespace, item.pod.name


# ---------------------------------------------------------------- manifests


def _with_field(cluster: Cluster, edit: SetField) -> Draft:
    data = manifest_of(_object(cluster, edit.key))
    _set(data, edit.path, edit.to)
    if edit.key[0] == "Service":
        _release(data)
    try:
        reading = read_objects(raw_objects([data], ""), "")
    except FormatError as error:
        place = path_text(error.path[1:])
        raise FormatError(_origin(edit), error.problem, place, error.path) from None
    return replaced(draft_of(cluster), {edit.key}, reading.draft())


def _set(data: Any, path: Path, to: Any) -> None:
    """Set a field of plain data, making the mappings on the way to it."""
    *way, last = path
    for part in way:
        data = data[part] if isinstance(part, int) else data.setdefault(part, {})
    if to is None:
        data.pop(last, None)
    else:
        data[last] = to


def _release(data: Data) -> None:
    """What the API server and the cloud take back from a Service that no longer needs it."""
    spec = data["spec"]
    kind, local = spec.get("type"), spec.get("externalTrafficPolicy") == "Local"
    if kind != "LoadBalancer":
        data.pop("status", None)
        spec.pop("loadBalancerSourceRanges", None)
        spec.pop("allocateLoadBalancerNodePorts", None)
    if not (kind == "LoadBalancer" and local):
        spec.pop("healthCheckNodePort", None)
    if kind == "ClusterIP":
        for port in spec.get("ports", ()):
            port.pop("nodePort", None)
        if not spec.get("externalIPs"):
            spec.pop("externalTrafficPolicy", None)


def _rewritten(cluster: Cluster, edit: Rewrite) -> Draft:
    reading = _read(edit.text)
    _refuse_unknown(reading)
    known = objects_of(cluster).keys() - set(edit.keys)
    for key, raw in reading.places.items():
        if key in known:
            problem = "is in the cluster already; edit that one"
            raise FormatError("", problem, raw.place, raw.path)
    return replaced(draft_of(cluster), set(edit.keys), reading.draft())


def _refuse_unknown(reading: Reading) -> None:
    """A file may hold what is not simulated; whoever writes it here expects something of it."""
    for kind in reading.passed_by:
        problem = f"{shown(kind)} is not a kind that is simulated"
        raise FormatError(reading.origin, f"{problem}; it would change nothing")


def _read_by(edit: Edit) -> Reading:
    """What the text of an edit holds; nothing where it has none. Raises FormatError."""
    match edit:
        case Rewrite():
            return _read(edit.text)
        case Apply():
            return _read(edit.text, edit.origin)
    return Reading("")


def _read(text: str, origin: str = "") -> Reading:
    """What a text holds. Raises FormatError."""
    return read_objects(raw_objects(documents(text, origin), origin), origin)
