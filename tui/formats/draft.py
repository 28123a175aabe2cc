"""A cluster as its file describes it, with the wishes that an API server would fulfil."""

from __future__ import annotations

from tui.sim.model.address import Family
from tui.sim.model.cluster import (
    Cluster,
    EndpointSlice,
    NetworkPolicy,
    Node,
    Pod,
    Service,
    ServiceCIDR,
)
from tui.sim.model.value import value


@value
class PodDraft:
    """A pod, perhaps without a node or an address."""

    pod: Pod
    """The pod as written."""
    pending: bool = False
    """The file says that its phase is Pending: it is not to be started."""


@value
class ServiceDraft:
    """A Service, perhaps without an address or node ports."""

    service: Service
    """The Service as written."""
    families: tuple[Family, ...] = ()
    """ipFamilies."""
    family_policy: str = ""
    """ipFamilyPolicy: SingleStack, PreferDualStack, RequireDualStack, or empty."""
    node_ports: bool = True
    """allocateLoadBalancerNodePorts."""


@value
class Draft:
    """Everything that the file describes, in its order."""

    nodes: tuple[Node, ...] = ()
    """Nodes."""
    pods: tuple[PodDraft, ...] = ()
    """Pods."""
    services: tuple[ServiceDraft, ...] = ()
    """Services."""
    slices: tuple[EndpointSlice, ...] = ()
    """EndpointSlices."""
    policies: tuple[NetworkPolicy, ...] = ()
    """NetworkPolicies."""
    service_cidrs: tuple[ServiceCIDR, ...] = ()
    """ServiceCIDRs."""


def cluster_of(draft: Draft, slices: tuple[EndpointSlice, ...]) -> Cluster:
    """The cluster of a draft in which nothing is open, with these EndpointSlices."""
    return Cluster(
        nodes=draft.nodes,
        pods=tuple(item.pod for item in draft.pods),
        services=tuple(item.service for item in draft.services),
        slices=slices,
        policies=draft.policies,
        service_cidrs=draft.service_cidrs,
    )
