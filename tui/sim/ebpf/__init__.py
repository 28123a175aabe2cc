"""eBPF programs of a network plugin, as far as they decide about a packet: where they hang, and
the maps that they ask. The engine runs them.
"""

from tui.sim.ebpf.datapath import Attach, Datapath
from tui.sim.ebpf.maps import Backend, Frontend, LbService, Maps, Scope, ServiceKind

__all__ = [
    "Attach",
    "Backend",
    "Datapath",
    "Frontend",
    "LbService",
    "Maps",
    "Scope",
    "ServiceKind",
]
