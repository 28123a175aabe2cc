"""The rules that a Service has on a node: chains that bear its name, and what leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tui.screens.sections import Block, Row, block, printed
from tui.session import Session
from tui.sim.engine.world import World
from tui.sim.model.address import Family, family_of
from tui.sim.model.cluster import Service
from tui.sim.model.settings import ProxyMode
from tui.sim.netfilter.nft.text import chain_lines
from tui.sim.netfilter.rules import Chain, Ruleset
from tui.sim.netfilter.text import print_rule
from tui.sim.proxy.names import endpoint_chain, hashed, port_tag, readable_port
from tui.sim.services import PortPlan
from tui.words import Words
from tui.words.language import _

_KINDS = ("SVC", "SVL", "EXT", "FW")
"""Kinds of chains that a service port may have."""
_LEADING = frozenset(
    {"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-EXTERNAL-SERVICES", "KUBE-PROXY-FIREWALL"}
)
"""Chains in which every Service has rules."""


def chain_blocks(
    session: Session, service: Service, node: str, plans: Sequence[PortPlan], words: Words
) -> Iterator[Block]:
    """The rules of a Service, as the mode in use has them; a click on a chain goes to it."""
    world = session.world
    if world.proxy.mode is ProxyMode.IPVS:
        yield _servers(world, service, node, words)
        return
    met = chains_on_way(session, plans)
    found = 0
    for name, command, texts in _chains(world, node, plans):
        found += 1
        target, here = "", ""
        if name in met:
            target, total = f"step/{met[name]}", len(session.moments)
            text = words(_("step {step} of {total}"), step=met[name] + 1, total=total)
            here = f"   # {text}"
        yield Block(f"{command}{here}", tuple(Row(text, target=target) for text in texts))
    if not found:
        yield block(f"# {words(_('no chain bears its name'))}", [])


def _chains(
    world: World, node: str, plans: Sequence[PortPlan]
) -> Iterator[tuple[str, str, list[str]]]:
    """Name, command and lines of each chain; what leads there has no name of its own."""
    for family in dict.fromkeys(family_of(plan.cluster_ip) for plan in plans):
        own = [plan for plan in plans if family_of(plan.cluster_ip) is family]
        table = world.kube_proxy_table(node, family)
        if table is None:
            yield from _iptables(world.kube_proxy_ruleset(node, family), own)
            continue
        bears = bearer(own)
        for chain in table.chains.values():
            if bears(chain.name):
                lines = [line.expandtabs(4).removeprefix("    ") for line in chain_lines(chain)]
                yield chain.name, f"nft list chain {table.title} {chain.name}", lines


def _iptables(ruleset: Ruleset, plans: Sequence[PortPlan]) -> Iterator[tuple[str, str, list[str]]]:
    bears = bearer(plans)
    command = "iptables" if ruleset.family is Family.IPV4 else "ip6tables"
    service = f"{plans[0].namespace}/{plans[0].service}"
    for table in ruleset.tables.values():
        for chain in sorted(table.chains.values(), key=_order):
            lines = list(_lines(chain, ruleset.family, plans, bears))
            if lines:
                sought = "" if bears(chain.name) else f" | grep {service}"
                yield chain.name, f"{command} -t {table.name} -S {chain.name}{sought}", lines


def _order(chain: Chain) -> int:
    """As a packet meets them: what all Services share, the Service's chains, its endpoints'."""
    return 0 if chain.name in _LEADING else 2 if chain.name.startswith("KUBE-SEP-") else 1


def _lines(
    chain: Chain, family: Family, plans: Sequence[PortPlan], bears: Callable[[str], bool]
) -> Iterator[str]:
    """All rules of the Service's own chains; of those that all share, the rules about it."""
    names = tuple(f"{plan.name} " for plan in plans)
    own = bears(chain.name)
    for rule in chain.rules if own or chain.name in _LEADING else ():
        if own or rule.comment.startswith(names):
            yield f"-A {chain.name} {print_rule(rule, family)}"


def bearer(plans: Sequence[PortPlan]) -> Callable[[str], bool]:
    """Whether a chain's name is one of the Service's."""
    names, parts = set[str](), list[str]()
    for plan in plans:
        tag = port_tag(plan.name, plan.protocol)
        names.update(f"KUBE-{kind}-{hashed(tag)}" for kind in _KINDS)
        names.update(endpoint_chain(tag, endpoint.text) for endpoint in plan.endpoints)
        readable = readable_port(plan.namespace, plan.service, plan.protocol, plan.port.name)
        parts.append(readable.split("-", 1)[1])
    return lambda name: name in names or any(_is_of(name, part) for part in parts)


def _is_of(name: str, part: str) -> bool:
    """Whether nftables mode gave the name for a port: `service-ULMVA6XW-shop/web/tcp/http`."""
    _kind, _dash, rest = name.partition("-")
    _digest, _dash, rest = rest.partition("-")
    return rest == part or rest.startswith(f"{part}__")


def _servers(world: World, service: Service, node: str, words: Words) -> Block:
    """The virtual servers of IPVS mode, which knows no chains of a Service."""
    from tui.sim.netfilter.ipvs_text import print_servers

    owner = f"Service {service.namespace}/{service.name}"
    known = world.virtual_servers(node) or {}
    text = print_servers(each for each in known.values() if each.owner == owner)
    return printed(f"ipvsadm-save -n   # {words(_('of this Service'))}", text, words)


def chains_on_way(session: Session, plans: Sequence[PortPlan]) -> dict[str, int]:
    """The Service's chains that the packet met: where among the session's moments first."""
    bears, met = bearer(plans), dict[str, int]()
    for position, moment in enumerate(session.moments):
        place = moment.step.place
        if place is not None and place.chain and place.chain not in met and bears(place.chain):
            met[place.chain] = position
    return met
