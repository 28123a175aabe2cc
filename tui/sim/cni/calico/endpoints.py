"""The chains of felix for each pod, and how a packet finds them by its device.

Without a policy a pod's profiles decide: that of its namespace allows everything. Follows
felix/rules/endpoints.go, dispatch.go and policy.go (Calico v3.26).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from tui.sim.cni.calico.felix import felix_chain
from tui.sim.cni.calico.marks import ACCEPT, accepted
from tui.sim.cni.calico.names import chain_named, veth_of
from tui.sim.cni.calico.wiring import PORT
from tui.sim.cni.site import ChainPatch, PodSite
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.rules import (
    Accept,
    Comment,
    ConntrackMatch,
    Drop,
    Goto,
    Jump,
    Multiport,
    Return,
    Rule,
    SetMark,
)

ESTABLISHED = ConntrackMatch(("RELATED", "ESTABLISHED"))
_INVALID = ConntrackMatch(("INVALID",))
_UNKNOWN = Rule(Drop(), matches=(Comment("Unknown interface"),))


def endpoint_chains(pods: Sequence[PodSite]) -> Iterator[ChainPatch]:
    """Dispatch, a chain for each direction of each pod, and the profiles that they ask."""
    veths = sorted(veth_of(pod.place) for pod in pods)
    yield from _dispatch("cali-from-wl-dispatch", "cali-fw-", veths, incoming=True)
    yield from _dispatch("cali-to-wl-dispatch", "cali-tw-", veths, incoming=False)
    for pod in pods:
        yield felix_chain("filter", f"cali-tw-{veth_of(pod.place)}", tuple(_to_pod(pod)))
        yield felix_chain("filter", f"cali-fw-{veth_of(pod.place)}", tuple(_from_pod(pod)))
    for profile in dict.fromkeys(name for pod in pods for name in _profiles(pod)):
        yield _profile("cali-pri-", profile, "ingress")
        yield _profile("cali-pro-", profile, "egress")


# ---------------------------------------------------------------- dispatch


def _dispatch(
    chain: str, prefix: str, veths: Sequence[str], *, incoming: bool
) -> Iterator[ChainPatch]:
    """A goto for each veth; those that share their next letter share a chain of their own."""
    shared = _shared(veths)
    groups: dict[str, list[str]] = {}
    for name in veths:
        groups.setdefault(name[: shared + 1], []).append(name)
    rules: list[Rule] = []
    for start, names in groups.items():
        if len(names) == 1:
            rules.append(_goto(f"{prefix}{names[0]}", names[0], incoming))
            continue
        child = f"{chain}-{start[shared:]}"
        inside = [_goto(f"{prefix}{name}", name, incoming) for name in names]
        yield felix_chain("filter", child, (*inside, _UNKNOWN))
        rules.append(_goto(child, f"{start}+", incoming))
    yield felix_chain("filter", chain, (*rules, _UNKNOWN))


def _shared(names: Sequence[str]) -> int:
    """How many letters all of some sorted names begin with."""
    if not names:
        return 0
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(names[0], names[-1], strict=False))
    return sum(1 for _ in alike)


def _goto(chain: str, device: str, incoming: bool) -> Rule:
    if incoming:
        return Rule(Goto(chain), in_interface=device)
    return Rule(Goto(chain), out_interface=device)


# ---------------------------------------------------------------- pods


def _start() -> Iterator[Rule]:
    """What belongs to a connection passes; nothing else has been allowed yet."""
    yield Rule(Accept(), matches=(ESTABLISHED,))
    yield Rule(Drop(), matches=(_INVALID,))
    yield Rule(SetMark(0, ACCEPT))


def _to_pod(pod: PodSite) -> Iterator[Rule]:
    yield from _start()
    yield from _asked("cali-pri-", pod)


def _from_pod(pod: PodSite) -> Iterator[Rule]:
    yield from _start()
    yield from _NO_TUNNELS
    yield from _asked("cali-pro-", pod)


_NO_TUNNELS = (
    Rule(
        Drop(),
        protocol=Protocol.UDP,
        matches=(
            Comment("Drop VXLAN encapped packets originating in workloads"),
            Multiport("dports", ((PORT, PORT),)),
        ),
    ),
    Rule(
        Drop(),
        protocol=Protocol.IPIP,
        matches=(Comment("Drop IPinIP encapped packets originating in workloads"),),
    ),
)
"""A pod that makes tunnels itself could get round its policies."""


def _asked(prefix: str, pod: PodSite) -> Iterator[Rule]:
    for profile in _profiles(pod):
        yield Rule(Jump(chain_named(prefix, profile)))
        yield accepted(Return(), "Return if profile accepted")
    yield Rule(Drop(), matches=(Comment("Drop if no profiles matched"),))


def _profiles(pod: PodSite) -> tuple[str, str]:
    """Those of its namespace and of its service account, which is taken to be the default one."""
    place = pod.place.split("/")
    namespace = place[1] if len(place) == 3 else "default"
    return f"kns.{namespace}", f"ksa.{namespace}.default"


def _profile(prefix: str, name: str, direction: str) -> ChainPatch:
    """A namespace's profile allows everything, a service account's says nothing."""
    about = Comment(f"Profile {name} {direction}")
    if name.startswith("ksa."):
        rules: tuple[Rule, ...] = (Rule(matches=(about,)),)
    else:
        rules = (Rule(SetMark(ACCEPT, ACCEPT), matches=(about,)), accepted(Return()))
    return felix_chain("filter", chain_named(prefix, name), rules)
