"""What makes walking tables quick: where their chains lead, and who owns what in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address

from tui.sim.model.address import IPAddress, endpoint_text
from tui.sim.netfilter.hooks import BaseChain, HookOrder, Stage, StageKind
from tui.sim.netfilter.nft.rules import (
    AnonymousMap,
    Chain,
    Dnat,
    Element,
    Goto,
    Jump,
    Key,
    MappedDnat,
    Named,
    Statement,
    Table,
    Verdict,
    VerdictMap,
)

_OWNED = re.compile(r"(?:service|local|external|firewall|endpoint)-[A-Z2-7]{8}-([^/]+/[^/]+)/")
_PORT_NAME = re.compile(r"([a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*)(?::\S+)?")


def owner_of_chain(name: str) -> str | None:
    """The Service in a chain's name: `Service ns1/svc1` for `service-ULMVA6XW-ns1/svc1/...`."""
    found = _OWNED.match(name)
    return f"Service {found[1]}" if found else None


def owner_of_comment(comment: str) -> str | None:
    """The Service that the comment of an element is: `ns1/svc1:p80`."""
    found = _PORT_NAME.fullmatch(comment)
    return f"Service {found[1]}" if found else None


def owner_of_element(element: Element) -> str | None:
    """The Service that an element names, in its comment or as the chain that it leads to."""
    named = owner_of_comment(element.comment)
    match element.value:
        case Jump(chain) | Goto(chain):
            return named or owner_of_chain(chain)
    return named


class IndexedTables(HookOrder):
    """All tables that one family's packets meet on one host."""

    def __init__(self, tables: tuple[Table, ...]) -> None:
        super().__init__(_base_chains(tables))
        self.tables: Mapping[str, Table] = {table.title: table for table in tables}
        self._endpoints: dict[tuple[str, str], frozenset[str]] = {}

    def chain(self, table: str, name: str) -> Chain | None:
        """A chain, if it exists; the table goes by its title, `ip kube-proxy`."""
        found = self.tables.get(table)
        return found.chains.get(name) if found is not None else None

    # -------------------------------------------------- where chains lead

    def endpoints(self, table: str, name: str) -> frozenset[str]:
        """Where a chain can translate a packet to, as `ip:port`."""
        key = (table, name)
        if key not in self._endpoints:
            self._endpoints[key] = frozenset()  # a loop leads nowhere new
            chain = self.chain(table, name)
            statements = (s for rule in chain.rules for s in rule.statements) if chain else ()
            found = (self._endpoints_of(table, statement) for statement in statements)
            self._endpoints[key] = frozenset().union(*found)
        return self._endpoints[key]

    def endpoints_of(self, table: str, value: Verdict | Key | None) -> frozenset[str]:
        """Where a verdict leads, or what a new end of a connection is."""
        match value:
            case Jump(chain) | Goto(chain):
                return self.endpoints(table, chain)
            case (IPv4Address() | IPv6Address() as ip, int() as port):
                return frozenset((endpoint_text(ip, port),))
        return frozenset()

    def _endpoints_of(self, table: str, statement: Statement) -> frozenset[str]:
        match statement:
            case Dnat(ip, int() as port):
                return frozenset((endpoint_text(ip, port),))
            case VerdictMap(_, AnonymousMap(entries)) | MappedDnat(_, AnonymousMap(entries)):
                found = (self.endpoints_of(table, value) for _, value in entries)
                return frozenset().union(*found)
            case VerdictMap(_, Named(name)) | MappedDnat(_, Named(name)):
                return frozenset().union(*self._values(table, name))
            case Jump() | Goto():
                return self.endpoints_of(table, statement)
        return frozenset()

    def _values(self, table: str, name: str) -> Iterator[frozenset[str]]:
        found = self.tables[table].sets.get(name)
        for element in found.elements.values() if found is not None else ():
            yield self.endpoints_of(table, element.value)

    # -------------------------------------------------- owners

    def owner_of_address(self, table: str, ip: IPAddress) -> str | None:
        """The Service that a map of the table knows under an address."""
        return self._owners.get((table, ip))

    @cached_property
    def _owners(self) -> Mapping[tuple[str, object], str]:
        owners: dict[tuple[str, object], str] = {}
        for title, table in self.tables.items():
            for found in table.sets.values():
                if found.values == ("verdict",):
                    for key, element in found.elements.items():
                        owner = owner_of_element(element)
                        if owner is not None:
                            owners.setdefault((title, key[0]), owner)
        return owners


def _base_chains(tables: tuple[Table, ...]) -> Iterator[BaseChain]:
    for table in tables:
        for chain in table.chains.values():
            base = chain.base
            if base is not None:
                stage = Stage(base.priority, StageKind.CHAIN, table.title, chain.name)
                yield BaseChain(base.hook, stage, nat=base.type == "nat")
