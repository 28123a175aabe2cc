"""The Services of a cluster and what stands behind them, for the time before the first packet."""

from __future__ import annotations

from rich.cells import cell_len

from tui.session import Session
from tui.sim.model.cluster import Cluster, Service
from tui.theme import Role
from tui.widgets.line import BLANK, Line, Span, fit, pad, spread
from tui.words import Words


def cluster_lines(session: Session, words: Words, width: int) -> list[Line]:
    """A row per Service: name, type, address, ports, ready endpoints."""
    cluster = session.world.cluster
    rows = [
        Line.of((" $ ", Role.FAINT), ("kubectl get services,endpointslices -A", Role.CODE)),
        BLANK,
    ]
    services = cluster.services
    name_width = min(max((cell_len(_name(s)) for s in services), default=4), max(width // 3, 12))
    endpoints = _endpoints(cluster)
    rows += [_row(s, endpoints.get(_name(s), {}), name_width, words, width) for s in services]
    if not services:
        rows.append(Line.of((f"   {words('No Service in this cluster.')}", Role.QUIET)))
    rows += [
        BLANK,
        Line.of(
            (f"   {words('No packet yet.')} ", Role.QUIET),
            (" i ", Role.KEY),
            (words("sends one."), Role.QUIET),
        ),
    ]
    return rows


def _name(service: Service) -> str:
    return f"{service.namespace}/{service.name}"


def _row(
    service: Service, endpoints: dict[str, bool], name_width: int, words: Words, width: int
) -> Line:
    address = service.cluster_ips[0] if service.cluster_ips else service.external_name
    shown = words("headless") if service.headless else address
    ports = ",".join(dict.fromkeys(str(port.port) for port in service.ports))
    left: list[Span] = [
        ("   ", Role.PLAIN),
        (pad(_name(service), name_width), Role.SERVICE),
        (f"  {pad(service.type, 12)}", Role.QUIET),
        (f" {pad(shown, 15)}", Role.PLAIN),
        (f" {fit(ports, 10)}", Role.QUIET),
    ]
    ready, total = sum(endpoints.values()), len(endpoints)
    role = Role.DELIVERED if ready else Role.DROPPED
    glyph = "✓" if ready else "✗"
    text = words("{ready} of {total} ready", ready=ready, total=total)
    return spread(left, [(f"{glyph} {text} ", role)], width)


def _endpoints(cluster: Cluster) -> dict[str, dict[str, bool]]:
    """The endpoints of every Service by their addresses, and whether they are ready."""
    found: dict[str, dict[str, bool]] = {}
    for item in cluster.slices:
        own = found.setdefault(f"{item.namespace}/{item.service}", {})
        own.update({e.addresses[0]: e.ready for e in item.endpoints if e.addresses})
    return found
