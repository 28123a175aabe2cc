"""nftables tables as text, as `nft list table` of nft v1.0.6 prints them.

Elements of sets are sorted as nft sorts them (src/mergesort.c): a concatenation counts as one
number whose first byte is the lowest, so a port weighs more than the address before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network

from tui.sim.model.address import endpoint_text
from tui.sim.model.packet import Protocol
from tui.sim.netfilter.hooks import Hook
from tui.sim.netfilter.nft.rules import (
    Accept,
    AnonymousMap,
    AnonymousSet,
    Atom,
    Base,
    Chain,
    Continue,
    Counter,
    Dnat,
    Drop,
    Element,
    Flags,
    Goto,
    Jump,
    Key,
    MappedDnat,
    MarkMatch,
    Masquerade,
    Match,
    Named,
    Numgen,
    Range,
    Reject,
    Return,
    Rule,
    Selectors,
    Set,
    SetMark,
    Snat,
    Statement,
    Table,
    UnknownStatement,
    Update,
    Verdict,
    VerdictMap,
)
from tui.sim.netfilter.rules import PROTOCOL_NUMBERS

PRIORITIES: Mapping[str, tuple[int, frozenset[Hook]]] = {
    "raw": (-300, frozenset(Hook)),
    "mangle": (-150, frozenset(Hook)),
    "dstnat": (-100, frozenset({Hook.PREROUTING})),
    "filter": (0, frozenset(Hook)),
    "security": (50, frozenset(Hook)),
    "srcnat": (100, frozenset({Hook.POSTROUTING})),
}
"""Priorities that have a name, and the hooks at which they have it."""

_NEAR = 10
"""How far from a named priority nft still writes it as a sum."""

_COLUMNS = {"ipv4_addr": 2, "inet_service": 5, "inet_proto": 5, "mark": 5}
"""Elements on a line, by type of key; one for every other type."""

_INDENT = "\t\t\t     "
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def print_table(table: Table) -> str:
    """A table, as `nft list table` prints it."""
    return "".join(f"{line}\n" for line in _table_lines(table))


def _table_lines(table: Table) -> Iterator[str]:
    yield f"table {table.title} {{"
    if table.comment:
        yield f'\tcomment "{table.comment}"'
    blocks = [*map(_set_lines, table.sets.values()), *map(chain_lines, table.chains.values())]
    for number, lines in enumerate(blocks):
        if number:
            yield ""
        yield from lines
    yield "}"


def duration(milliseconds: int) -> str:
    """A time as nft writes it: `3h`, `1d1h1m1s500ms`."""
    words, left = [], milliseconds
    for unit, length in _UNITS:
        count, left = divmod(left, length)
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"


# ---------------------------------------------------------------- chains


def chain_lines(chain: Chain) -> Iterator[str]:
    """A chain, as it stands in `nft list table`."""
    yield f"\tchain {chain.name} {{"
    if chain.comment:
        yield f'\t\tcomment "{chain.comment}"'
    if chain.base is not None:
        yield f"\t\t{print_base(chain.base)}"
    for rule in chain.rules:
        yield f"\t\t{print_rule(rule)}"
    yield "\t}"


def print_base(base: Base) -> str:
    """What makes a chain a base chain: `type nat hook output priority -100; ...`."""
    priority = print_priority(base.hook, base.priority)
    place = f"type {base.type} hook {base.hook.lower()} priority {priority}"
    return f"{place}; policy {base.policy};"


def print_priority(hook: Hook, priority: int) -> str:
    """A priority by the name that it or one near it has at a hook, else as a number."""
    for name, (value, hooks) in PRIORITIES.items():
        if hook in hooks and abs(priority - value) <= _NEAR:
            if priority == value:
                return name
            sign = "+" if priority > value else "-"
            return f"{name} {sign} {abs(priority - value)}"
    return str(priority)


def print_rule(rule: Rule) -> str:
    """One rule, with its comment."""
    words = " ".join(map(print_statement, rule.statements))
    return f'{words} comment "{rule.comment}"' if rule.comment else words


# ---------------------------------------------------------------- statements


def print_statement(statement: Statement) -> str:
    """One statement of a rule."""
    match statement:
        case Match():
            return _match(statement)
        case MarkMatch():
            return _mark_match(statement)
        case VerdictMap(left, right):
            return f"{_left(left)} vmap {_right(left, right)}"
        case SetMark(value, operator):
            words = f"meta mark {operator} " if operator else ""
            return f"meta mark set {words}{value:#010x}"
        case Dnat(address, port):
            return f"dnat to {address if port is None else endpoint_text(address, port)}"
        case MappedDnat(left, right, family):
            return f"dnat {f'{family} ' * bool(family)}to {_left(left)} map {_right(left, right)}"
        case Masquerade(fully):
            return _fully("masquerade", fully)
        case Snat(address, fully):
            return _fully(f"snat to {address}", fully)
        case Reject(message):
            return f"reject with {message}" if message else "reject"
        case Update(name, key, operation):
            return f"{operation} @{name} {{ {_left(key)} }}"
        case Counter(packets, count):
            return f"counter packets {packets} bytes {count}"
        case UnknownStatement(text):
            return text
        case _:
            return print_verdict(statement)


def print_verdict(verdict: Verdict) -> str:
    """Where a packet goes: `goto external-ULMVA6XW-ns1/svc1/tcp/p80`."""
    match verdict:
        case Jump(chain):
            return f"jump {chain}"
        case Goto(chain):
            return f"goto {chain}"
        case Accept():
            return "accept"
        case Drop():
            return "drop"
        case Return():
            return "return"
        case Continue():
            return "continue"


def _fully(words: str, fully: bool) -> str:
    return f"{words} fully-random" if fully else words


def _match(match: Match) -> str:
    sign = " !=" if match.negated else ""
    return f"{_left(match.left)}{sign} {_right(match.left, match.right)}"


def _mark_match(match: MarkMatch) -> str:
    """A mask that begins at the highest bit is written as the length of a prefix."""
    length = match.mask.bit_count()
    if match.mask == (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF:
        return f"meta mark {'!= ' * match.negated}{match.value:#010x}/{length}"
    sign = "!=" if match.negated else "=="
    return f"meta mark & {match.mask:#010x} {sign} {match.value:#010x}"


def _left(left: Selectors | Numgen) -> str:
    if isinstance(left, Numgen):
        offset = f" offset {left.offset}" if left.offset else ""
        return f"numgen {left.mode} mod {left.modulus}{offset}"
    return " . ".join(left)


def datatypes(left: Selectors | Numgen) -> tuple[str, ...]:
    """The types of the values that are looked up."""
    return ("integer",) if isinstance(left, Numgen) else tuple(s.datatype for s in left)


def _right(left: Selectors | Numgen, right: Key | Named | AnonymousSet | AnonymousMap) -> str:
    types = datatypes(left)
    match right:
        case Named(name):
            return f"@{name}"
        case AnonymousSet(keys):
            return f"{{ {', '.join(print_key(key, types) for key in keys)} }}"
        case AnonymousMap(entries):
            words = (f"{print_key(key, types)} : {_value(value)}" for key, value in entries)
            return f"{{ {', '.join(words)} }}"
        case _:
            return print_key(right, types)


def _value(value: Verdict | Key) -> str:
    if isinstance(value, tuple):
        return " . ".join(str(atom) for atom in value)
    return print_verdict(value)


# ---------------------------------------------------------------- values


def print_key(key: Key, types: tuple[str, ...]) -> str:
    """A key: `10.96.0.10 . udp . 53`."""
    return " . ".join(map(_atom, key, types))


def _atom(atom: Atom, datatype: str) -> str:
    match atom:
        case Protocol():
            return atom.lower
        case Flags(names):
            return ",".join(names)
        case Range(low, high):
            return f"{_atom(low, datatype)}-{_atom(high, datatype)}"
        case int() if datatype == "mark":
            return f"{atom:#010x}"
        case str() if datatype == "ifname":
            return f'"{atom}"'
    return str(atom)


# ---------------------------------------------------------------- sets


def _set_lines(found: Set) -> Iterator[str]:
    yield f"\t{'set' if found.values is None else 'map'} {found.name} {{"
    values = f" : {' . '.join(found.values)}" if found.values is not None else ""
    yield f"\t\ttype {' . '.join(found.types)}{values}"
    if found.size:
        yield f"\t\tsize {found.size}"
    if found.flags:
        yield f"\t\tflags {','.join(found.flags)}"
    if found.timeout:
        yield f"\t\ttimeout {duration(found.timeout)}"
    for line in found.unknown:
        yield f"\t\t{line}"
    if found.comment:
        yield f'\t\tcomment "{found.comment}"'
    if found.elements:
        yield f"\t\telements = {{ {_elements(found)} }}"
    yield "\t}"


def _elements(found: Set) -> str:
    columns = _COLUMNS.get(found.types[0], 1) if len(found.types) == 1 else 1
    words = [_element(key, element, found) for key, element in _sorted(found.elements.items())]
    lines = (words[start : start + columns] for start in range(0, len(words), columns))
    return f",\n{_INDENT}".join(", ".join(line) for line in lines)


def _element(key: Key, element: Element, found: Set) -> str:
    words = [print_key(key, found.types)]
    if element.timeout:
        words.append(f"timeout {duration(element.timeout)}")
    if element.expires:
        words.append(f"expires {duration(element.expires)}")
    if element.comment:
        words.append(f'comment "{element.comment}"')
    if element.value is not None:
        value, types = element.value, found.values or ()
        told = print_key(value, types) if isinstance(value, tuple) else print_verdict(value)
        words.append(f": {told}")
    return " ".join(words)


def _sorted(elements: Iterable[tuple[Key, Element]]) -> list[tuple[Key, Element]]:
    return sorted(elements, key=lambda item: _weight(item[0]))


def _weight(key: Key) -> int:
    """The number as which nft sorts a key."""
    if len(key) == 1 and not isinstance(key[0], str):
        return int.from_bytes(_bytes(key[0]), "big")
    return int.from_bytes(b"".join(map(_bytes, key)), "little")


def _bytes(atom: Atom) -> bytes:
    """An atom as the kernel stores it; of a range its lower end."""
    match atom:
        case Protocol():
            return bytes([PROTOCOL_NUMBERS[atom]])
        case Range(low, _):
            return _bytes(low)
        case int():
            return atom.to_bytes(4 if atom > 0xFFFF else 2, "big")
        case str():
            return atom.encode()
        case Flags(names):
            return ",".join(names).encode()
        case IPv4Network() | IPv6Network():
            return atom.network_address.packed
        case _:
            return atom.packed
