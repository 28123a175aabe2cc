"""What to say of a hook that begins, and of the route that was chosen."""

from __future__ import annotations

from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.passage import Skb
from tui.sim.routing.network import Route, RouteKind, RoutingRule
from tui.sim.routing.rule_text import print_routing_rule
from tui.sim.routing.text import print_route
from tui.sim.trace import Reason, ReasonCode


def hook_reason(hook: Hook, skb: Skb, came: str, goes: str, bridge: str | None) -> Reason:
    """Which hook begins, and the devices that it knows of."""
    if bridge is not None:
        return Reason.of(ReasonCode.HOOK_FOR_BRIDGED, hook=hook, bridge=bridge)
    if hook is Hook.OUTPUT and skb.scheduled is not None:
        return Reason.of(ReasonCode.HOOK_FOR_IPVS, hook=hook, oif=goes)
    return Reason.of(ReasonCode.HOOK_BEGAN, hook=hook, iif=came, oif=goes)


def route_reason(route: Route, destination: object, rule: RoutingRule | None) -> Reason:
    """Which route, and by which routing rule if one is about this packet."""
    if route.kind is RouteKind.LOCAL:
        return Reason.of(ReasonCode.ROUTE_LOCAL, address=destination, route=print_route(route))
    if rule is not None:
        return Reason.of(
            ReasonCode.ROUTE_BY_RULE,
            rule=print_routing_rule(rule).replace("\t", " "),
            table=rule.table,
            route=print_route(route),
            destination=destination,
        )
    return Reason.of(
        ReasonCode.ROUTE_CHOSEN,
        route=print_route(route),
        destination=destination,
        device=route.device,
        via=route.via or "",
    )
