"""What can be said on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from tui import __version__
from tui.cli import arguments as values
from tui.cli import epilogs
from tui.cli.arguments import OneLineParser, refuse, stray

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[OneLineParser]


@cache
def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line, or of one command and what stands before it.

    Making all takes longer than any one of them needs; help and mistakes show all.
    """
    top = OneLineParser(
        prog="k8snet-tui",
        description="Follow one packet through Kubernetes networking, rule by rule.",
        epilog=epilogs.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"k8snet-tui {__version__}")
    _screen_options(top, again=False)
    top.set_defaults(command="course")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    for name, add in _adders().items():
        if command in (None, name):
            add(commands)
    return top


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Leaves with exit code 2 and a sentence if it cannot be made out."""
    first = arguments[0] if arguments else "course"
    only = first if first in _adders() or not arguments else None
    typed: Sequence[str] = ()
    if first == "look" and "--" in arguments:
        end = arguments.index("--")
        arguments, typed = arguments[:end], arguments[end + 1 :]
    asked, rest = parser(only).parse_known_args(arguments)
    if typed:
        asked.words = [*asked.words, *typed]
    if rest:
        program = "k8snet-tui" if asked.command == "course" else f"k8snet-tui {asked.command}"
        refuse(stray(rest), program)
    return asked


def _adders() -> dict[str, Callable[[_Commands], None]]:
    """What adds each command, in the order of the help."""
    return {
        "lesson": _lesson,
        "sandbox": _sandbox,
        "trace": _trace,
        "rules": _rules,
        "look": _look,
        "model": _model,
        "cost": _cost,
        "lessons": _lessons,
        "check": _check,
        "progress": _progress,
        "serve": _serve,
        "info": _info,
    }


def _command(
    commands: _Commands, name: str, text: str, epilog: str = ""
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=name)
    return command


def _screen_options(command: argparse.ArgumentParser, *, again: bool = True) -> None:
    """How the screen looks: before the command or after it; `again` leaves what stood before."""
    _language_option(command, "language of words and lessons", again=again)
    _course_option(command, again=again)
    _ascii_option(command, "draw with plain ASCII signs", again=again)
    switch = partial(command.add_argument, action="store_true", default=_unsaid(False, again))
    switch("--no-mouse", help="leave the mouse to the terminal, to select text")
    switch("--no-tour", help="no tour the first time")
    themes = values.one_of("dark", "light")
    command.add_argument(
        "--theme", metavar="THEME", type=themes, default=_unsaid(None, again), help="dark or light"
    )


def _course_option(command: argparse.ArgumentParser, *, again: bool = True) -> None:
    command.add_argument(
        "--lessons",
        dest="course_folder",
        metavar="DIR",
        default=_unsaid(None, again),
        help="a course of your own: the folder with its course.toml",
    )


def _text_options(command: argparse.ArgumentParser) -> None:
    """How an answer in text is written."""
    _ascii_option(command, "write with plain ASCII signs")
    _language_option(command)


def _language_option(
    command: argparse.ArgumentParser, text: str = "language of the words", *, again: bool = True
) -> None:
    command.add_argument("--lang", metavar="LANG", default=_unsaid(None, again), help=text)


def _ascii_option(command: argparse.ArgumentParser, text: str, *, again: bool = True) -> None:
    command.add_argument("--ascii", action="store_true", default=_unsaid(False, again), help=text)


def _unsaid(value: bool | None, again: bool) -> bool | str | None:
    """What an option is that is left out: its value, or `again` what stood before the command."""
    return argparse.SUPPRESS if again else value


def _world_options(command: argparse.ArgumentParser) -> None:
    world = _cluster_options(command)
    world.add_argument("--node", metavar="NAME", help="the node to look at, or to enter by")
    families = values.one_of("ipv4", "ipv6")
    world.add_argument("--family", metavar="FAMILY", type=families, help="ipv4 or ipv6")


def _cluster_options(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    world = command.add_argument_group("the cluster and its settings")
    world.add_argument(
        "--cluster", metavar="FILE", type=values.file,
        help="Kubernetes objects, JSON or YAML; - is stdin (default: the demo cluster)",
    )  # fmt: skip
    world.add_argument(
        "--kube-proxy-config", metavar="FILE", type=values.file, help="a KubeProxyConfiguration"
    )
    world.add_argument("--proxy-mode", metavar="MODE", help="iptables, nftables or ipvs")
    world.add_argument(
        "--cni", metavar="NAME", help="the CNI plugin: flannel, or one that `info` lists"
    )
    world.add_argument(
        "--cni-config",
        metavar="FILE",
        type=values.file,
        help="its settings, in the plugin's own format",
    )
    return world


def _lesson(commands: _Commands) -> None:
    command = _command(commands, "lesson", "open a lesson")
    command.add_argument("lesson", metavar="NAME", help="as `k8snet-tui lessons` lists it")
    command.add_argument("--step", metavar="STEP", help="number, from 1, or name of the step")
    _screen_options(command)


def _sandbox(commands: _Commands) -> None:
    command = _command(commands, "sandbox", "free play on a cluster")
    _world_options(command)
    _screen_options(command)


def _trace(commands: _Commands) -> None:
    epilog = f"{epilogs.PLACES}\n{epilogs.FLOWS}\n{epilogs.CAPTURES}\n{epilogs.EXIT_CODES}"
    command = _command(commands, "trace", "follow one packet, as text or JSON", epilog)
    command.add_argument("--from", dest="source", metavar="PLACE", help="where it starts")
    command.add_argument("--to", dest="destination", metavar="PLACE", help="where it shall go")
    command.add_argument("--protocol", default="tcp", help="tcp, udp, sctp or icmp")
    command.add_argument("--port", type=values.port, help="destination port, if PLACE has none")
    command.add_argument("--sport", type=values.port, help="source port")
    command.add_argument(
        "--size", type=values.packet_size, default=60, help="bytes of the IP packet"
    )
    command.add_argument(
        "--pin", metavar="ENDPOINT", type=values.endpoint, help="ip:port that chance must take"
    )
    command.add_argument(
        "--seed", type=values.seed, default=0, help="decides what is left to chance"
    )
    command.add_argument(
        "--at", metavar="SECONDS", type=values.seconds, default=0.0, help="the time"
    )
    command.add_argument("--all", action="store_true", help="every outcome, with probability")
    command.add_argument(
        "--compare", metavar="WHAT", nargs="?", const="modes", default=None,
        help="in columns: modes (of kube-proxy, default), plugins, or plugins by name: A,B,C",
    )  # fmt: skip
    command.add_argument(
        "--flows", metavar="FILE", type=values.file, help="many flows, as JSON lines; - is stdin"
    )
    command.add_argument("--json", action="store_true", help="the whole trace as JSON")
    command.add_argument(
        "--monitor", action="store_true", help="as the kernel's own trace is printed on a node"
    )
    command.add_argument(
        "--pcapng", metavar="FILE", type=values.output,
        help="every frame on every device, for Wireshark; - is stdout",
    )  # fmt: skip
    _text_options(command)
    _world_options(command)


def _rules(commands: _Commands) -> None:
    command = _command(commands, "rules", "what kube-proxy would install on a node")
    command.add_argument("--json", action="store_true", help="every dump in one JSON object")
    _world_options(command)


def _look(commands: _Commands) -> None:
    text = "what ip, bridge and other tools print on a node or in a pod"
    command = _command(commands, "look", text, epilogs.TOOLS)
    command.add_argument("place", metavar="PLACE", help="node/NAME, pod/NS/NAME or external/IP")
    command.add_argument(
        "words",
        metavar="COMMAND",
        nargs="*",
        default=[],
        help="what to type there, after -- (default: all)",
    )
    _cluster_options(command)
    command.set_defaults(node=None)


def _model(commands: _Commands) -> None:
    text = "whether the rules of the Kubernetes network model hold"
    command = _command(commands, "model", text, epilogs.MODEL)
    command.add_argument("--json", action="store_true", help="as JSON")
    _text_options(command)
    _cluster_options(command)
    command.set_defaults(node=None)


def _cost(commands: _Commands) -> None:
    command = _command(commands, "cost", "what many Services cost a packet, in every mode")
    command.add_argument("--json", action="store_true", help="as JSON")
    _text_options(command)


def _lessons(commands: _Commands) -> None:
    command = _command(commands, "lessons", "list the lessons")
    command.add_argument("--json", action="store_true", help="as JSON")
    _language_option(command)
    _course_option(command)


def _check(commands: _Commands) -> None:
    command = _command(commands, "check", "check lessons, as their author")
    command.add_argument("folder", nargs="?", metavar="DIR", help="the folder of a course")


def _progress(commands: _Commands) -> None:
    command = _command(commands, "progress", "what is done, taken along or brought back")
    command.add_argument("--json", action="store_true", help="as JSON")
    one = command.add_mutually_exclusive_group()
    one.add_argument(
        "--export",
        nargs="?",
        const="-",
        metavar="FILE",
        help="all of it as one line of text, to FILE or to stdout",
    )
    one.add_argument(
        "--import",
        dest="bring",
        metavar="LINE",
        help="add what such a line holds: the line itself, a file, or - for stdin",
    )
    one.add_argument("--forget", action="store_true", help="erase all of it")
    command.add_argument("--yes", action="store_true", help="erase without asking")
    _language_option(command)
    _course_option(command)


def _serve(commands: _Commands) -> None:
    command = _command(
        commands, "serve", "a workshop: the explorer for a class, over SSH", epilogs.SERVE
    )
    where = command.add_argument_group("the server")
    where.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1", help="where to listen (127.0.0.1)"
    )
    where.add_argument("--port", type=values.port, default=2222, help="TCP port (2222)")
    where.add_argument("--state", metavar="DIR", help="where keys, class and progress are kept")
    where.add_argument(
        "--limit",
        metavar="NAME=NUMBER",
        action="append",
        default=[],
        help="one of the limits below; may be given again",
    )
    who = command.add_argument_group("who may come")
    who.add_argument("--join-code", metavar="CODE", help="the class's code (default: made once)")
    who.add_argument("--keys", metavar="FILE", help="learners' public keys, like authorized_keys")
    who.add_argument("--instructor-keys", metavar="FILE", help="the instructor's public keys")
    seen = command.add_argument_group("a workshop that runs, or has been")
    one = seen.add_mutually_exclusive_group()
    one.add_argument("--dashboard", action="store_true", help="the class, on this machine")
    one.add_argument(
        "--results",
        metavar="FORMAT",
        type=values.one_of("csv", "questions", "json"),
        help="what the class has done: csv, questions (csv) or json",
    )
    one.add_argument(
        "--forced", action="store_true", help="one session, as ForceCommand of one's own sshd"
    )
    _screen_options(command)


def _info(commands: _Commands) -> None:
    command = _command(commands, "info", "versions, and the files in use")
    command.add_argument("--json", action="store_true", help="as JSON")
