"""Cluster IPs as groups of the switch: a bucket for each endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.cni.site import Site
from tui.sim.ebpf import Backend, Frontend, LbService, ServiceKind
from tui.sim.model.address import Family
from tui.sim.model.cluster import Node
from tui.sim.services import plan_ports


def services_of(node: Node, site: Site) -> Mapping[Frontend, LbService]:
    """Every cluster IP, with those that a pod of the node may be brought to."""
    found: dict[Frontend, LbService] = {}
    for plan in plan_ports(site.cluster, node, Family.IPV4, site.settings):
        behind = plan.local_endpoints if plan.internal_local else plan.cluster_endpoints
        backends = tuple(Backend(each.ip, each.port) for each in behind)
        frontend = (plan.protocol, plan.cluster_ip, plan.port.port)
        found[frontend] = LbService(ServiceKind.CLUSTER_IP, plan.owner, backends)
    return found
