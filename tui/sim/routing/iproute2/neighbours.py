"""Neighbours: `ip neigh`."""

from __future__ import annotations

from tui.sim.routing.iproute2.arguments import Arguments, CommandError, Options, unknown
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.network import Neighbour

_FILTERS = ("dev", "nud", "to")


def show(view: View, options: Options, words: Arguments) -> str:
    """The neighbours that the words choose, IPv4 first. Raises CommandError."""
    device, state, address = "", "", ""
    while words:
        word = words.take()
        if word == "dev":
            device = view.device(words.value_of(word)).name
        elif word == "nud":
            state = words.value_of(word).upper()
        elif word == "to" or any(sign in word for sign in ".:"):
            address = words.value_of(word) if word == "to" else word
        else:
            raise unknown(word, "filter of neighbours", (*_FILTERS, "ADDRESS"))
    found = [
        each for each in view.space.neighbours
        if device in ("", each.device) and state in ("", "ALL", each.state)
        and address in ("", str(each.address))
        and options.version in (None, each.address.version)
    ]  # fmt: skip
    if options.details or options.brief:
        raise CommandError("ip neigh: -d and -br are not known here")
    ordered = sorted(found, key=lambda each: each.address.version)
    return "".join(f"{_line(each, device)} \n" for each in ordered)


def _line(entry: Neighbour, device: str) -> str:
    behind = "" if device else f" dev {entry.device}"
    return f"{entry.address}{behind} lladdr {entry.mac} {entry.state}"
