"""A Service: its object, its endpoints with why each is used or not, its chains, its names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.screens.sections import Block, Link, Row, facts, labels_text, object_heading
from tui.screens.service_chains import chains_on_way
from tui.session import Session
from tui.sim import dns
from tui.sim.engine.world import World
from tui.sim.model.address import Family
from tui.sim.model.cluster import Endpoint, EndpointSlice, Node, Service, ServicePort
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace
from tui.sim.services import PortPlan, ServiceEndpoint, plan_ports
from tui.words import Words
from tui.words.language import _

MOST_ENDPOINTS = 200
"""Endpoints of one port that are listed."""


def plans_of(world: World, service: Service, node: Node) -> list[PortPlan]:
    """What kube-proxy on a node makes of each port of the Service, in both IP versions."""
    own = replace(world.cluster, services=(service,), slices=tuple(slices_of(world, service)))
    return [plan for family in Family for plan in plan_ports(own, node, family, world.proxy)]


def slices_of(world: World, service: Service) -> Iterator[EndpointSlice]:
    """The EndpointSlices of the Service."""
    for item in world.cluster.slices:
        if (item.namespace, item.service) == (service.namespace, service.name):
            yield item


# ---------------------------------------------------------------- the object


def service_blocks(service: Service, mode: ProxyMode, words: Words) -> Iterator[Block]:
    """The object as its file has it, and where its address is."""
    affinity = service.session_affinity
    if affinity == "ClientIP":
        affinity = f"ClientIP, {service.affinity_timeout} s"
    nowhere = words(_("none"))
    yield facts(
        object_heading("service", service.name, service.namespace, words),
        (
            (words(_("type")), service.type),
            (words(_("what it is")), words(_nature(service, mode))),
            ("clusterIPs", nowhere if service.headless else ", ".join(service.cluster_ips)),
            ("externalIPs", ", ".join(service.external_ips)),
            ("loadBalancer", ", ".join(f"{i.ip} ({i.ip_mode})" for i in service.load_balancer)),
            ("externalName", service.external_name),
            (words(_("selector")), labels_text(service.selector.items()) or words(_("none"))),
            ("internalTrafficPolicy", service.internal_traffic_policy),
            ("externalTrafficPolicy", _external_policy(service)),
            ("trafficDistribution", service.traffic_distribution),
            ("sessionAffinity", affinity),
            ("sourceRanges", ", ".join(service.source_ranges)),
            ("healthCheckNodePort", str(service.health_check_node_port or "")),
        ),
    )
    yield facts(f"# {words(_('ports'))}", ((_port(p), _leads(p)) for p in service.ports))


def _external_policy(service: Service) -> str:
    """What a Service has that is reached from outside."""
    outside = service.type in ("NodePort", "LoadBalancer") or service.external_ips
    return service.external_traffic_policy if outside else ""


def _nature(service: Service, mode: ProxyMode) -> str:
    """Where one would look for its address in vain, or find it."""
    if service.type == "ExternalName":
        return _("a name for another name: DNS answers with it")
    if service.headless:
        return _("headless: no address, DNS answers with its pods'")
    if mode is ProxyMode.IPVS:
        return _("an address that each node bears on kube-ipvs0")
    return _("an address only: no device has it, rules rewrite it")


def _port(port: ServicePort) -> str:
    return f"{port.port}/{port.protocol.value}{f' ({port.name})' if port.name else ''}"


def _leads(port: ServicePort) -> str:
    """Where the port leads, and how it is reached at a node's address."""
    target = port.target_port if port.target_port is not None else port.port
    return f"→ {target}{f', nodePort {port.node_port}' if port.node_port else ''}"


# ---------------------------------------------------------------- endpoints


def endpoint_blocks(world: World, service: Service, node: Node, words: Words) -> Iterator[Block]:
    """The endpoints of each port: who each is, what is said of it, and whether it is used."""
    known = _targets(slices_of(world, service))
    plans = plans_of(world, service, node)
    for plan in plans:
        title = f"{_port(plan.port)} · {plan.cluster_ip} · {words(_('on {node}'), node=node.name)}"
        rows = [
            row
            for endpoint in plan.endpoints[:MOST_ENDPOINTS]
            for row in _endpoint(plan, endpoint, known, node, words)
        ]
        left = len(plan.endpoints) - MOST_ENDPOINTS
        if left > 0:
            rows.append(Row(words(_("… {count} more endpoints"), count=left)))
        yield Block(f"# {title}", tuple(rows))
    if not plans:
        yield _unproxied(service, known, words)


