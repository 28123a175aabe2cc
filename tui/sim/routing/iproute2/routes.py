"""Routes: `ip route` and `ip -6 route`, of one table or of all."""

from __future__ import annotations

from collections.abc import Sequence

from tui.sim.model.address import IPNetwork, network
from tui.sim.model.shown import shown
from tui.sim.model.value import value
from tui.sim.routing.iproute2.arguments import Arguments, CommandError, Options, matching, unknown
from tui.sim.routing.iproute2.kernel_routes import LOCAL, Line, lines_of
from tui.sim.routing.iproute2.rules import of_version
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.network import MAIN
from tui.sim.routing.text import device_of, in_order, route_words

_NUMBERS = {"default": 253, MAIN: 254, "local": 255}
"""Numbers of the tables that have names (/etc/iproute2/rt_tables)."""
_NAMES = {str(number): name for name, number in _NUMBERS.items()}
_FILTERS = ("table", "dev", "proto", "scope", "type", "via", "root", "match", "exact", "default")
_MOST_TABLES = 2**32


@value
class Chosen:
    """Which routes are asked for."""

    table: str = MAIN
    """A table's name or number, or `all`."""
    device: str = ""
    """Only those by this device; its name is then left out."""
    protocol: str = ""
    """Only those of this maker, who is then left out."""
    scope: str = ""
    """Only those of this scope, which is then left out."""
    kind: str = ""
    """Only those of this type."""
    via: str = ""
    """Only those by this gateway."""
    within: IPNetwork | None = None
    """Only those whose range lies in this one."""
    around: IPNetwork | None = None
    """Only those whose range has this one in it."""
    exact: IPNetwork | None = None
    """Only those of this range."""

    def has(self, line: Line) -> bool:
        """Whether a route is among them."""
        route = line.route
        return (
            self.table in ("all", line.table)
            and self.device in ("", device_of(route, line.kind))
            and self.protocol in ("", route.protocol or "boot")
            and self.scope in ("", route.scope)
            and self.kind in ("", line.kind)
            and self.via in ("", str(route.via))
            and self._has_range(route.destination)
        )

    def _has_range(self, net: IPNetwork) -> bool:
        return (
            (self.exact is None or self.exact == net)
            and (self.within is None or _holds(self.within, net))
            and (self.around is None or _holds(net, self.around))
        )


def _holds(one: IPNetwork, other: IPNetwork) -> bool:
    if one.version != other.version:
        return False
    return other.network_address in one and other.prefixlen >= one.prefixlen


def show(view: View, options: Options, words: Arguments) -> str:
    """The routes that the words choose. Raises CommandError."""
    chosen = _read(view, options, words)
    versions: tuple[int, ...] = (options.version or 4,)
    if chosen.table == "all" and options.version is None:
        versions = (4, 6)
    ranged = chosen.exact or chosen.within or chosen.around
    if ranged is not None and options.version is None:
        versions = (ranged.version,)
    return "".join(text for version in versions for text in _listed(view, version, chosen, options))


def _listed(view: View, version: int, chosen: Chosen, options: Options) -> list[str]:
    lines = lines_of(view, version)
    tables = tables_of(view, version)
    if chosen.table not in ("all", *tables):
        known = ", ".join(sorted(tables))
        raise CommandError(f"Error: ipv{version}: FIB table does not exist. There are: {known}")
    found = [line for line in lines if chosen.has(line)]
    return [print_line(line, chosen, options) for line in sorted_lines(found)]


def tables_of(view: View, version: int = 4) -> set[str]:
    """The tables of an IP version that there are."""
    used = {line.table for line in lines_of(view, version)}
    return used | {MAIN, LOCAL} | _asked(view, version)


def _asked(view: View, version: int) -> set[str]:
    """Tables that only a rule speaks of: a rule for it makes a table (fib4_rule_configure)."""
    rules = view.space.rules
    return {rule.table for rule in rules if of_version(view.space, rule, version)}


def sorted_lines(lines: Sequence[Line]) -> list[Line]:
    """Table by table as the kernel keeps them (by number, of 256 lists); in each its order."""
    place = {id(route): i for i, route in enumerate(in_order(line.route for line in lines))}
    return sorted(lines, key=lambda line: (table_number(line.table) & 255, place[id(line.route)]))


def table_number(table: str) -> int:
    """The number of a table."""
    return _NUMBERS[table] if table in _NUMBERS else int(table)


def print_line(line: Line, chosen: Chosen, options: Options) -> str:
    """One line, without what was asked for."""
    hidden = [name for name, given in (("dev", chosen.device), ("proto", chosen.protocol),
                                       ("scope", chosen.scope), ("via", chosen.via))
              if given]  # fmt: skip
    told = chosen.table == "all" and (line.table != MAIN or options.details)
    table = line.table if told else ""
    words = route_words(line.route, line.kind, table, hidden, details=options.details)
    # each word but the last of IPv6 is printed with a blank behind it
    return f"{words}{' ' if line.route.destination.version == 4 else ''}\n"


# ---------------------------------------------------------------- words


def _read(view: View, options: Options, words: Arguments) -> Chosen:
    given: dict[str, object] = {}
    while words:
        word = words.take()
        name = matching(word, _FILTERS) if not _is_range(word) else None
        if name == "default":
            given["exact"] = network("::/0" if options.version == 6 else "0.0.0.0/0")
        elif name == "table":
            given["table"] = _table(words.value_of(name))
        elif name == "dev":
            given["device"] = view.device(words.value_of(name)).name
        elif name in ("root", "match", "exact"):
            field = {"root": "within", "match": "around", "exact": "exact"}[name]
            given[field] = _range(words.value_of(name))
        elif name is not None:
            field = {"proto": "protocol", "type": "kind"}.get(name, name)
            given[field] = words.value_of(name)
        elif _is_range(word):
            given["exact"] = _range(word)
        else:
            raise unknown(word, "filter of routes", (*_FILTERS, "PREFIX"))
    return Chosen(**given)  # type: ignore[arg-type]


def _is_range(word: str) -> bool:
    return any(sign in word for sign in ".:/")


def _range(word: str) -> IPNetwork:
    if word == "default":
        return network("0.0.0.0/0")
    try:
        return network(word)
    except ValueError:
        raise CommandError(
            f'Error: any valid prefix is expected rather than "{shown(word)}".'
        ) from None


def _table(word: str) -> str:
    """A table as the model names it: by its name, if it has one. Raises CommandError."""
    if word in ("all", *_NUMBERS):
        return word
    if word in _NAMES:
        return _NAMES[word]
    if word.isascii() and word.isdigit() and 0 < int(word) < _MOST_TABLES:
        return str(int(word))
    raise CommandError(
        f"table {shown(word)}: expected a number, all, {', '.join(sorted(_NUMBERS))}"
    )
