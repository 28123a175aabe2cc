"""What of a session can be copied or saved: each with its words, and made when it is wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tui.session import Moment, Session
from tui.sim.engine.dumps import COMMANDS, installed
from tui.sim.model.value import value
from tui.sim.trace import Outcome
from tui.words import Words
from tui.words.language import _

PROGRAM = "k8snet-tui"


@value
class Export:
    """Something to copy or to save."""

    label: str
    """What it is, in a few words."""
    note: str
    """What to know of it, or its text where it is short."""
    ending: str
    """How its file's name ends: `-trace.json`."""
    make: Callable[[], str | bytes]
    """Its content; bytes are no text, and no clipboard takes them."""
    binary: bool = False
    """Whether the content is bytes."""


def exports(session: Session, words: Words) -> list[Export]:
    """All that there is at the cursor: rule, packet, the whole trace, the node's rules."""
    moment = session.moment
    if moment is None or session.trace is None:
        return []
    return [
        *([_rule(moment, words)] if has_rule(moment) else []),
        _packet(moment, words),
        *_trace(session, session.trace.outcomes[0], words),
        *_rules(session, moment, words),
    ]


def has_rule(moment: Moment) -> bool:
    """Whether the cursor is at a rule."""
    place = moment.step.place
    return place is not None and bool(place.rule) and bool(place.text)


def _rule(moment: Moment, words: Words) -> Export:
    text = _rule_text(moment)
    return Export(words(_("rule")), text, "-rule.txt", lambda: f"{text}\n")


def _rule_text(moment: Moment) -> str:
    """The rule as its own tool takes it: `-A CHAIN ...` of iptables; nftables has no such word."""
    place = moment.step.place
    assert place is not None
    in_nftables = " " in place.table
    return place.text if in_nftables or not place.table else f"-A {place.chain} {place.text}"


def _packet(moment: Moment, words: Words) -> Export:
    from tui.formats.tcpdump import printed

    lines = list(printed(moment.step.packet))
    return Export(
        words(_("packet")), lines[0], "-packet.txt", lambda: "".join(f"{line}\n" for line in lines)
    )


def _trace(session: Session, outcome: Outcome, words: Words) -> Iterator[Export]:
    """The whole trace in every form that there is."""
    trace = session.trace
    assert trace is not None

    def text() -> str:
        from tui.words.transcript import transcript

        return "".join(f"{line}\n" for line in transcript(trace, words))

    def data() -> str:
        from tui.sim.trace.json import trace_to_json

        return f"{json.dumps(trace_to_json(trace), indent=2)}\n"

    def monitor() -> str:
        from tui.formats.monitor import monitored

        return "".join(f"{line}\n" for line in monitored(outcome))

    def capture() -> bytes:
        from tui.formats.pcapng import pcapng
        from tui.words.captures import captures

        return pcapng(captures(outcome, words, session.before.now), PROGRAM)

    yield Export(words(_("trace, text")), words(_("every step, a line each")), "-trace.txt", text)
    yield Export(
        words(_("trace, JSON")), words(_("as trace --json prints it")), "-trace.json", data
    )
    told = "nft monitor trace" if session.world.proxy.mode == "nftables" else "xtables-monitor"
    yield Export(
        words(_("trace, monitor")), words(_("as {tool} tells it"), tool=told),
        "-monitor.txt", monitor,
    )  # fmt: skip
    yield Export(
        words(_("trace, pcapng")), words(_("the frames of every device, for Wireshark")),
        ".pcapng", capture, binary=True,
    )  # fmt: skip


def _rules(session: Session, moment: Moment, words: Words) -> Iterator[Export]:
    """The rules of the node under the cursor, by the tool that prints them."""
    node, world = moment.hop.node, session.world
    if node is None or world.cluster.node(node) is None:
        return
    note = words(_("of {node}"), node=node)
    for name, print_all in installed(world, node).items():
        yield Export(COMMANDS[name], note, f"-{node}-{name}.txt", print_all)
