"""What an edit changed and what kube-proxy made of it, in a few words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice

from tui.comparison.clusters import Difference, Fate, differences, endpoint_counts
from tui.comparison.rules import Rewritten, rewritten
from tui.session import Session
from tui.sim.engine import World
from tui.sim.mismatches import mismatches
from tui.sim.model.cluster import Cluster
from tui.sim.model.settings import ProxyMode
from tui.sim.model.shown import shown
from tui.words import Words
from tui.words.language import _

_MOST = 2
"""Differences that are told one by one."""
_MANY = 1000
"""More than that are not counted."""

_SHOWN = 4
"""Places that the map brings forward."""
_ON_THE_MAP = {"Pod": "pod", "Service": "svc"}

_RULES = {
    ProxyMode.IPTABLES: _("kube-proxy on {node}: {new} rules new, {gone} gone."),
    ProxyMode.NFTABLES: _("kube-proxy on {node}: {new} rules and elements new, {gone} gone."),
    ProxyMode.IPVS: _("kube-proxy on {node}: {new} rules, servers and entries new, {gone} gone."),
}


def what_changed(words: Words, before: World, after: World, node: str) -> str:
    """The objects, the endpoints, and the rules on one node."""
    parts = [
        *_objects(words, before, after),
        *_endpoints(words, before, after),
        _rules(words, rewritten(before, after, node), after.proxy.mode),
    ]
    return " ".join(parts)


def places_changed(before: Cluster, after: Cluster) -> tuple[str, ...]:
    """The pods and Services that an edit made or changed, as the map calls them; a few of them."""
    found: dict[str, None] = {}
    for each in islice(differences(before, after), _MANY):
        kind, _space, name = each.owner.partition(" ")
        if kind in _ON_THE_MAP and each.fate is not Fate.GONE:
            found[f"{_ON_THE_MAP[kind]}/{name}"] = None
    return tuple(islice(found, _SHOWN))


def node_of(session: Session, world: World) -> str:
    """The node on which rules are compared: the packet's, else a cluster's first."""
    moment = session.moment
    here = moment.hop.node if moment is not None else None
    return here or next((node.name for node in world.cluster.nodes), "")


def new_misfits(words: Words, before: World, after: World) -> tuple[str, ...]:
    """What does not fit since an edit, a sentence each."""
    known = set(mismatches(before.cluster, before.proxy, before.waiting))
    fresh = (
        each for each in mismatches(after.cluster, after.proxy, after.waiting) if each not in known
    )
    return tuple(f"{words.misfit(each)}." for each in fresh)


def _objects(words: Words, before: World, after: World) -> Iterator[str]:
    found = list(islice(differences(before.cluster, after.cluster), _MANY))
    own = [each for each in found if not each.owner.startswith("EndpointSlice ")] or found
    for owner, held in groupby(own[:_MOST], key=lambda each: each.owner):
        what = "; ".join(_told(words, each) for each in held)
        yield f"{owner}: {what}."
    if len(own) > _MOST:
        yield words(_("And {count} more."), count=len(own) - _MOST)


def _told(words: Words, each: Difference) -> str:
    match each.fate:
        case Fate.NEW:
            text = _("new")
        case Fate.GONE:
            text = _("gone")
        case _ if not each.now:
            text = _("{field} {was} is gone")
        case _ if not each.was:
            text = _("{field} {now} is new")
        case _:
            text = _("{field} {now}, was {was}")
    return words(text, field=shown(each.field), now=shown(each.now), was=shown(each.was))


def _endpoints(words: Words, before: World, after: World) -> Iterator[str]:
    for each in islice(endpoint_counts(before.cluster, after.cluster), _MOST):
        text = _("{service}: {now} endpoints ready, was {was}.")
        yield words(text, service=each.service, now=each.now, was=each.was)


def _rules(words: Words, found: Rewritten, mode: ProxyMode) -> str:
    if not found.new and not found.gone:
        return words(_("kube-proxy on {node}: no rule changed."), node=found.node)
    return words(_RULES[mode], node=found.node, new=found.new, gone=found.gone)
