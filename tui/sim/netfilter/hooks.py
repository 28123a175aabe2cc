"""Where netfilter looks at a packet, and in which order: one table for all who ask.

Priorities are those of include/uapi/linux/netfilter_ipv4.h; the evaluator walks this table
and the lessons draw it. Base chains of nftables come in between by priorities of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from tui.sim.model.value import value


class Hook(StrEnum):
    """A place in the kernel's IP stack, by the name that iptables gives its base chain."""

    PREROUTING = "PREROUTING"
    INPUT = "INPUT"
    FORWARD = "FORWARD"
    OUTPUT = "OUTPUT"
    POSTROUTING = "POSTROUTING"


class Manip(StrEnum):
    """Which end of a connection a nat hook may decide about."""

    DESTINATION = "destination"
    SOURCE = "source"


class StageKind(StrEnum):
    """What happens at a priority of a hook."""

    TABLE = "table"
    CHAIN = "chain"
    TRACK = "track"
    NAT = "nat"
    CONFIRM = "confirm"
    IPVS_REQUEST = "ipvs-request"
    IPVS_REPLY = "ipvs-reply"


@value
class Stage:
    """One callback of a hook."""

    priority: int
    """Lower runs earlier."""
    kind: StageKind
    """What it does."""
    table: str = ""
    """The iptables table behind it, or the title of the nftables table."""
    chain: str = ""
    """The base chain, in an nftables table."""


_RAW = Stage(-300, StageKind.TABLE, "raw")
_TRACK = Stage(-200, StageKind.TRACK)
_MANGLE = Stage(-150, StageKind.TABLE, "mangle")
_NAT_DESTINATION = Stage(-100, StageKind.NAT, "nat")
_FILTER = Stage(0, StageKind.TABLE, "filter")
_NAT_SOURCE = Stage(100, StageKind.NAT, "nat")
_CONFIRM = Stage(2**31 - 1, StageKind.CONFIRM)

STAGES: dict[Hook, tuple[Stage, ...]] = {
    Hook.PREROUTING: (_RAW, _TRACK, _MANGLE, _NAT_DESTINATION),
    Hook.INPUT: (_MANGLE, _FILTER, _NAT_SOURCE, _CONFIRM),
    Hook.FORWARD: (_MANGLE, _FILTER),
    Hook.OUTPUT: (_RAW, _TRACK, _MANGLE, _NAT_DESTINATION, _FILTER),
    Hook.POSTROUTING: (_MANGLE, _NAT_SOURCE, _CONFIRM),
}
"""What every host has at its hooks."""


def built_in_chains(table: str) -> tuple[Hook, ...]:
    """The base chains of an iptables table: one for each hook that asks it."""
    return tuple(hook for hook in Hook if any(s.table == table for s in STAGES[hook]))


MANIP: dict[Hook, Manip] = {
    Hook.PREROUTING: Manip.DESTINATION,
    Hook.OUTPUT: Manip.DESTINATION,
    Hook.INPUT: Manip.SOURCE,
    Hook.POSTROUTING: Manip.SOURCE,
}
"""Which end each nat hook decides about (the kernel's HOOK2MANIP)."""


@value
class BaseChain:
    """What else hangs on a hook: a base chain of an nftables table, or IPVS."""

    hook: Hook
    """Where it hangs."""
    stage: Stage
    """Its priority and its name."""
    nat: bool = False
    """Of type nat: the stage NAT asks it, wherever its priority would place it."""


IPVS_CHAINS = (
    BaseChain(Hook.INPUT, Stage(98, StageKind.IPVS_REPLY)),
    BaseChain(Hook.INPUT, Stage(99, StageKind.IPVS_REQUEST)),
    BaseChain(Hook.OUTPUT, Stage(-99, StageKind.IPVS_REPLY)),
    BaseChain(Hook.OUTPUT, Stage(-98, StageKind.IPVS_REQUEST)),
    BaseChain(Hook.FORWARD, Stage(100, StageKind.IPVS_REPLY)),
)
"""Where IPVS hangs (ip_vs_ops4 in net/netfilter/ipvs/ip_vs_core.c): behind the filters, which
see the address that was called, and around nat, so that the answer is translated back first."""


class HookOrder:
    """Everything that hangs on the hooks of one host, in the order in which it is called.

    Where two have the same priority, the one that was hung there last is called first
    (nf_hook_entries_grow). A plugin writes its iptables rules after kube-proxy has come up, so
    iptables stands before nftables.
    """

    def __init__(self, chains: Iterable[BaseChain] = ()) -> None:
        hung = tuple(chains)
        plain = {hook: [c.stage for c in hung if c.hook is hook and not c.nat] for hook in Hook}
        nat = {hook: [c.stage for c in hung if c.hook is hook and c.nat] for hook in Hook}
        self._stages = {hook: _by_priority((*STAGES[hook], *plain[hook])) for hook in Hook}
        self._nat = {hook: _by_priority((*_nat_tables(hook), *nat[hook])) for hook in Hook}

    def stages(self, hook: Hook) -> tuple[Stage, ...]:
        """Everything that a hook calls."""
        return self._stages[hook]

    def nat_stages(self, hook: Hook) -> tuple[Stage, ...]:
        """The nat chains that the stage NAT of a hook asks, iptables' own among them."""
        return self._nat[hook]


def _nat_tables(hook: Hook) -> Iterator[Stage]:
    for stage in STAGES[hook]:
        if stage.kind is StageKind.NAT:
            yield Stage(stage.priority, StageKind.TABLE, stage.table)


def _by_priority(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    return tuple(sorted(stages, key=lambda stage: stage.priority))


IPTABLES_ONLY = HookOrder()
"""A host on which nobody uses nftables."""

WITH_IPVS = HookOrder(IPVS_CHAINS)
"""A host with IPVS besides."""
