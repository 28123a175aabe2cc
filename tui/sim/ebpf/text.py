"""Maps as `cilium-dbg bpf lb list` and `cilium-dbg bpf endpoint list` print them (v1.16)."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.ebpf.maps import Frontend, LbService, Maps, ServiceKind
from tui.sim.model.address import endpoint_text

_HEAD = ("SERVICE ADDRESS", "BACKEND ADDRESS (REVNAT_ID) (SLOT)")


def print_services(maps: Maps) -> str:
    """Each address of a Service with its backends; slot 0 is the Service itself."""
    rows = [_HEAD]
    for number, (frontend, service) in enumerate(maps.services.items(), 1):
        rows += _service_rows(number, frontend, service)
    width = max(len(left) for left, _ in rows) + 2
    return "".join(f"{left:<{width}}{right}\n" for left, right in rows)


def _service_rows(number: int, frontend: Frontend, service: LbService) -> Iterator[tuple[str, str]]:
    protocol, ip, port = frontend
    name = f"{endpoint_text(ip, port)}/{protocol.value}"
    kind = service.kind.value
    flags = f"{kind}, non-routable" if service.kind is ServiceKind.CLUSTER_IP else kind
    yield name, f"0.0.0.0:0 ({number}) (0) [{flags}]"
    known = dict.fromkeys((*service.internal, *service.external))
    for slot, backend in enumerate(known, 1):
        yield name, f"{backend.text}/{protocol.value} ({number}) ({slot})"


def print_endpoints(maps: Maps) -> str:
    """The pods of the node, and its own addresses."""
    rows = [("IP ADDRESS", "LOCAL ENDPOINT INFO")]
    for ip, device in maps.endpoints.items():
        rows.append((f"{ip}:0", f"sec_id={maps.identities.get(ip, 0)} dev={device}"))
    width = max(len(left) for left, _ in rows) + 2
    return "".join(f"{left:<{width}}{right}\n" for left, right in rows)
