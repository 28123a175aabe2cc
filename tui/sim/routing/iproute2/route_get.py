"""`ip route get`: the route that the kernel would take, and the source address with it.

Follows inet_rtm_getroute and inet6_rtm_getroute: without `iif` for a packet of a process here,
with it for one that comes in.
"""

from __future__ import annotations

from tui.sim.model.address import IPAddress, address
from tui.sim.model.shown import shown
from tui.sim.model.value import value
from tui.sim.routing.iproute2.arguments import Arguments, CommandError, matching, unknown
from tui.sim.routing.iproute2.kernel_routes import LOCAL, Line, lines_of, table_of
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.lookup import FlowKey
from tui.sim.routing.network import MAIN, Route
from tui.sim.routing.text import metric_of

_WORDS = ("to", "from", "iif", "mark")
_MOST_MARK = 0xFFFFFFFF

UNREACHABLE = "Network is unreachable"
NO_ROUTE = "No route to host"
INVALID = "Invalid argument"
_REFUSALS = {"blackhole": INVALID, "unreachable": NO_ROUTE, "prohibit": "Permission denied"}
"""What a route says that leads nowhere: EINVAL, EHOSTUNREACH, EACCES."""


@value
class Asked:
    """The packet that is asked about."""

    to: IPAddress
    """Its destination."""
    source: IPAddress | None = None
    """Its source; None where the kernel shall choose."""
    in_device: str = ""
    """The device that it comes in by; empty for one made here."""
    mark: int = 0
    """Its fwmark."""


def get(view: View, version: int | None, words: Arguments) -> str:
    """The answer for the packet that the words describe. Raises CommandError."""
    return answer(view, _read(view, version, words))


def answer(view: View, asked: Asked) -> str:
    """What `ip route get` prints of a packet. Raises CommandError with the kernel's error."""
    if asked.to.is_multicast or str(asked.to) == "255.255.255.255":
        raise CommandError(f"ip route get {asked.to}: there is no multicast here")
    if asked.source is not None and asked.source.version != asked.to.version:
        raise CommandError(f"from {asked.source}: expected an IPv{asked.to.version} address")
    if asked.to.version == 6:
        return _six(view, asked)
    return _incoming(view, asked) if asked.in_device else _outgoing(view, asked)


def _refused(error: str) -> CommandError:
    return CommandError(f"RTNETLINK answers: {error}")


def _found(view: View, asked: Asked, *, outward: str = UNREACHABLE) -> Line:
    """The route for a packet. Raises CommandError where there is none, or one that refuses."""
    key = FlowKey(asked.source, asked.in_device, asked.mark)
    route = view.routing.lookup(asked.to, key)
    if not view.routing.is_local(asked.to):
        for line in lines_of(view, asked.to.version):
            net = line.route.destination
            if line.kind in ("broadcast", "anycast") and asked.to == net.network_address:
                return line
    if route is None:
        raise _refused(outward)
    if route.kind.value in _REFUSALS:
        own = _REFUSALS[route.kind.value]
        raise _refused(own if outward == UNREACHABLE else outward)
    return Line(route, route.kind.value, table_of(route))


# ---------------------------------------------------------------- IPv4


def _outgoing(view: View, asked: Asked) -> str:
    if asked.source is not None and not view.routing.is_local(asked.source):
        raise _refused(UNREACHABLE)
    line = _found(view, asked)
    device = "lo" if line.kind == LOCAL else line.route.device
    strays = asked.source is not None and asked.source.is_loopback and device != "lo"
    if strays and not view.localnet:
        raise _refused(INVALID)
    words = _start(view, line, asked, device)
    if asked.source is None:
        words.append(f"src {source_of(view, line, asked.to)}")
    words += [*_mark(asked), "uid 0"]
    return f"{' '.join(words)} \n    cache {_flags(line)}\n"


def _incoming(view: View, asked: Asked) -> str:
    """A packet that comes in: what is wrong with its addresses is found first."""
    source = asked.source
    if source is None or source.is_unspecified or _martian(view, asked, source):
        raise _refused(INVALID)
    line = _found(view, asked, outward=UNREACHABLE if view.forwards else NO_ROUTE)
    home = line.kind in (LOCAL, "broadcast")
    if not home and not view.forwards:
        raise _refused(NO_ROUTE)
    if view.routing.is_local(source):
        raise _refused(INVALID)
    words = _start(view, line, asked, "lo" if home else line.route.device) + _mark(asked)
    back = "<redirect> " if not home and _turns_back(view, line.route, source, asked) else ""
    return f"{' '.join(words)} \n    cache {back}{_flags(line)}iif {asked.in_device} \n"


