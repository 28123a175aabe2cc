"""What CoreDNS answers for names of the cluster, and what a pod's resolver asks for.

CoreDNS follows its `kubernetes` plugin with `pods insecure`, as kubeadm v1.36 sets it up
(https://coredns.io/plugins/kubernetes/, the schema of kubernetes/dns); the resolver follows
resolv.conf(5) with the search path and `ndots:5` that kubelet writes. Only A and AAAA
answers are looked at. Questions about names outside of the cluster are forwarded, and what the
world's DNS says to them is not known.
"""

from __future__ import annotations

from tui.sim.model.address import IPAddress, address
from tui.sim.model.cluster import Cluster, EndpointSlice, Service
from tui.sim.model.value import value

ZONE = "cluster.local"
"""The cluster's domain."""

NDOTS = 5
"""A name with fewer dots than this is tried with the search path first."""


_LONGEST_CHAIN = 7
"""Aliases of aliases that CoreDNS follows (plugin/pkg/upstream)."""


@value
class Answer:
    """What a DNS server says about a name."""

    name: str
    """The full name that was asked for, without the last dot."""
    addresses: tuple[IPAddress, ...] = ()
    """A and AAAA records."""
    alias: str = ""
    """CNAME, for a Service of type ExternalName."""
    forwarded: bool = False
    """CoreDNS passes the question on, to servers that are not simulated."""

    @property
    def found(self) -> bool:
        """Whether the name exists; if not, the answer is NXDOMAIN."""
        return bool(self.addresses or self.alias)

    @property
    def text(self) -> str:
        """The answer for people."""
        addresses = ", ".join(str(ip) for ip in self.addresses)
        if self.alias:
            return f"CNAME {self.alias}{', ' * bool(addresses)}{addresses}"
        if self.forwarded:
            return "unknown"
        return addresses or "NXDOMAIN"


def candidates(name: str, namespace: str) -> tuple[str, ...]:
    """The full names that a pod's resolver asks for, in order, until one exists."""
    if name.endswith("."):
        return (name.rstrip("."),)
    search = (f"{namespace}.svc.{ZONE}", f"svc.{ZONE}", ZONE)
    expanded = tuple(f"{name}.{suffix}" for suffix in search)
    return (*expanded, name) if name.count(".") < NDOTS else (name, *expanded)


def answer(cluster: Cluster, name: str, chain: int = 0) -> Answer:
    """What CoreDNS says about a full name, to which a chain of so many aliases has led."""
    labels = name.removesuffix(f".{ZONE}").split(".")
    if not name.endswith(f".{ZONE}"):
        return Answer(name, forwarded=_is_of_the_world(cluster, labels))
    match labels:
        case [service, namespace, "svc"]:
            return _service_answer(cluster, name, namespace, service, chain)
        case [hostname, service, namespace, "svc"]:
            return _endpoint_answer(cluster, name, namespace, service, hostname)
        case [dashed, namespace, "pod"] if _namespace_exists(cluster, namespace):
            return _pod_answer(name, dashed)
    return Answer(name)


def _is_of_the_world(cluster: Cluster, labels: list[str]) -> bool:
    """Whether servers out in the world may know a name.

    They know no name of one label, none under `svc`, and what ends in a namespace of the
    cluster is meant for the cluster: these are taken for misspelt.
    """
    last = labels[-1]
    return len(labels) > 1 and last != "svc" and not _namespace_exists(cluster, last)


def _namespace_exists(cluster: Cluster, namespace: str) -> bool:
    return any(pod.namespace == namespace for pod in cluster.pods) or any(
        service.namespace == namespace for service in cluster.services
    )


def _alias_answer(cluster: Cluster, name: str, alias: str, chain: int) -> Answer:
    """A CNAME, and what it leads to: CoreDNS follows it (plugin/kubernetes, with upstream)."""
    if not alias.endswith(f".{ZONE}"):
        return Answer(name, alias=alias, forwarded=True)
    last = answer(cluster, alias, chain + 1) if chain < _LONGEST_CHAIN else Answer(alias)
    return Answer(name, last.addresses, alias, last.forwarded)


def _service_answer(
    cluster: Cluster, name: str, namespace: str, service: str, chain: int
) -> Answer:
    found = cluster.service(namespace, service)
    if found is None:
        return Answer(name)
    if found.type == "ExternalName":
        return _alias_answer(cluster, name, found.external_name.rstrip("."), chain)
    if found.headless:
        return Answer(name, _addresses(cluster, found, hostname=None))
    return Answer(name, tuple(address(ip) for ip in found.cluster_ips))


def _endpoint_answer(
    cluster: Cluster, name: str, namespace: str, service: str, hostname: str
) -> Answer:
    """A name of one endpoint: its hostname, or its address with dashes."""
    found = cluster.service(namespace, service)
    if found is None or not found.headless:
        return Answer(name)
    return Answer(name, _addresses(cluster, found, hostname))


def _addresses(cluster: Cluster, service: Service, hostname: str | None) -> tuple[IPAddress, ...]:
    found: dict[IPAddress, None] = {}
    for item in cluster.slices:
        if (item.namespace, item.service) == (service.namespace, service.name):
            found.update(dict.fromkeys(_of_slice(item, service, hostname)))
    return tuple(found)


def _of_slice(item: EndpointSlice, service: Service, hostname: str | None) -> list[IPAddress]:
    return [
        address(text)
        for endpoint in item.endpoints
        if endpoint.ready or service.publish_not_ready
        for text in endpoint.addresses
        if hostname is None or hostname in (endpoint.hostname or _dashed(text), _dashed(text))
    ]


def _dashed(text: str) -> str:
    return text.replace(".", "-").replace(":", "-")


def _pod_answer(name: str, dashed: str) -> Answer:
    """`10-244-0-7.shop.pod.cluster.local`: the address that the name itself spells."""
    for separator in (".", ":"):
        try:
            return Answer(name, (address(dashed.replace("-", separator)),))
        except ValueError:
            continue
    return Answer(name)
