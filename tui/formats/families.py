"""Which IP families a cluster has, and which of them a Service wants."""

from __future__ import annotations

from collections.abc import Iterator

from tui.formats.draft import Draft, ServiceDraft
from tui.formats.errors import FieldError
from tui.formats.fields import address_of
from tui.sim.model.address import Family, IPAddress, IPNetwork, family_of

_DUAL = ("PreferDualStack", "RequireDualStack")

Stack = tuple[Family, ...]
"""One or two families, the primary one first."""


def stack_of(draft: Draft) -> Stack:
    """The families of the addresses that the file gives, in the order of their appearance.

    A file without addresses is an IPv4 cluster, with IPv6 beside it if a Service asks for that.
    """
    found = tuple(dict.fromkeys(family_of(value) for value in _given(draft)))
    if found:
        return found
    asked = any(
        Family.IPV6 in s.families or s.family_policy == "RequireDualStack" for s in draft.services
    )
    return (Family.IPV4, Family.IPV6) if asked else (Family.IPV4,)


def _given(draft: Draft) -> Iterator[IPAddress | IPNetwork]:
    for node in draft.nodes:
        yield from node.internal_ips
        yield from node.pod_cidrs
    for pod in draft.pods:
        yield from pod.pod.ips
    for service_cidr in draft.service_cidrs:
        yield from service_cidr.cidrs
    for service in draft.services:
        yield from given_cluster_ips(service)


def given_cluster_ips(draft: ServiceDraft) -> tuple[IPAddress, ...]:
    """The cluster IPs that a Service comes with; none for a headless one."""
    return tuple(address_of(text) for text in draft.service.cluster_ips if text != "None")


def service_families(draft: ServiceDraft, stack: Stack) -> Stack:
    """The families that a Service has or should get, as the API server fills in ipFamilies.

    Raises FieldError if it asks for a family that the cluster does not have.
    """
    given = tuple(family_of(ip) for ip in given_cluster_ips(draft))
    named = draft.families or given or stack[:1]
    for position, family in enumerate(named):
        if family not in stack and family not in given:
            problem = f"{family} is not a family of this cluster, which has {' and '.join(stack)}"
            raise FieldError(("spec", "ipFamilies", position), problem)
    if draft.family_policy == "RequireDualStack" and len({*named, *stack}) < 2:
        problem = f"RequireDualStack cannot be met: this cluster has {stack[0]} only"
        raise FieldError(("spec", "ipFamilyPolicy"), problem)
    if draft.family_policy in _DUAL:
        return tuple(dict.fromkeys((*named, *stack)))
    return named
