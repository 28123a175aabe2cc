"""What `ip -d link` adds about each kind of device (kernel 6.1).

Timers stand still at 0, and there are as many queues as on a machine with one CPU.
"""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.routing.iproute2.view import View
from tui.sim.routing.network import Device, DeviceKind

_QUEUES = "numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535"
_BRIDGE_TIMERS = (
    "hello_timer    0.00 tcn_timer    0.00 topology_change_timer    0.00 gc_timer    0.00"
)
_BRIDGE_REST = (
    "group_fwd_mask 0 group_address 01:80:c2:00:00:00 mcast_snooping 1 no_linklocal_learn 0 "
    "mcast_vlan_snooping 0 mcast_router 1 mcast_query_use_ifaddr 0 mcast_querier 0 "
    "mcast_hash_elasticity 16 mcast_hash_max 4096 mcast_last_member_count 2 "
    "mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 "
    "mcast_querier_interval 25500 mcast_query_interval 12500 mcast_query_response_interval 1000 "
    "mcast_startup_query_interval 3124 mcast_stats_enabled 0 mcast_igmp_version 2 "
    "mcast_mld_version 1 nf_call_iptables 0 nf_call_ip6tables 0 nf_call_arptables 0"
)
_PORT_TIMERS = "hold_timer    0.00 message_age_timer    0.00 forward_delay_timer    0.00"
_PORT_REST = (
    "topology_change_ack 0 config_pending 0 proxy_arp off proxy_arp_wifi off mcast_router 1 "
    "mcast_fast_leave off mcast_flood on bcast_flood on mcast_to_unicast off neigh_suppress off "
    "group_fwd_mask 0 group_fwd_mask_str 0x0 vlan_tunnel off isolated off locked off"
)


def details(view: View, device: Device, *, addresses: bool) -> str:
    """What follows the MAC address, on that line and the next ones.

    How it gets link-local addresses, `ip link` tells, and `ip addr` does not.
    """
    port = int(device.master is not None)
    least, most = (0, 0) if device.kind is DeviceKind.LOOPBACK else (68, 65535)
    text = f" promiscuity {port}  allmulti {port} minmtu {least} maxmtu {most} "
    tell = _TELLERS.get(device.kind)
    if tell is not None:
        text += f"\n    {tell(view, device)} "
    if device.master is not None:
        text += f"\n    {_port(view, device, device.master)} "
    mode = "" if addresses else "addrgenmode none "
    return f"{text}{mode}{_QUEUES} {_largest(view, device)} gro_max_size 65536 "


def _largest(view: View, device: Device) -> str:
    """How much the device takes at once; a bridge without ports and a card take what one can."""
    lone = device.kind is DeviceKind.BRIDGE and not view.space.ports_of(device.name)
    size = 65536 if lone or device.kind is DeviceKind.PHYSICAL else 524280
    return f"tso_max_size {size} tso_max_segs 65535"


def _bridge(view: View, device: Device) -> str:
    ports = view.space.ports_of(device.name)
    own = device.mac if ports else "0:0:0:0:0:0"
    return (
        "bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 30000 stp_state 0 "
        f"priority 32768 vlan_filtering 0 bridge_id 8000.{own} designated_root 8000.{own} "
        "root_port 0 root_path_cost 0 topology_change 0 topology_change_detected 0 "
        f"{_BRIDGE_TIMERS} {_BRIDGE_REST}"
    )


def _port(view: View, device: Device, master: str) -> str:
    ports = [each.name for each in view.devices if each.master == master]
    number = ports.index(device.name) + 1
    bridge = view.device(master).mac
    return (
        f"bridge_slave state forwarding priority 32 cost 2 "
        f"hairpin {'on' if device.hairpin else 'off'} guard off root_block off fastleave off "
        f"learning on flood on port_id {0x8000 + number:#x} port_no {number:#x} "
        f"designated_port {0x8000 + number} designated_cost 0 designated_bridge 8000.{bridge} "
        f"designated_root 8000.{bridge} {_PORT_TIMERS} {_PORT_REST}"
    )


def _vxlan(_view: View, device: Device) -> str:
    own = device.vxlan
    if own is None:
        return "vxlan"
    ends = "external id 0" if own.external else f"id {own.vni} local {own.local} dev {own.underlay}"
    return (
        f"vxlan {ends} srcport 0 0 "
        f"dstport {own.port} nolearning ttl auto ageing 300 udpcsum noudp6zerocsumtx "
        "noudp6zerocsumrx"
    )


def _geneve(_view: View, device: Device) -> str:
    """The model's Geneve devices are told by each route where to send: `external`."""
    port = device.vxlan.port if device.vxlan is not None else 6081
    return f"geneve external id 0 ttl auto dstport {port} udpcsum udp6zerocsumrx"


def _ipip(_view: View, device: Device) -> str:
    local = device.ipip.local if device.ipip is not None else None
    return f"ipip any remote any local {local or 'any'} ttl inherit nopmtudisc"


_TELLERS: dict[DeviceKind, Callable[[View, Device], str]] = {
    DeviceKind.VETH: lambda _view, _device: "veth",
    DeviceKind.DUMMY: lambda _view, _device: "dummy",
    DeviceKind.BRIDGE: _bridge,
    DeviceKind.OVS: lambda _view, _device: "openvswitch",
    DeviceKind.VXLAN: _vxlan,
    DeviceKind.GENEVE: _geneve,
    DeviceKind.IPIP: _ipip,
}
"""The line of each kind that has one."""
