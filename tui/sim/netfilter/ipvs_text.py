"""Virtual servers as text: printed as `ipvsadm-save -n` prints them, and read back.

Spelling and order follow ipvsadm v1.31: an `-A` for a virtual server, then an `-a` for each
of its real servers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cmp_to_key

from tui.sim.model.address import Family, IPAddress, address, network
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace
from tui.sim.netfilter.ipvs import Address, Forwarding, RealServer, VirtualServer
from tui.sim.netfilter.rules import PROTOCOL_NUMBERS

# ---------------------------------------------------------------- printing

_OPTIONS = {Protocol.TCP: "-t", Protocol.UDP: "-u", Protocol.SCTP: "--sctp-service"}


def print_servers(servers: Iterable[VirtualServer]) -> str:
    """All virtual servers, sorted and printed as `ipvsadm-save -n` does (ipvsadm v1.31)."""
    return "".join(f"{line}\n" for each in sorted(servers, key=_ORDER) for line in _lines(each))


def _lines(each: VirtualServer) -> Iterator[str]:
    yield f"-A {print_server(each)}"
    name = f"{_OPTIONS[each.protocol]} {each.text}"
    for real in sorted(each.servers, key=_REAL_ORDER):
        yield f"-a {name} -r {real.text} {real.forwarding} -w {real.weight}"


def print_server(each: VirtualServer) -> str:
    """A virtual server without its real ones: `-t 10.96.0.11:80 -s rr -p 10800`."""
    words = [_OPTIONS[each.protocol], each.text, "-s", each.scheduler]
    if each.persistence:
        words += ["-p", str(each.persistence)]
        if each.prefix is not None:
            words += ["-M", _mask(each)]
    if each.one_packet:
        words.append("-o")
    if each.flags:
        words += ["-b", ",".join(each.flags)]
    return " ".join(words)


def _mask(each: VirtualServer) -> str:
    """IPv4 masks are written as addresses, IPv6 ones as lengths."""
    if each.family is Family.IPV6:
        return str(each.prefix)
    return str(network(f"0.0.0.0/{each.prefix}").netmask)


def _difference(one: int, other: int) -> int:
    """The difference as a C int has it: it overflows, so 192.0.0.0 comes before 10.0.0.0."""
    return (one - other + 2**31) % 2**32 - 2**31


def _compare_addresses(one: IPAddress, other: IPAddress) -> int:
    shifts = range(one.max_prefixlen - 32, -1, -32)
    words = (_difference(int(one) >> s & 0xFFFFFFFF, int(other) >> s & 0xFFFFFFFF) for s in shifts)
    return next((word for word in words if word), 0)


def _compare(one: VirtualServer, other: VirtualServer) -> int:
    """ipvs_cmp_services of libipvs.c."""
    return (
        one.ip.version - other.ip.version
        or PROTOCOL_NUMBERS[one.protocol] - PROTOCOL_NUMBERS[other.protocol]
        or _compare_addresses(one.ip, other.ip)
        or one.port - other.port
    )


def _compare_real(one: RealServer, other: RealServer) -> int:
    return _compare_addresses(one.ip, other.ip) or one.port - other.port


_ORDER = cmp_to_key(_compare)
_REAL_ORDER = cmp_to_key(_compare_real)

# ---------------------------------------------------------------- reading


class ServerSyntaxError(ValueError):
    """A line that is no part of an `ipvsadm-save` dump, with its number."""


def parse_servers(text: str) -> tuple[VirtualServer, ...]:
    """The virtual servers that a dump describes. Raises ServerSyntaxError with the line."""
    found: dict[Address, VirtualServer] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            _read_line(line.split(), found)
        except ValueError as error:
            raise ServerSyntaxError(f"line {number}: {error}: {line[:120]}") from None
    return tuple(found.values())


def _read_line(words: list[str], found: dict[Address, VirtualServer]) -> None:
    verb, option, text, *rest = (*words, "", "")[: max(len(words), 3)]
    protocol = _PROTOCOL.get(option)
    if verb not in ("-A", "-a") or protocol is None:
        raise ValueError("expected -A or -a, then -t, -u or --sctp-service and IP:PORT")
    ip, port = _endpoint(text)
    key = (protocol, ip, port)
    if verb == "-A":
        found[key] = _virtual(VirtualServer(protocol, ip, port, _DEFAULT), rest)
        return
    if key not in found:
        raise ValueError(f"virtual server {text} is not declared")
    held = found[key]
    found[key] = replace(held, servers=(*held.servers, _real(rest)))


_DEFAULT = "wlc"
"""The scheduler that ipvsadm takes where none is named."""

_PROTOCOL = {option: protocol for protocol, option in _OPTIONS.items()}


def _endpoint(text: str) -> tuple[IPAddress, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f"expected IP:PORT, found {text or 'nothing'}")
    return address(host.strip("[]")), int(port)


def _virtual(each: VirtualServer, rest: list[str]) -> VirtualServer:
    words = iter(rest)
    for option in words:
        match option:
            case "-s":
                each = replace(each, scheduler=_value(words, option))
            case "-p":
                each = replace(each, persistence=int(_value(words, option)))
            case "-M":
                each = replace(each, prefix=_prefix(_value(words, option)))
            case "-b":
                each = replace(each, flags=tuple(_value(words, option).split(",")))
            case "-o" | "--ops" | "ops":
                each = replace(each, one_packet=True)
            case _:
                raise ValueError(f"unknown option {option}")
    return each


def _prefix(text: str) -> int:
    """Bits of a mask, `255.255.255.0` or `64`."""
    return int(text) if text.isdigit() else network(f"0.0.0.0/{text}").prefixlen


def _real(rest: list[str]) -> RealServer:
    words = iter(rest)
    values: dict[str, str] = {}
    method = Forwarding.DIRECT
    for option in words:
        if option in ("-r", "-w"):
            values[option] = _value(words, option)
        elif option in _METHODS:
            method = Forwarding(option)
        else:
            raise ValueError(f"unknown option {option}")
    if "-r" not in values:
        raise ValueError("expected -r IP:PORT")
    ip, port = _endpoint(values["-r"])
    return RealServer(ip, port, int(values.get("-w", "1")), method)


_METHODS = frozenset(method.value for method in Forwarding)


def _value(words: Iterator[str], option: str) -> str:
    value = next(words, None)
    if value is None:
        raise ValueError(f"{option} has no value")
    return value
