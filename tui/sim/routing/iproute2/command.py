"""A command as somebody types it: `ip -6 ro show table all`, `bridge fdb`, `route -n`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.sim.model.shown import shown
from tui.sim.model.value import replace
from tui.sim.routing.iproute2 import bridge, links, neighbours, route_get, routes, rules
from tui.sim.routing.iproute2.arguments import Arguments, CommandError, Options, matching, unknown
from tui.sim.routing.iproute2.view import View
from tui.sim.routing.net_tools import print_route_table

_OPTIONS = ("-4", "-6", "-details", "-brief", "-oneline", "-family", "-color")
_FAMILIES = {"inet": 4, "inet6": 6}
_LONGEST = 2000
_SHOW = ("show", "list", "lst")

_Tell = Callable[[View, Options, Arguments], str]

_OBJECTS: dict[str, _Tell] = {
    "address": lambda view, options, words: links.show(view, options, words, addresses=True),
    "route": routes.show,
    "rule": lambda view, options, words: rules.show(view.space, options, words),
    "neighbor": neighbours.show,
    "neighbour": neighbours.show,
    "link": lambda view, options, words: links.show(view, options, words, addresses=False),
}
"""What `ip` is asked about, in the order in which beginnings of words are tried."""


def answer(view: View, words: Sequence[str]) -> str:
    """What a command prints. Raises CommandError with one line."""
    if sum(map(len, words)) > _LONGEST:
        raise CommandError(f"{shown(' '.join(words))}: longer than any command")
    arguments = Arguments(words)
    if not arguments:
        raise CommandError(f"no command; known are: {', '.join(TOOLS)}")
    tool = arguments.take()
    if tool not in TOOLS:
        raise unknown(tool, "tool", TOOLS)
    return TOOLS[tool](view, arguments)


# ---------------------------------------------------------------- ip


def _ip(view: View, words: Arguments) -> str:
    options = _options(words)
    if not words:
        raise CommandError(f"ip: expected what to show: {', '.join(_OBJECTS)}")
    thing = words.keyword([*_OBJECTS], "object of ip")
    if thing == "route" and words and matching(words.next, (*_SHOW, "get")) == "get":
        words.take()
        return route_get.get(view, options.version, words)
    _show(words, "ip", thing, "show or get" if thing == "route" else "show")
    return _OBJECTS[thing](view, options, words)


def _show(words: Arguments, tool: str, thing: str, known: str = "show") -> None:
    """Take the verb; whoever says nothing wants to be shown. Raises CommandError."""
    verb = words.take() if words else "show"
    if matching(verb, _SHOW) is None:
        raise CommandError(f"{tool} {thing} {shown(verb)}: there is only {known} here")


def _options(words: Arguments) -> Options:
    options = Options()
    while words.next.startswith("-"):
        given = words.take()
        name = _option(given)
        if name in ("-4", "-6"):
            options = replace(options, version=int(name[1]))
        elif name == "-details":
            options = replace(options, details=True)
        elif name == "-brief":
            options = replace(options, brief=True)
        elif name == "-oneline":
            options = replace(options, oneline=True)
        elif name == "-family":
            family = words.value_of(given)
            if family not in _FAMILIES:
                raise unknown(family, "family", _FAMILIES)
            options = replace(options, version=_FAMILIES[family])
    return options


def _option(given: str) -> str:
    """An option by its beginning, with one dash or two. Raises CommandError."""
    word = given.removeprefix("-") if given.startswith("--") else given
    found = matching(word, _OPTIONS) if word not in ("-", "-b") else None
    if found is None:
        raise unknown(given, "option", ("-4", "-6", "-d", "-br", "-o", "-f FAMILY"))
    return found


# ---------------------------------------------------------------- bridge and route


def _bridge(view: View, words: Arguments) -> str:
    options = _options(words)
    if not words:
        raise CommandError("bridge: expected what to show: link or fdb")
    thing = words.keyword(("link", "fdb"), "object of bridge")
    _show(words, "bridge", thing)
    if thing == "fdb":
        return bridge.show_fdb(view, words)
    return bridge.show_links(view, options, words)


def _route(view: View, words: Arguments) -> str:
    given = []
    while words:
        given.append(words.take())
    if given != ["-n"]:
        wrong = shown(" ".join(["route", *given]))
        raise CommandError(f"{wrong}: only route -n is known here; names are not looked up")
    return "".join(f"{line}\n" for line in print_route_table(view.space.routes))


TOOLS: dict[str, Callable[[View, Arguments], str]] = {
    "ip": _ip,
    "bridge": _bridge,
    "route": _route,
}
"""The tools, by name."""
