"""nftables' chains as lists to read."""

from __future__ import annotations

from tui.sim.model.value import value
from tui.sim.netfilter.elements import NoElements
from tui.sim.netfilter.explain import Mismatch, Unknown, View
from tui.sim.netfilter.nft import rules as nft
from tui.sim.netfilter.nft.examine import Sight, check, look_up
from tui.sim.netfilter.nft.text import print_key, print_statement, print_verdict
from tui.sim.netfilter.rules import SetMatch
from tui.widgets.line import short_chain
from tui.widgets.rule_list import Branch

_LOOKING = (nft.Match, nft.MarkMatch)


@value
class NftablesRules:
    """A chain of nftables."""

    table: nft.Table
    chain: nft.Chain

    @property
    def name(self) -> str:
        """The chain's name."""
        return self.chain.name

    def __len__(self) -> int:
        """How many rules it has."""
        return len(self.chain.rules)

    def _rule(self, number: int) -> nft.Rule:
        return self.chain.rules[number - 1]

    def looks_at(self, number: int) -> str:
        """The statements that look, and what a map is asked."""
        words = []
        for statement in self._rule(number).statements:
            if isinstance(statement, _LOOKING):
                words.append(print_statement(statement))
            elif isinstance(statement, nft.VerdictMap | nft.MappedDnat):
                words.append(_asked(statement))
        return " ".join(words)

    def does(self, number: int, width: int) -> str:
        """The statements that act; the first branch of a map stands for all of them."""
        acting = [
            s for s in self._rule(number).statements if not isinstance(s, (*_LOOKING, nft.Counter))
        ]
        return ", ".join(_act(statement, width) for statement in acting)

    def odds(self, number: int) -> float | None:
        """The share of one branch of `numgen`."""
        drawn = [
            s.left
            for s in self._rule(number).statements
            if isinstance(s, nft.VerdictMap | nft.MappedDnat)
        ]
        numbers = [left for left in drawn if isinstance(left, nft.Numgen)]
        return 1 / numbers[0].modulus if numbers and numbers[0].modulus > 1 else None

    def comment(self, number: int) -> str:
        """The rule's comment."""
        return self._rule(number).comment

    def endpoint(self, number: int) -> str:
        """The DNAT of the chain that it goes to."""
        targets = [
            s.chain for s in self._rule(number).statements if isinstance(s, nft.Jump | nft.Goto)
        ]
        chain = self.table.chains.get(targets[0]) if targets else None
        statements = [s for rule in chain.rules for s in rule.statements] if chain else []
        found = [s for s in statements if isinstance(s, nft.Dnat)]
        return print_statement(found[0]).split()[-1] if len(found) == 1 else ""

    def branches(self, number: int) -> tuple[Branch, ...]:
        """The entries of an anonymous map."""
        for statement in self._rule(number).statements:
            if isinstance(statement, nft.VerdictMap | nft.MappedDnat) and isinstance(
                statement.right, nft.AnonymousMap
            ):
                return tuple(
                    (".".join(str(atom) for atom in key), _value(value))
                    for key, value in statement.right.entries
                )
        return ()

    def ipsets(self, number: int) -> tuple[SetMatch, ...]:
        """nftables has sets of its own."""
        return ()

    def why(self, number: int, view: View) -> Mismatch | Unknown | None:
        """The first statement that does not hold, or a map that has nothing for the packet."""
        sight = Sight(view, self.table, NoElements())
        for statement in self._rule(number).statements:
            result: object = None
            if isinstance(statement, _LOOKING):
                result = check(statement, sight)
            elif isinstance(statement, nft.VerdictMap) and not isinstance(
                statement.left, nft.Numgen
            ):
                result = look_up(statement.left, statement.right, sight)
            if isinstance(result, Mismatch | Unknown):
                return result
        return None


def _asked(statement: nft.VerdictMap | nft.MappedDnat) -> str:
    """What a map is asked: `ip daddr . meta l4proto . th dport`, `numgen random mod 3`."""
    text = print_statement(statement).partition(" {")[0].partition(" @")[0]
    return text.partition(" to ")[2].removesuffix(" map") or text.removesuffix(" vmap")


def _act(statement: nft.Statement, width: int) -> str:
    """One statement that acts, short."""
    match statement:
        case nft.Jump(chain):
            return short_chain(chain, width)
        case nft.Goto(chain):
            return f"goto {short_chain(chain, width - 5)}"
        case nft.VerdictMap(right=nft.Named(name)):
            return f"vmap @{name}"
        case nft.VerdictMap():
            return "vmap { … }"
        case nft.MappedDnat():
            return "dnat to map"
        case nft.SetMark(value, operator):
            return f"mark {_OPERATORS.get(operator, operator)} {value:#x}".replace("  ", " ")
        case nft.Masquerade():
            return "masquerade"
        case _:
            return print_statement(statement)


_OPERATORS = {"|": "or", "^": "xor", "&": "and", "": "="}


def _value(value: nft.Verdict | nft.Key) -> str:
    if not isinstance(value, tuple):
        return print_verdict(value)
    return print_key(value, tuple("" for _ in value)).replace(" . ", ":")
