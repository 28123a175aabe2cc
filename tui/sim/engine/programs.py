"""eBPF programs of a plugin on the way of a packet: at a pod's cable, at cilium_host, at the
network card and at the tunnel.

Follows Cilium v1.16: bpf/bpf_lxc.c, bpf_host.c, bpf_overlay.c, lib/nodeport.h, with
legacy host routing: what no program brings on goes to the kernel's stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sim.cni.machine import node_place
from tui.sim.ebpf import Attach, Backend, Datapath, LbService, Scope, ServiceKind
from tui.sim.engine import links, tunnels
from tui.sim.engine.arrival import Next
from tui.sim.engine.connect import chosen, datapath_of, service_for
from tui.sim.model.address import IPAddress
from tui.sim.model.packet import Ethernet, Packet
from tui.sim.model.value import replace
from tui.sim.netfilter.conntrack import ConntrackTable, Direction, Tracked, translated
from tui.sim.netfilter.hooks import Manip
from tui.sim.netfilter.nat import with_destination, with_source
from tui.sim.netfilter.traverse import Skb
from tui.sim.routing.network import Device, Namespace
from tui.sim.trace import Chance, Cost, Reason, ReasonCode, StepKind

if TYPE_CHECKING:
    from tui.sim.engine.walk import Walk

# ---------------------------------------------------------------- devices


def attached(walk: Walk, space: Namespace, device: Device, packet: Packet) -> Attach | None:
    """The program that sees what comes in by a device."""
    datapath = datapath_of(walk, space.node, packet) if _is_node(space) else None
    return datapath.ingress.get(device.name) if datapath is not None else None


def at_egress(walk: Walk, space: Namespace, device: Device, packet: Packet) -> bool:
    """Whether a program waits where a packet leaves by a device."""
    datapath = datapath_of(walk, space.node, packet) if _is_node(space) else None
    return datapath is not None and device.name in datapath.egress


def _is_node(space: Namespace) -> bool:
    return space.node is not None and space.name == node_place(space.node)


def run(walk: Walk, space: Namespace, device: Device, program: Attach, skb: Skb) -> Next:
    """Let the program of a device decide about a packet that came in by it."""
    datapath = datapath_of(walk, space.node, skb.packet)
    assert datapath is not None
    own = _Run(walk, space, device, program, datapath)
    match program:
        case Attach.FROM_CONTAINER:
            return own.from_container(skb)
        case Attach.FROM_NETDEV:
            return own.from_netdev(skb)
        case Attach.FROM_OVERLAY:
            return own.from_overlay(skb)
        case Attach.SWITCH_PORT:
            return own.from_port(skb)
        case Attach.SWITCH_TUNNEL:
            return own.to_pod(skb) or own.nowhere(skb)
    return walk.receive(space, device.name, skb)


def from_host(walk: Walk, space: Namespace, device: Device, skb: Skb) -> Next:
    """What the node's own stack sends by cilium_host: to a pod here, or into the tunnel."""
    datapath = datapath_of(walk, space.node, skb.packet)
    assert datapath is not None
    own = _Run(walk, space, device, Attach.FROM_HOST, datapath)
    return own.to_pod(skb) or own.to_other_node(skb) or own.nowhere(skb)


