"""What can be said on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tui import __version__
from tui.cli import arguments as values
from tui.cli.arguments import OneLineParser, refuse, stray

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[OneLineParser]

_EXAMPLES = """\
examples:
  k8snet-tui                                        the course, where you left off
  k8snet-tui lesson service --step 3                one lesson
  k8snet-tui sandbox --cluster FILE                 free play on a cluster of your own
  k8snet-tui trace --from pod/shop/client --to svc/shop/web:80
  k8snet-tui rules --node node-a                    what kube-proxy would install there
  k8snet-tui look node/node-a -- ip route get 10.244.1.5
  kubectl get nodes,pods,services,endpointslices,networkpolicies -A -o json \\
    | k8snet-tui sandbox --cluster -
"""

_PLACES = """\
places:
  pod/NS/NAME[/CONTAINER]  svc/NS/NAME:PORT  node/NAME  external/IP  a DNS name  IP[:PORT]
  a bare IP in a node's pod range is a pod there, any other comes from outside and enters at
  --node; 127.0.0.1 as destination is the source's own
"""

_FLOWS = """\
many flows:
  --flows reads a JSON object a line: "src" and "dst" are IP addresses, "dport" is a port,
  "protocol" is TCP (also where it is left out), UDP or SCTP. It writes each line again, other
  keys kept, with all "outcomes" of a packet on a new connection. 127.0.0.1 and a node's own
  address as "src" are a process of the node; what comes from outside enters at --node.
    {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80}
    {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80, "outcomes": [{"verdict":
      "delivered", "destination": "10.244.0.5:8080", "dnat": true, "snat": null,
      "probability": 0.333}, ...]}
"""

_CAPTURES = """\
captures:
  --monitor tells what `xtables-monitor --trace` (nftables mode: `nft monitor trace`) prints.
  --pcapng writes what tcpdump would catch on each device of the way, as one file with an
  interface for each device and a comment for each frame. flannel's VXLAN is on UDP port 8472,
  which Wireshark must be told: "Decode As VXLAN" there, or
    k8snet-tui trace --from pod/shop/client --to svc/shop/web:80 --pcapng way.pcapng
    wireshark -d udp.port==8472,vxlan way.pcapng
"""

_MODEL = """\
rules:
  every pod reaches every pod without NAT; every node reaches every pod without NAT; a pod sees
  itself with the address that others see
  A packet is sent for every pair, or in a big cluster for parts of them, which it says. Each
  pair that does not keep a rule comes with the command that shows its packet's way.
exit codes:
  0 all hold, 1 one does not, 2 bad input
"""

_SERVE = """\
who comes:
  learners      ssh -p 2222 NAME@HOST   with the join code, or with a key of --keys
  the instructor    ssh -p 2222 instructor@HOST   with a key of --instructor-keys
  They get the explorer and nothing else: no shell, no files, no forwarding. A place in it may be
  named: ssh -t -p 2222 NAME@HOST lesson service --step 3
limits, with what they are by default:
  sessions=100 sessions_each=3 logins=100 login_seconds=120 failures=60 guesses=5
  failure_minutes=10 starts=4 idle_minutes=60 session_minutes=480 memory_mib=256 columns=300 rows=100
  unsent_kib=256 unread_seconds=60
user ids:
  As root each learner gets a user id of their own (61000 to 61999); as any other user all
  sessions have that one. None ever runs as root.
"""

_TOOLS = """\
commands:
  ip [-4|-6|-d|-br|-o] addr | link [show] [DEV] [up] [master DEV] [type KIND]
  ip [-4|-6] route [show] [table N|all] [dev DEV] [match|root|exact PREFIX]
  ip route get ADDRESS [from ADDRESS] [iif DEV] [mark N]
  ip [-6] rule [show] [table N]     ip neigh [show] [dev DEV]
  bridge fdb [show] [dev DEV|br DEV]     bridge [-d] link     route -n
  on a node also what prints its rules, like iptables-save
  words may be shortened as usual: ip a, ip r, ip ru, ip n, ip -br l
examples:
  k8snet-tui look pod/shop/client -- ip addr
  k8snet-tui look node/node-a -- ip route get 10.244.1.5 from 10.244.0.7 iif cni0
"""

_EXIT_CODES = """\
exit codes:
  0 delivered (--all: in every outcome), 1 not delivered, 2 bad input, 3 unknown;
  with --flows 0, or 2 at the first bad line
"""


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line, or of one command and what stands before it.

    Making all takes longer than any one of them needs; help and mistakes show all.
    """
    top = OneLineParser(
        prog="k8snet-tui",
        description="Follow one packet through Kubernetes networking, rule by rule.",
        epilog=_EXAMPLES,
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
    unsaid = argparse.SUPPRESS if again else None
    off = argparse.SUPPRESS if again else False
    command.add_argument(
        "--lang", metavar="LANG", default=unsaid, help="language of words and lessons"
    )
    _course_option(command, again=again)
    switch = partial(command.add_argument, action="store_true", default=off)
    switch("--ascii", help="draw with plain ASCII signs")
    switch("--no-mouse", help="leave the mouse to the terminal, to select text")
    switch("--no-tour", help="no tour the first time")
    themes = values.one_of("dark", "light")
    command.add_argument(
        "--theme", metavar="THEME", type=themes, default=unsaid, help="dark or light"
    )


def _course_option(command: argparse.ArgumentParser, *, again: bool = True) -> None:
    command.add_argument(
        "--lessons",
        dest="course_folder",
        metavar="DIR",
        default=argparse.SUPPRESS if again else None,
        help="a course of your own: the folder with its course.toml",
    )


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
    epilog = f"{_PLACES}\n{_FLOWS}\n{_CAPTURES}\n{_EXIT_CODES}"
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
    command.add_argument(
        "--ascii",
        action="store_true",
        default=argparse.SUPPRESS,
        help="write with plain ASCII signs",
    )
    command.add_argument(
        "--lang", metavar="LANG", default=argparse.SUPPRESS, help="language of the words"
    )
    _world_options(command)


def _rules(commands: _Commands) -> None:
    command = _command(commands, "rules", "what kube-proxy would install on a node")
    command.add_argument("--json", action="store_true", help="every dump in one JSON object")
    _world_options(command)


def _look(commands: _Commands) -> None:
    text = "what ip, bridge and other tools print on a node or in a pod"
    command = _command(commands, "look", text, _TOOLS)
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
    command = _command(commands, "model", text, _MODEL)
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument(
        "--ascii",
        action="store_true",
        default=argparse.SUPPRESS,
        help="write with plain ASCII signs",
    )
    command.add_argument(
        "--lang", metavar="LANG", default=argparse.SUPPRESS, help="language of the words"
    )
    _cluster_options(command)
    command.set_defaults(node=None)


def _cost(commands: _Commands) -> None:
    command = _command(commands, "cost", "what many Services cost a packet, in every mode")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument(
        "--ascii",
        action="store_true",
        default=argparse.SUPPRESS,
        help="draw with plain ASCII signs",
    )
    command.add_argument(
        "--lang", metavar="LANG", default=argparse.SUPPRESS, help="language of the words"
    )


def _lessons(commands: _Commands) -> None:
    command = _command(commands, "lessons", "list the lessons")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument(
        "--lang", metavar="LANG", default=argparse.SUPPRESS, help="language of the titles"
    )
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
    command.add_argument(
        "--lang", metavar="LANG", default=argparse.SUPPRESS, help="language of the titles"
    )
    _course_option(command)


def _serve(commands: _Commands) -> None:
    command = _command(commands, "serve", "a workshop: the explorer for a class, over SSH", _SERVE)
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