def _martian(view: View, asked: Asked, source: IPAddress) -> bool:
    if source.is_multicast or str(source) == "255.255.255.255":
        return True
    return (source.is_loopback or asked.to.is_loopback) and not view.localnet


def _turns_back(view: View, route: Route, source: IPAddress, asked: Asked) -> bool:
    """It leaves as it came, and the sender is a neighbour: it will be told of the short way."""
    home = view.routing.lookup(source)
    return (
        route.device == asked.in_device
        and home is not None
        and home.via is None
        and home.device == route.device
    )


def _start(view: View, line: Line, asked: Asked, device: str) -> list[str]:
    words = [line.kind] if line.kind != "unicast" else []
    words.append(str(asked.to))
    if asked.source is not None:
        words.append(f"from {asked.source}")
    if line.route.via is not None:
        words.append(f"via {line.route.via}")
    words.append(f"dev {device}")
    # the kernel keeps the tables local and main in one until somebody adds a rule
    if line.table != MAIN and (line.table != LOCAL or view.has_rules):
        words.append(f"table {line.table}")
    return words


def source_of(view: View, line: Line, to: IPAddress) -> IPAddress | None:
    """The source that the kernel would choose."""
    if line.route.source is not None:
        return line.route.source
    if line.kind == LOCAL:
        return to
    return view.routing.address_on(line.route.device, to, line.route.via)


def _mark(asked: Asked) -> list[str]:
    if not asked.mark:
        return []
    return [f"mark {asked.mark:#x}" if asked.mark >= 16 else f"mark {asked.mark}"]


def _flags(line: Line) -> str:
    return {LOCAL: "<local> ", "broadcast": "<local,brd> "}.get(line.kind, "")


# ---------------------------------------------------------------- IPv6


def _six(view: View, asked: Asked) -> str:
    line = _found(view, asked)
    route, home = line.route, line.kind in (LOCAL, "anycast")
    told: list[tuple[str, object]] = [
        ("from", asked.source or "::"),
        ("via", route.via),
        ("dev", "lo" if home else route.device),
        ("table", "" if line.table == MAIN else line.table),
        ("proto", route.protocol),
        ("src", "" if asked.in_device else source_of(view, line, asked.to)),
        ("metric", str(metric_of(route, line.kind))),
        ("iif", asked.in_device),
        ("pref", "medium"),
    ]
    kind = f"{line.kind} " if line.kind != "unicast" else ""
    return f"{kind}{asked.to} {' '.join(f'{name} {text}' for name, text in told if text)}\n"


# ---------------------------------------------------------------- words


def _read(view: View, version: int | None, words: Arguments) -> Asked:
    to: IPAddress | None = None
    source: IPAddress | None = None
    device, mark = "", 0
    while words:
        word = words.take()
        name = None if any(sign in word for sign in ".:") else matching(word, _WORDS)
        if name == "from":
            source = _address(words.value_of(name))
        elif name == "iif":
            device = view.device(words.value_of(name)).name
        elif name == "mark":
            mark = _number(words.value_of(name))
        elif to is None and (name == "to" or name is None):
            to = _address(words.value_of(name) if name else word)
        else:
            raise unknown(word, "word of ip route get", _WORDS)
    if to is None:
        raise CommandError("ip route get: need at least a destination address")
    if version not in (None, to.version):
        raise CommandError(f"ip -{version} route get {to}: expected an IPv{version} address")
    return Asked(to, source, device, mark)


def _address(word: str) -> IPAddress:
    text = word.removesuffix("/32" if ":" not in word else "/128")
    try:
        return address(text)
    except ValueError:
        raise CommandError(f"{shown(word)}: expected an IP address") from None


def _number(word: str) -> int:
    try:
        found = int(word, 0) if word.isascii() and len(word) <= 12 else -1
    except ValueError:
        found = -1
    if 0 <= found <= _MOST_MARK:
        return found
    raise CommandError(f"mark {shown(word)}: expected a number, like 0x4000")


def command_for(asked: Asked) -> str:
    """What to type to ask about a packet."""
    words = [f"ip {'-6 ' if asked.to.version == 6 else ''}route get {asked.to}"]
    if asked.source is not None:
        words.append(f"from {asked.source}")
    if asked.in_device:
        words.append(f"iif {asked.in_device}")
    if asked.mark:
        words.append(f"mark {asked.mark:#x}")
    return " ".join(words)