class _Run:
    """One program that runs for one packet."""

    def __init__(
        self, walk: Walk, space: Namespace, device: Device, program: Attach, datapath: Datapath
    ) -> None:
        self.walk = walk
        self.space = space
        self.device = device
        self.program = program
        self.datapath = datapath
        self.maps = datapath.maps

    @property
    def _connections(self) -> ConntrackTable:
        """cilium_ct4 and cilium_snat_v4_external of this node, as one table."""
        return self.walk.scene.program_connections(self.space.name)

    def _step(
        self, packet: Packet, code: ReasonCode, *, lookups: int = 1, chance: Chance | None = None,
        owner: str | None = None, **fields: object,
    ) -> None:  # fmt: skip
        reason = Reason.of(code, program=self.program, **fields)
        self.walk.log.add(
            StepKind.PROGRAM, packet, reason, device=self.device.name, chance=chance,
            cost=Cost(lookups=lookups), owner=owner,
        )  # fmt: skip

    # -------------------------------------------------- programs

    def from_container(self, skb: Skb) -> Next:
        """bpf_lxc: answers are translated back, cluster IPs forth; then to whoever has it."""
        if self._answer_to_outside(skb):
            return self._out_by_card(skb)
        if skb.packet.destination == self.datapath.loopback:
            self._undone(skb)
        elif self.datapath.packet_lb and not self._translated_to_backend(skb):
            return None
        return self.to_pod(skb) or self.to_other_node(skb) or self._to_stack(skb)

    def from_netdev(self, skb: Skb) -> Next:
        """bpf_host: node ports and other addresses that the world may call."""
        if self._answer_to_outside(skb):
            return self._out_by_card(skb)
        service = service_for(self.datapath, skb.packet)
        if service is None or service.kind is ServiceKind.CLUSTER_IP:
            return self._to_stack(skb)
        return self._balanced(skb, service)

    def from_overlay(self, skb: Skb) -> Next:
        """bpf_overlay: what came out of the tunnel."""
        if self._answer_to_outside(skb):
            return self._out_by_card(skb)
        return self.to_pod(skb) or self._to_stack(skb)

    def from_port(self, skb: Skb) -> Next:
        """Open vSwitch: admitted, translated where it is for a Service, then on to the tunnel."""
        self._step(skb.packet, ReasonCode.SWITCH_ADMITTED, by=self.datapath.admitted_by)
        if skb.packet.destination == self.datapath.loopback:
            self._undone(skb)
        elif not self._translated_to_backend(skb):
            return None
        return self.to_pod(skb) or self.to_other_node(skb) or self._beyond(skb)

    # -------------------------------------------------- Services

    def _translated_to_backend(self, skb: Skb) -> bool:
        """lb4_local: a cluster IP becomes a backend, and the connection is remembered."""
        service = service_for(self.datapath, skb.packet)
        if service is None or service.kind is not ServiceKind.CLUSTER_IP:
            return True
        known = self._connections.track(skb.packet)
        if known.confirmed and known.direction is Direction.ORIGINAL:
            self._repeated(skb, known)
            return True
        backends = service.backends(Scope.INTERNAL)
        if not backends:
            self._without_backend(skb, service)
            return False
        self._to_backend(skb, service, backends, snat_to=self._own_loopback)
        return True

    def _own_loopback(self, backend: Backend, packet: Packet) -> IPAddress | None:
        """A pod that reaches itself through a Service sees another source."""
        return self.datapath.loopback if backend.ip == packet.source else None

    def _balanced(self, skb: Skb, service: LbService) -> Next:
        """nodeport_lb4: to a pod here as it came, to another node's with this node's address."""
        packet = skb.packet
        if service.source_ranges and not any(packet.source in n for n in service.source_ranges):
            self._dropped(skb, ReasonCode.EBPF_NOT_ADMITTED, service.owner, source=packet.source)
            return None
        known = self._connections.track(packet)
        if known.confirmed and known.direction is Direction.ORIGINAL:
            self._repeated(skb, known)
        else:
            backends = service.backends(Scope.EXTERNAL)
            if not backends:
                self._without_backend(skb, service)
                return None
            self._to_backend(skb, service, backends, snat_to=self._for_other_nodes)
        return self.to_pod(skb) or self.to_other_node(skb) or self._out_by_card(skb)

    def _for_other_nodes(self, backend: Backend, _packet: Packet) -> IPAddress | None:
        if backend.ip in self.maps.endpoints:
            return None
        return self.datapath.gateway if self.datapath.tunnel else self.datapath.node_ip

    def _to_backend(
        self, skb: Skb, service: LbService, backends: tuple[Backend, ...], snat_to: _SnatTo
    ) -> None:
        """Choose one, write the packet's destination, and remember how to undo it."""
        backend, chance = chosen(self.walk, backends)
        table, before = self._connections, skb.packet
        entry = with_destination(table.track(before).entry, backend.ip, backend.port)
        after = replace(before, destination=backend.ip, dport=backend.port)
        self._step(
            after, ReasonCode.EBPF_DNAT, lookups=3, chance=chance, owner=service.owner,
            old=before.to_text, new=after.to_text, backends=len(backends),
        )  # fmt: skip
        source = snat_to(backend, before)
        if source is not None:
            entry = with_source(entry, source, False, table)
            changed = replace(after, source=source, sport=entry.reply.dport)
            self._step(changed, ReasonCode.EBPF_SNAT, owner=service.owner,
                       old=after.from_text, new=changed.from_text)  # fmt: skip
            after = changed
        table.confirm(Tracked(entry, table.track(before).state), before)
        skb.packet = after

    def _repeated(self, skb: Skb, known: Tracked) -> None:
        """A later packet goes where the first one went."""
        before = skb.packet
        after = translated(before, known, Manip.DESTINATION)
        after = translated(after, known, Manip.SOURCE)
        self._connections.refresh(known, before)
        self._step(after, ReasonCode.EBPF_REPEATED, old=before.to_text, new=after.to_text)
        skb.packet = after

    def _answer_to_outside(self, skb: Skb) -> bool:
        """Undo what was done to the request, if this is an answer to one that came by the card."""
        if self.datapath.packet_lb:
            return False
        return self._undone(skb)

    def _undone(self, skb: Skb) -> bool:
        table, before = self._connections, skb.packet
        known = table.track(before)
        if not known.confirmed or known.direction is not Direction.REPLY:
            return False
        after = translated(before, known, Manip.SOURCE)
        after = translated(after, known, Manip.DESTINATION)
        table.refresh(known, before)
        self._step(after, ReasonCode.EBPF_UNDONE, old=_ends(before), new=_ends(after))
        skb.packet = after
        return True

    def _without_backend(self, skb: Skb, service: LbService) -> None:
        fields = {"service": skb.packet.to_text, "program": self.program}
        reason = Reason.of(ReasonCode.EBPF_NO_BACKEND, **fields)
        v6 = skb.packet.source.version == 6
        message = "icmp6-port-unreachable" if v6 else "icmp-port-unreachable"
        self.walk.finish(StepKind.REJECTED, self.space, skb.packet, reason, message,
                         owner=service.owner, device=self.device.name, lookups=1)  # fmt: skip

    def _dropped(self, skb: Skb, code: ReasonCode, owner: str, **fields: object) -> None:
        told = {"device": self.device.name} if code is ReasonCode.MTU_EXCEEDED else {
            "program": self.program
        }  # fmt: skip
        reason = Reason.of(code, **told, **fields)
        self.walk.finish(StepKind.DROPPED, self.space, skb.packet, reason, owner=owner,
                         device=self.device.name, lookups=1)  # fmt: skip

    # -------------------------------------------------- onwards

    def to_pod(self, skb: Skb) -> Next:
        """ipv4_local_delivery: straight to the cable of a pod of this node, past the stack."""
        name = self.maps.endpoints.get(skb.packet.destination)
        if name is None:
            return None
        if self.datapath.packet_lb:
            self._undone(skb)
        port = self.space.device(name)
        if skb.packet.size > port.mtu:
            # __dev_forward_skb, and ovs_vport_send: nobody is told
            self._dropped(skb, ReasonCode.MTU_EXCEEDED, "", size=skb.packet.size, mtu=port.mtu)
            return None
        packet = self._routed(skb, port)
        if packet is None:
            return None
        self._step(packet, ReasonCode.EBPF_TO_POD, address=packet.destination, device=name)
        return links.across(self.walk, self.space, port, packet)

    def _routed(self, skb: Skb, port: Device) -> Packet | None:
        """The packet as a router passes it on; within a subnet that is bridged it stays as it is.

        None if that was its end.
        """
        subnet = self.datapath.bridged
        if subnet is not None and skb.packet.source in subnet:
            return skb.packet
        if not self.walk.lives(self.space, skb):
            return None
        assert port.peer is not None
        far = self.walk.scene.namespace(port.peer[0]).device(port.peer[1])
        frame = Ethernet(port.mac, far.mac)
        return replace(skb.packet, ttl=skb.packet.ttl - 1, ethernet=frame)

    def to_other_node(self, skb: Skb) -> Next:
        """encap_and_redirect: into the tunnel to the node that has the pod."""
        remote = self.maps.remote(skb.packet.destination)
        if remote is None or not self.datapath.tunnel or self.walk.end is not None:
            return None
        tunnel = self.space.device(self.datapath.tunnel)
        self._step(skb.packet, ReasonCode.EBPF_TO_NODE, address=skb.packet.destination,
                   remote=remote, device=tunnel.name)  # fmt: skip
        outside = self.program is Attach.FROM_NETDEV
        usual = _WORLD_IDENTITY if outside else _HOST_IDENTITY
        identity = self.maps.identities.get(skb.packet.source, usual)
        return tunnels.to_remote(self.walk, self.space, tunnel, remote, identity, skb)

    def _beyond(self, skb: Skb) -> Next:
        """What is no pod's goes to the fabric's own end of the tunnel."""
        remote = self.datapath.beyond
        if self.walk.end is not None or remote is None or not self.walk.lives(self.space, skb):
            return None
        skb.packet = replace(skb.packet, ttl=skb.packet.ttl - 1)
        tunnel = self.space.device(self.datapath.tunnel)
        self._step(skb.packet, ReasonCode.SWITCH_TO_FABRIC, address=skb.packet.destination,
                   remote=remote, device=tunnel.name)  # fmt: skip
        return tunnels.to_remote(self.walk, self.space, tunnel, remote, 0, skb)

    def _to_stack(self, skb: Skb) -> Next:
        """CTX_ACT_OK: the kernel's own stack goes on with it."""
        if self.walk.end is not None:
            return None
        self._step(skb.packet, ReasonCode.EBPF_TO_STACK, address=skb.packet.destination)
        return self.walk.receive(self.space, self.device.name, skb)

    def _out_by_card(self, skb: Skb) -> Next:
        """fib_redirect: out by the card as the routes say, past the hooks."""
        if self.walk.end is not None or not self.walk.lives(self.space, skb):
            return None
        skb.packet = replace(skb.packet, ttl=skb.packet.ttl - 1)
        return self.walk.past_the_hooks(self.space, skb)

    def nowhere(self, skb: Skb) -> Next:
        """What the stack sent by cilium_host although no pod has the address."""
        if self.walk.end is None:
            self._dropped(skb, ReasonCode.EBPF_NOBODY, "", address=skb.packet.destination)
        return None


def _ends(packet: Packet) -> str:
    return f"{packet.from_text} > {packet.to_text}"


_HOST_IDENTITY, _WORLD_IDENTITY = 1, 2
"""reserved:host and reserved:world."""

if TYPE_CHECKING:
    from collections.abc import Callable

    _SnatTo = Callable[[Backend, Packet], IPAddress | None]
