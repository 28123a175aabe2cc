"""What IPVS of a host remembers under the cursor.

A trace tells what IPVS did, not its whole table. So the packets up to the cursor are shown once
more to a table that begins where the session began, with chance bound to what it chose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.session import Moment, Session
from tui.sim.engine.state import HostState
from tui.sim.model.packet import Packet
from tui.sim.model.value import value
from tui.sim.netfilter.examine import Endpoints
from tui.sim.netfilter.ipvs import Address, VirtualServer
from tui.sim.netfilter.ipvs_memory import IpvsMemory
from tui.sim.netfilter.ipvs_table import IpvsTable
from tui.sim.trace import ReasonCode


def ipvs_at(session: Session, host: str, position: int) -> IpvsMemory | None:
    """IPVS's memory of a node's namespace after a step; before all steps at position -1.

    None where there is no IPVS: in every other mode, and in pods.
    """
    servers = _servers(session, host)
    if servers is None:
        return None
    kept = session.before.hosts.get(host, HostState()).ipvs
    table = IpvsTable(servers, kept, session.before.now)
    for number, moment in enumerate(session.moments[: position + 1]):
        if moment.hop.namespace == host:
            _show(table, moment, _packet_before(session.moments, number))
    return table.frozen()


def _servers(session: Session, host: str) -> Mapping[Address, VirtualServer] | None:
    space = session.world.network.namespaces.get(host)
    if space is None or space.node is None or host != f"node/{space.node}":
        return None
    return session.world.virtual_servers(space.node)


def _packet_before(moments: Sequence[Moment], number: int) -> Packet:
    now = moments[number]
    if number and moments[number - 1].leg_number == now.leg_number:
        return moments[number - 1].step.packet
    return now.leg.packet


def _show(table: IpvsTable, moment: Moment, before: Packet) -> None:
    """Let the table see what IPVS saw at this step."""
    reason = moment.step.reason
    match reason.code:
        case ReasonCode.IPVS_SCHEDULED:
            virtual = table.virtual(before)
            assert virtual is not None, "only a call to a virtual server is scheduled"
            if (gone := table.request(before)) is not None:
                table.forget(gone)
            table.schedule(virtual, before, _Bound(str(reason.fields["real"])))
        case ReasonCode.IPVS_KNOWN if (known := table.request(before)) is not None:
            table.refresh(known, before, reply=False)
        case ReasonCode.IPVS_UNDONE if before.icmp is None:
            if (answered := table.reply(before)) is not None:
                table.refresh(answered, before, reply=True)
        case ReasonCode.IPVS_SERVER_GONE | ReasonCode.IPVS_TOO_LATE:
            if (gone := table.request(before)) is not None:
                table.forget(gone)


@value
class _Bound:
    """Chance that takes one real server."""

    real: str

    def draw(self, ways: Sequence[Endpoints]) -> tuple[int, bool]:
        """The way that leads there."""
        return next((i for i, way in enumerate(ways) if self.real in way()), 0), False

    def take(self, probability: float, here: Endpoints, chain: Endpoints) -> tuple[bool, bool]:
        """IPVS draws, it never passes over."""
        return False, False
