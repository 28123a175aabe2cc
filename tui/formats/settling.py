"""What the API server, the scheduler and the endpoint controller make of a changed cluster.

Allocation fills in what an edit left open. The controller then writes the EndpointSlices anew
of every Service for which the edit makes a difference to it; all other slices stay as they
were, even where they are not as it would have made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tui.formats.allocation import allocate
from tui.formats.draft import Draft, PodDraft, ServiceDraft, cluster_of
from tui.formats.endpoint_controller import slices_from_selectors
from tui.formats.manifests import has_node_ports, is_started
from tui.sim.model.address import Family
from tui.sim.model.cluster import Cluster, Endpoint, EndpointSlice, Pod, Service
from tui.sim.model.value import replace

_Key = tuple[str, str]
"""Namespace and name of a Service."""
_Slices = Mapping[_Key, tuple[EndpointSlice, ...]]


def draft_of(cluster: Cluster) -> Draft:
    """A cluster as a draft in which nothing is open."""
    return Draft(
        nodes=cluster.nodes,
        pods=tuple(PodDraft(pod, pending=not is_started(pod)) for pod in cluster.pods),
        services=tuple(ServiceDraft(s, node_ports=has_node_ports(s)) for s in cluster.services),
        slices=cluster.slices,
        policies=cluster.policies,
        service_cidrs=cluster.service_cidrs,
    )


def settled(before: Cluster, draft: Draft) -> Cluster:
    """The cluster that comes of a draft made from another. Raises AllocationError."""
    families = _slice_families(before.slices)
    filled = allocate(_with_families(draft, families)).draft
    earlier = allocate(_with_families(draft_of(before), families)).draft
    return cluster_of(filled, _Controller(before, earlier, filled).slices())


def _slice_families(slices: Iterable[EndpointSlice]) -> Mapping[_Key, tuple[Family, ...]]:
    """The families that each Service has slices of."""
    found: dict[_Key, dict[Family, None]] = {}
    for item in slices:
        if item.address_type in set(Family):
            found.setdefault(_owner(item), {})[Family(item.address_type)] = None
    return {key: tuple(families) for key, families in found.items()}


def _with_families(draft: Draft, families: Mapping[_Key, tuple[Family, ...]]) -> Draft:
    """A headless Service has no address that tells its families: its slices do."""
    return replace(
        draft,
        services=tuple(
            replace(item, families=families.get(_key(item.service), ()))
            if item.service.headless and not item.families
            else item
            for item in draft.services
        ),
    )


def _key(service: Service) -> _Key:
    return service.namespace, service.name


def _owner(item: EndpointSlice) -> _Key:
    return item.namespace, item.service


# ---------------------------------------------------------------- the endpoint controller


class _Controller:
    """Follows the difference between two drafts, both filled in."""

    def __init__(self, before: Cluster, earlier: Draft, draft: Draft) -> None:
        self._draft = draft
        self._known = frozenset(text for pod in before.pods for text in _names_of(pod))
        self._gone = {_key(s) for s in before.services} - {_key(d.service) for d in draft.services}
        was, now = _wanted(earlier), _wanted(draft)
        by_hand = {_owner(item) for item in draft.slices} - was.keys()
        self._anew = {
            key: wanted
            for key, wanted in now.items()
            if was.get(key) != wanted and key not in by_hand
        }

    def slices(self) -> tuple[EndpointSlice, ...]:
        """All slices: the new ones where the first old one of their Service was."""
        found: list[EndpointSlice] = []
        held: dict[_Key, list[EndpointSlice]] = {}
        for item in self._draft.slices:
            held.setdefault(_owner(item), []).append(item)
        for key, old in held.items():
            if key in self._anew:
                found += self._followed(old, self._anew[key])
            elif key not in self._gone:
                found += old
        fresh = (wanted for key, wanted in self._anew.items() if key not in held)
        return (*found, *(item for wanted in fresh for item in wanted))

    def _followed(
        self, old: Sequence[EndpointSlice], wanted: Iterable[EndpointSlice]
    ) -> Iterator[EndpointSlice]:
        """The slices of one Service; a slice for the same ports keeps its name."""
        foreign = [item for each in old if (item := self._foreign(each)) is not None]
        taken = {item.name for item in foreign}
        names: dict[object, list[str]] = {}
        for item in old:
            if item.name not in taken:
                names.setdefault((item.address_type, item.ports), []).append(item.name)
        for item in wanted:
            kept = names.get((item.address_type, item.ports))
            yield replace(item, name=kept.pop(0)) if kept else item
        yield from foreign

    def _foreign(self, item: EndpointSlice) -> EndpointSlice | None:
        """What a slice lists besides the pods that we know: nobody here can say more of it."""
        left = tuple(each for each in item.endpoints if not _is_one_of(each, self._known))
        return replace(item, endpoints=left) if left else None


def _wanted(draft: Draft) -> _Slices:
    """The slices that the controller wants for each Service that it cares for."""
    found: dict[_Key, tuple[EndpointSlice, ...]] = {
        _key(item.service): ()
        for item in draft.services
        if item.service.selector and item.service.type != "ExternalName"
    }
    for item in slices_from_selectors(replace(draft, slices=())):
        found[_owner(item)] += (item,)
    return found


def _names_of(pod: Pod) -> Iterator[str]:
    yield f"pod/{pod.namespace}/{pod.name}"
    yield from map(str, pod.ips)


def _is_one_of(endpoint: Endpoint, known: frozenset[str]) -> bool:
    return endpoint.target in known or endpoint.addresses[0] in known
