"""`k8snet-tui trace`: one packet as text, JSON, monitor lines or a capture, or many flows."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tui.cli import DELIVERED, NOT_DELIVERED, UNKNOWN, UsageError
from tui.cli.settings import family_named, language_of, world_of
from tui.cli.streams import PROGRAM, put, put_bytes, put_json, put_json_line, tell
from tui.formats.errors import FormatError
from tui.sim.engine import Choices, Injection, PlaceError, State, World, outcomes, send
from tui.sim.model.packet import SENDABLE, Protocol
from tui.sim.model.shown import shown
from tui.sim.trace import Outcome, Trace, Verdict
from tui.sim.trace.json import trace_to_json
from tui.words import Words
from tui.words.transcript import outcome_table, transcript


def trace(asked: Namespace) -> int:
    """Follow the packet or the flows that the options describe."""
    _check_together(asked)
    _check_terminal(asked)
    if asked.flows is not None:
        return _flows(asked)
    if asked.source is None or asked.destination is None:
        raise UsageError("trace needs --from PLACE and --to PLACE, or --flows FILE")
    world = world_of(asked)
    if asked.compare:
        from tui.cli.compare import MODES, compared, compared_plugins

        told = compared if asked.compare == MODES else compared_plugins
        return exit_code(told(asked, world, State(now=asked.at), _injection(asked)))
    found = _answer(asked, world)
    _print(asked, found)
    return exit_code(found.outcomes)


_OF_ONE_PACKET = {
    "--from": "source", "--to": "destination", "--port": "port", "--sport": "sport",
    "--pin": "pin", "--family": "family", "--all": "all", "--compare": "compare",
    "--monitor": "monitor", "--pcapng": "pcapng",
}  # fmt: skip
"""Options that say nothing about many flows."""
_OF_ONE_OUTCOME = {
    "--compare": "compare", "--pin": "pin", "--monitor": "monitor", "--pcapng": "pcapng"
}  # fmt: skip
"""Options that follow one packet to its end, where `--all` tells of every end."""
_FORMS = {"--json": "json", "--monitor": "monitor", "--pcapng": "pcapng"}
"""Options of which each gives the answer another form."""


def _check_together(asked: Namespace) -> None:
    """Refuse options that would have to be ignored. Raises UsageError."""
    given = tuple(_given(asked, _OF_ONE_PACKET))
    if asked.flows is not None and given:
        raise UsageError(f"{', '.join(given)}: of one packet; leave that away, or --flows")
    other = next(_given(asked, _OF_ONE_OUTCOME), None)
    if asked.all and other is not None:
        raise UsageError(f"{other} follows one packet: leave --all away, or {other}")
    forms = tuple(_given(asked, _FORMS))
    if len(forms) > 1:
        raise UsageError(f"{', '.join(forms)}: each is another form of the answer; leave one")
    if asked.compare and forms not in ((), ("--json",)):
        raise UsageError(f"--compare has no such form: leave {forms[0]} away, or --compare")


def _given(asked: Namespace, options: Mapping[str, str]) -> Iterator[str]:
    return (option for option, name in options.items() if getattr(asked, name))


def _check_terminal(asked: Namespace) -> None:
    """Bytes are not for a terminal, which would obey some of them. Raises UsageError."""
    if asked.pcapng == "-" and sys.stdout.isatty():
        raise UsageError("--pcapng -: a terminal cannot show a capture; name a file, or use a pipe")


def _injection(asked: Namespace) -> Injection:
    return Injection(
        asked.source,
        asked.destination,
        protocol_named(asked.protocol),
        asked.port,
        asked.sport,
        asked.size,
        asked.node,
        family_named(asked.family),
    )


def _answer(asked: Namespace, world: World) -> Trace:
    injection, state = _injection(asked), State(now=asked.at)
    if asked.all:
        return outcomes(world, state, injection)
    found, _ = send(world, state, injection, Choices(asked.pin, asked.seed))
    if asked.pin is not None:
        from tui.cli.pin import check_pin

        check_pin(asked.pin, [found], world, state, injection)
    return found


def _print(asked: Namespace, found: Trace) -> None:
    if asked.json:
        put_json(trace_to_json(found))
        return
    if asked.monitor:
        _monitor(asked, found)
        return
    if asked.pcapng is not None:
        _capture(asked, found)
        return
    words = Words(language_of(asked))
    lines = outcome_table(found, words) if asked.all else transcript(found, words)
    put("\n".join(lines), ascii=asked.ascii)


def _monitor(asked: Namespace, found: Trace) -> None:
    """What the kernel would print of the rules that were asked, if any were."""
    from tui.formats.monitor import monitored

    lines = "".join(f"{line}\n" for line in monitored(found.outcomes[0]))
    put(lines, ascii=asked.ascii, end="")
    if not lines:
        tell("note: no rule was asked on this way")


def _capture(asked: Namespace, found: Trace) -> None:
    """Write what every device showed, to a file or to standard output."""
    from tui.formats.pcapng import pcapng
    from tui.words.captures import captures

    frames = list(captures(found.outcomes[0], Words(language_of(asked)), asked.at))
    data = pcapng(frames, PROGRAM)
    if asked.pcapng == "-":
        put_bytes(data)
        return
    try:
        Path(asked.pcapng).write_bytes(data)
    except OSError as error:
        problem = error.strerror or str(error)
        raise UsageError(f"--pcapng {shown(asked.pcapng)}: cannot be written: {problem}") from None
    tell(f"note: {len(frames)} frames are in {asked.pcapng}")


def exit_code(found: Iterable[Outcome]) -> int:
    """0 if every outcome is delivered, 3 if one is unknown, else 1."""
    verdicts = {outcome.verdict for outcome in found}
    if verdicts == {Verdict.DELIVERED}:
        return DELIVERED
    return UNKNOWN if Verdict.UNKNOWN in verdicts else NOT_DELIVERED


def protocol_named(text: str) -> Protocol:
    """A protocol by its name, in either case. Raises UsageError."""
    named = {p.lower: p for p in SENDABLE}
    if text.lower() in named:
        return named[text.lower()]
    raise UsageError(f"--protocol {shown(text)}: expected one of {', '.join(named)}")


# ---------------------------------------------------------------- many flows


def _flows(asked: Namespace) -> int:
    """One line of JSON for each line of JSON, each from a fresh state."""
    from tui.formats.flows import load_flows
    from tui.formats.text import origin_of

    world = world_of(asked)
    origin = origin_of(asked.flows)
    for flow in load_flows(asked.flows):
        injection = Injection(flow.src, flow.dst, flow.protocol, flow.dport, node=asked.node)
        try:
            found = outcomes(world, State(now=asked.at), injection)
        except PlaceError as error:
            raise FormatError(origin, str(error), f"line {flow.line}") from None
        told = [_plain(outcome) for outcome in found.outcomes]
        put_json_line({**flow.written, "outcomes": told})
    return DELIVERED


def _plain(outcome: Outcome) -> dict[str, object]:
    return {
        "verdict": outcome.verdict.value,
        "destination": outcome.destination,
        "dnat": outcome.dnat,
        "snat": outcome.snat,
        "probability": outcome.probability,
    }