def _targets(slices: Iterable[EndpointSlice]) -> dict[str, Endpoint]:
    """Endpoints of slices by their address."""
    return {e.addresses[0]: e for item in slices for e in item.endpoints if e.addresses}


def _unproxied(service: Service, known: dict[str, Endpoint], words: Words) -> Block:
    """kube-proxy does nothing for this Service: DNS alone knows its endpoints."""
    rows = [
        Row(f"{address}  {endpoint.target or ''}  {_conditions(endpoint, words)}",
            target=endpoint.target or "")
        for address, endpoint in list(known.items())[:MOST_ENDPOINTS]
    ]  # fmt: skip
    return Block(f"# {words(_('kube-proxy leaves it alone: DNS answers with these'))}", tuple(rows))


def _endpoint(
    plan: PortPlan, each: ServiceEndpoint, known: dict[str, Endpoint], node: Node, words: Words
) -> Iterator[Row]:
    """Two rows: who it is, and whether it is used and why."""
    written = known.get(str(each.ip))
    pod = (written.target if written else None) or ""
    place = f"{written.node or ''} {written.zone or ''}".strip() if written else ""
    said = _conditions(each, words)
    yield Row("  ".join(t for t in (each.text, pod, place, said) if t), target=pod)
    used, why = _use(plan, each, node)
    yield Row(f"    {'✓' if used else '✗'} {words(why, node=node.name)}")


def _conditions(each: ServiceEndpoint | Endpoint, words: Words) -> str:
    named = (
        (_("ready"), each.ready), (_("not ready"), not each.ready), (_("serving"), each.serving),
        (_("terminating"), each.terminating),
    )  # fmt: skip
    return ", ".join(words(name) for name, on in named if on)


def _use(plan: PortPlan, each: ServiceEndpoint, node: Node) -> tuple[bool, str]:
    """Whether a node sends to an endpoint, and why."""
    cluster = each in plan.cluster_endpoints
    local = each in plan.local_endpoints
    if cluster and local:
        return True, _("used: by all traffic")
    if cluster and plan.uses_local:
        return True, _("used where the policy is Cluster; where it is Local, it is not on {node}")
    if cluster:
        return True, _("used") if each.ready else _(
            "used: none is ready, and this one still serves"
        )
    if local:
        return True, _("used by traffic of policy Local: it is on {node}")
    return False, _why_not(plan, each)


def _why_not(plan: PortPlan, each: ServiceEndpoint) -> str:
    if not each.ready and not (each.serving and each.terminating):
        return _("not used: it is not ready")
    if not each.ready:
        return _("not used: it is going away, and others are ready")
    if not plan.uses_cluster:
        return _("not used: the policy is Local, and it is not on {node}")
    return _("not used: topology hints keep it for other zones or nodes than {node}'s")


# ---------------------------------------------------------------- names


def name_blocks(world: World, service: Service, words: Words) -> Iterator[Block]:
    """What a pod may call it, and what CoreDNS answers."""
    full = f"{service.name}.{service.namespace}.svc.{dns.ZONE}"
    answer = dns.answer(world.cluster, full)
    yield facts(f"dig +short {full}", [(answer.text, " ")])
    yield facts(
        f"# {words(_('what a pod may write'))}",
        (
            (service.name, words(_("in namespace {namespace}"), namespace=service.namespace)),
            (f"{service.name}.{service.namespace}", words(_("in every namespace"))),
            (f"{full}.", words(_("everywhere, and asked for once only"))),
        ),
    )
    named = [port for port in service.ports if port.name]
    if named:
        yield facts(
            f"# {words(_('SRV records of its named ports'))}",
            ((f"_{p.name}._{p.protocol.lower}.{full}", str(p.port)) for p in named),
        )


# ---------------------------------------------------------------- where to go


def service_links(session: Session, service: Service, node: Node, words: Words) -> Iterator[Link]:
    """Its chains where the packet met them, and its pods."""
    plans = plans_of(session.world, service, node)
    for chain, position in chains_on_way(session, plans).items():
        total = len(session.moments)
        note = words(_("step {step} of {total}"), step=position + 1, total=total)
        yield Link(chain, note, f"step/{position}")
    for address, endpoint in list(_targets(slices_of(session.world, service)).items())[:60]:
        if endpoint.target:
            yield Link(endpoint.target.removeprefix("pod/"), address, endpoint.target)
