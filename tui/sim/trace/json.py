"""A trace as plain data for JSON, and back: each the exact inverse of the other.

The shape is the one that `--json` prints, version 1. What can be derived (whether a rule
matched, how a leg ended) is written for readers and passed over when read back. Enumerations
are written as their text, addresses as text, what is absent as null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.sim.model.address import address
from tui.sim.model.connection import ConntrackChange, ConntrackEntry, ConntrackOp, ConnTuple
from tui.sim.model.packet import Ethernet, Icmp, Packet, Protocol, Tunnel
from tui.sim.trace.reason import Reason, ReasonCode
from tui.sim.trace.record import (
    Chance,
    Connection,
    Cost,
    FieldChange,
    Flow,
    Hop,
    Leg,
    Outcome,
    Role,
    RulePlace,
    Step,
    StepKind,
    Trace,
    Verdict,
)

VERSION = 1
"""Version of the shape."""

Data = Mapping[str, Any]

_MATCHED = {StepKind.RULE_MATCHED: True, StepKind.RULE_DECLINED: False}


def trace_to_json(trace: Trace) -> dict[str, Any]:
    """The trace as dicts, lists, text, numbers, booleans and None."""
    return {
        "version": VERSION,
        "flow": {
            "source": trace.flow.source,
            "destination": trace.flow.destination,
            "packet": packet_to_json(trace.flow.packet),
        },
        "mode": trace.mode,
        "cni": trace.cni,
        "outcomes": [_outcome_to_json(outcome) for outcome in trace.outcomes],
    }


def trace_from_json(data: object) -> Trace:
    """The trace that `trace_to_json` wrote. Raises ValueError where the data is none."""
    if not isinstance(data, Mapping) or data.get("version") != VERSION:
        raise ValueError(f"not a trace of version {VERSION}")
    try:
        return _trace(data)
    except KeyError as error:
        raise ValueError(f"not a trace: {error} is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"not a trace: {error}") from error


def _trace(data: Data) -> Trace:
    flow = data["flow"]
    return Trace(
        flow=Flow(flow["source"], flow["destination"], packet_from_json(flow["packet"])),
        mode=data["mode"],
        cni=data["cni"],
        outcomes=tuple(_outcome(item) for item in data["outcomes"]),
    )


# ---------------------------------------------------------------- outcomes, legs, hops


def _outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict.value,
        "destination": outcome.destination,
        "dnat": outcome.dnat,
        "snat": outcome.snat,
        "probability": outcome.probability,
        "connection": outcome.connection.value,
        "choices": list(outcome.choices),
        "legs": [_leg_to_json(leg) for leg in outcome.legs],
    }


def _outcome(data: Data) -> Outcome:
    return Outcome(
        verdict=Verdict(data["verdict"]),
        connection=Connection(data["connection"]),
        legs=tuple(_leg(item) for item in data["legs"]),
        destination=data["destination"],
        dnat=data["dnat"],
        snat=data["snat"],
        probability=data["probability"],
        choices=tuple(data["choices"]),
    )


def _leg_to_json(leg: Leg) -> dict[str, Any]:
    return {
        "role": leg.role.value,
        "packet": packet_to_json(leg.packet),
        "hops": [_hop_to_json(hop) for hop in leg.hops],
        "end": _end_to_json(leg),
    }


def _end_to_json(leg: Leg) -> dict[str, Any] | None:
    """Where and how the leg ended, for readers; the last step says it all."""
    if not leg.hops or not leg.hops[-1].steps:
        return None
    hop, step = leg.hops[-1], leg.end
    return {
        "kind": step.kind.value,
        "node": hop.node,
        "namespace": hop.namespace,
        "owner": step.owner,
        "reason": _reason_to_json(step.reason),
    }


def _leg(data: Data) -> Leg:
    hops = tuple(_hop(item) for item in data["hops"])
    return Leg(Role(data["role"]), packet_from_json(data["packet"]), hops)


def _hop_to_json(hop: Hop) -> dict[str, Any]:
    return {
        "node": hop.node,
        "namespace": hop.namespace,
        "device_in": hop.device_in,
        "device_out": hop.device_out,
        "steps": [step_to_json(step) for step in hop.steps],
    }


def _hop(data: Data) -> Hop:
    return Hop(
        node=data["node"],
        namespace=data["namespace"],
        device_in=data["device_in"],
        device_out=data["device_out"],
        steps=tuple(step_from_json(item) for item in data["steps"]),
    )


# ---------------------------------------------------------------- steps


def step_to_json(step: Step) -> dict[str, Any]:
    """One step; `matched` is null for a step that is not about one rule."""
    return {
        "kind": step.kind.value,
        **_place_to_json(step.place),
        "matched": _MATCHED.get(step.kind),
        "changes": [{"field": c.field, "old": c.old, "new": c.new} for c in step.changes],
        "pushed": step.pushed,
        "popped": step.popped,
        "conntrack": [_conntrack_to_json(change) for change in step.conntrack],
        "state": step.state,
        "chance": _chance_to_json(step.chance),
        "cost": {"rules": step.cost.rules, "lookups": step.cost.lookups},
        "owner": step.owner,
        "device": step.device,
        "reason": _reason_to_json(step.reason),
        "packet": packet_to_json(step.packet),
    }


def step_from_json(data: Data) -> Step:
    """The step that `step_to_json` wrote. Raises KeyError, TypeError or ValueError."""
    reason, cost = data["reason"], data["cost"]
    return Step(
        kind=StepKind(data["kind"]),
        packet=packet_from_json(data["packet"]),
        reason=Reason(ReasonCode(reason["code"]), dict(reason["fields"])),
        place=_place(data),
        changes=tuple(FieldChange(c["field"], c["old"], c["new"]) for c in data["changes"]),
        pushed=data["pushed"],
        popped=data["popped"],
        conntrack=tuple(_conntrack(item) for item in data["conntrack"]),
        state=data["state"],
        chance=_chance(data["chance"]),
        cost=Cost(cost["rules"], cost["lookups"]),
        owner=data["owner"],
        device=data["device"],
    )


def _place_to_json(place: RulePlace | None) -> dict[str, Any]:
    """The place's fields beside the step's own; all null for a step outside netfilter."""
    if place is None:
        return dict.fromkeys(("hook", "table", "chain", "rule", "text", "jumps", "skipped"))
    return {
        "hook": place.hook,
        "table": place.table,
        "chain": place.chain,
        "rule": place.rule,
        "text": place.text,
        "jumps": [{"chain": chain, "rule": rule} for chain, rule in place.jumps],
        "skipped": place.skipped,
    }


def _place(data: Data) -> RulePlace | None:
    if data["hook"] is None:
        return None
    return RulePlace(
        hook=data["hook"],
        table=data["table"],
        chain=data["chain"],
        rule=data["rule"],
        text=data["text"],
        jumps=tuple((jump["chain"], jump["rule"]) for jump in data["jumps"]),
        skipped=data["skipped"],
    )


def _reason_to_json(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code.value, "fields": dict(reason.fields)}


def _chance_to_json(chance: Chance | None) -> dict[str, Any] | None:
    if chance is None:
        return None
    return {
        "probability": chance.probability,
        "branch": chance.branch,
        "branches": chance.branches,
        "pinned": chance.pinned,
    }


def _chance(data: Data | None) -> Chance | None:
    if data is None:
        return None
    return Chance(data["probability"], data["branch"], data["branches"], data["pinned"])


# ---------------------------------------------------------------- conntrack


def _conntrack_to_json(change: ConntrackChange) -> dict[str, Any]:
    entry = change.entry
    return {
        "host": change.host,
        "op": change.op.value,
        "entry": {
            "original": _tuple_to_json(entry.original),
            "reply": _tuple_to_json(entry.reply),
            "state": entry.state,
            "dnat": entry.dnat,
            "snat": entry.snat,
            "replied": entry.replied,
            "assured": entry.assured,
            "mark": entry.mark,
            "expires": entry.expires,
        },
    }


def _conntrack(data: Data) -> ConntrackChange:
    entry = data["entry"]
    held = ConntrackEntry(
        original=_tuple(entry["original"]),
        reply=_tuple(entry["reply"]),
        state=entry["state"],
        dnat=entry["dnat"],
        snat=entry["snat"],
        replied=entry["replied"],
        assured=entry["assured"],
        mark=entry["mark"],
        expires=entry["expires"],
    )
    return ConntrackChange(data["host"], ConntrackOp(data["op"]), held)


def _tuple_to_json(ends: ConnTuple | Icmp) -> dict[str, Any]:
    return {
        "source": str(ends.source),
        "destination": str(ends.destination),
        "protocol": ends.protocol.value,
        "sport": ends.sport,
        "dport": ends.dport,
    }


def _tuple(data: Data) -> ConnTuple:
    return ConnTuple(
        source=address(data["source"]),
        destination=address(data["destination"]),
        protocol=Protocol(data["protocol"]),
        sport=data["sport"],
        dport=data["dport"],
    )


# ---------------------------------------------------------------- packets


def packet_to_json(packet: Packet) -> dict[str, Any]:
    """The packet with what it carries inside."""
    frame, tunnel = packet.ethernet, packet.tunnel
    return {
        "source": str(packet.source),
        "destination": str(packet.destination),
        "protocol": packet.protocol.value,
        "sport": packet.sport,
        "dport": packet.dport,
        "flags": packet.flags,
        "ttl": packet.ttl,
        "size": packet.size,
        "mark": packet.mark,
        "ethernet": frame and {"source": frame.source, "destination": frame.destination},
        "icmp": packet.icmp and {"message": packet.icmp.message, **_tuple_to_json(packet.icmp)},
        "tunnel": tunnel
        and {
            "kind": tunnel.kind,
            "identifier": tunnel.identifier,
            "overhead": tunnel.overhead,
        },
        "inner": packet.inner and packet_to_json(packet.inner),
    }


def packet_from_json(data: Data) -> Packet:
    """The packet that `packet_to_json` wrote. Raises KeyError, TypeError or ValueError."""
    frame, icmp, tunnel, inner = data["ethernet"], data["icmp"], data["tunnel"], data["inner"]
    return Packet(
        source=address(data["source"]),
        destination=address(data["destination"]),
        protocol=Protocol(data["protocol"]),
        sport=data["sport"],
        dport=data["dport"],
        flags=data["flags"],
        ttl=data["ttl"],
        size=data["size"],
        mark=data["mark"],
        ethernet=frame and Ethernet(frame["source"], frame["destination"]),
        icmp=icmp and _icmp(icmp),
        tunnel=tunnel and Tunnel(tunnel["kind"], tunnel["identifier"], tunnel["overhead"]),
        inner=inner and packet_from_json(inner),
    )


def _icmp(data: Data) -> Icmp:
    quoted = _tuple(data)
    return Icmp(
        message=data["message"],
        source=quoted.source,
        destination=quoted.destination,
        protocol=quoted.protocol,
        sport=quoted.sport,
        dport=quoted.dport,
    )
