"""The flows and groups of br-int, in the words of `ovs-ofctl`, rendered from the same maps.

A plugin's agent has many more tables; these are what they come to for a packet.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.ebpf.datapath import Attach, Datapath


def print_flows(datapath: Datapath) -> str:
    """`ovs-ofctl dump-flows br-int`, without counters."""
    return "".join(f" {line}\n" for line in _flows(datapath))


def _flows(datapath: Datapath) -> Iterator[str]:
    maps, tunnel = datapath.maps, datapath.tunnel
    for name, attach in datapath.ingress.items():
        table = 10 if attach is Attach.SWITCH_PORT else 30
        yield f'table=0, priority=100,in_port="{name}" actions=resubmit(,{table})'
    yield f"table=10, priority=1 actions=resubmit(,20)  # {datapath.admitted_by}"
    for number, (protocol, ip, port) in enumerate(maps.services, 1):
        match = f"{protocol.lower},nw_dst={ip},tp_dst={port}"
        yield f"table=20, priority=50,{match} actions=group:{number}"
    yield "table=20, priority=1 actions=resubmit(,30)"
    for ip, name in maps.endpoints.items():
        yield f'table=30, priority=50,ip,nw_dst={ip} actions=output:"{name}"'
    for net, remote in maps.remotes:
        to = f'set_field:{remote}->tun_dst,output:"{tunnel}"'
        yield f"table=30, priority=40,ip,nw_dst={net.network_address} actions={to}"
    if datapath.beyond is not None:
        to = f'dec_ttl,set_field:{datapath.beyond}->tun_dst,output:"{tunnel}"'
        yield f"table=30, priority=1,ip actions={to}"


def print_groups(datapath: Datapath) -> str:
    """`ovs-ofctl -O OpenFlow13 dump-groups br-int`: a bucket for each endpoint."""
    lines = []
    for number, service in enumerate(datapath.maps.services.values(), 1):
        buckets = "".join(
            f",bucket=weight:100,actions=ct(commit,nat(dst={each.text}),table=30)"
            for each in service.internal
        )
        lines.append(f" group_id={number},type=select{buckets}  # {service.owner}\n")
    return "".join(lines)
