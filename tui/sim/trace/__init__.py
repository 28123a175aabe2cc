"""What happened to a packet, as data: Trace -> Outcome -> Leg -> Hop -> Step."""

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

__all__ = [
    "Chance",
    "Connection",
    "Cost",
    "FieldChange",
    "Flow",
    "Hop",
    "Leg",
    "Outcome",
    "Reason",
    "ReasonCode",
    "Role",
    "RulePlace",
    "Step",
    "StepKind",
    "Trace",
    "Verdict",
]
