"""The files of a course as pydantic models: course.toml and each lesson.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tui.course.predictions import ask_problem
from tui.sim.model.settings import ProxyMode

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, Field(min_length=1)]
Port = Annotated[int, Field(ge=1, le=65535)]

Sendable = Literal["TCP", "UDP", "SCTP", "ICMP"]
"""What a lesson may send; IPIP is a tunnel's alone."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PacketModel(_Model):
    """A packet, as the command line's `--from` and `--to` name it."""

    source: Text = Field(alias="from")
    destination: Text = Field(alias="to")
    protocol: Sendable = "TCP"
    dport: Port | None = None
    sport: Port | None = None
    size: Annotated[int, Field(ge=28, le=65535)] = 60
    node: Text | None = None
    pin: Text | None = None
    after: tuple[Id, ...] = ()


class FindModel(_Model):
    """Something to find on the map: a namespace, a device in it, or a Service."""

    namespace: str = ""
    device: str = ""
    service: str = ""

    @model_validator(mode="after")
    def _one_thing(self) -> FindModel:
        if bool(self.namespace) == bool(self.service) or (self.device and self.service):
            raise ValueError("expected `namespace` (and perhaps `device`), or `service` alone")
        return self


class ReadModel(_Model):
    """A step that is only read."""

    id: Id
    kind: Literal["read"]


class InjectModel(_Model):
    """A step that sends a given packet."""

    id: Id
    kind: Literal["inject"]
    packet: PacketModel


class PredictModel(_Model):
    """A step that asks what will become of a packet."""

    id: Id
    kind: Literal["predict"]
    packet: PacketModel
    ask: Text
    choices: Annotated[tuple[Text, ...], Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _answerable(self) -> PredictModel:
        if problem := ask_problem(self.ask):
            raise ValueError(problem)
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("expected choices that all differ")
        return self


class ExploreModel(_Model):
    """A step that looks round on the map."""

    id: Id
    kind: Literal["explore"]
    find: FindModel | None = None


class GoalModel(_Model):
    """A flow that must come out right before a challenge is solved."""

    id: Id
    packet: PacketModel
    wants: Annotated[dict[str, Text | tuple[Text, ...]], Field(min_length=1)]
    live: bool = False
    keep: bool = False

    @model_validator(mode="after")
    def _answerable(self) -> GoalModel:
        for ask in self.wants:
            if problem := ask_problem(ask):
                raise ValueError(problem.replace("`ask`", "`wants`"))
        return self


class ChangeModel(_Model):
    """What somebody does to the world, all at once."""

    apply: Text | None = None
    delete: tuple[Text, ...] = ()
    mode: ProxyMode | None = None
    cni: Text | None = None
    wait: Annotated[float, Field(ge=0, le=1_000_000)] = 0

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeModel:
        if not self.model_fields_set:
            raise ValueError("expected one of `apply`, `delete`, `mode`, `cni`, `wait`")
        return self


class FixModel(_Model):
    """A step in which something is broken, and flows say when it is mended."""

    id: Id
    kind: Literal["fix"]
    goals: Annotated[tuple[GoalModel, ...], Field(min_length=1, max_length=9)]
    solution: ChangeModel
    wrong: tuple[ChangeModel, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> FixModel:
        if len({goal.id for goal in self.goals}) < len(self.goals):
            raise ValueError("expected ids of goals that all differ")
        return self


StepModel = Annotated[
    ReadModel | InjectModel | PredictModel | ExploreModel | FixModel, Field(discriminator="kind")
]


class BeforeModel(_Model):
    """What happened before a lesson opens: packets in an earlier cluster, which left traces."""

    cluster: Text
    packets: Annotated[tuple[PacketModel, ...], Field(min_length=1)]


class WorldModel(_Model):
    """What a lesson plays on; paths count from the lesson's folder."""

    cluster: Text = "cluster.yaml"
    kube_proxy_config: Text | None = None
    mode: ProxyMode | None = None
    cni: Text = "flannel"
    cni_config: Text | None = None
    before: BeforeModel | None = None


class LessonModel(_Model):
    """lesson.toml."""

    format: Literal[1]
    minutes: Annotated[int, Field(ge=1, le=60)] = 10
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    requires: tuple[Id, ...] = ()
    teaches: tuple[Id, ...] = ()
    mentions: tuple[Id, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    modes: tuple[ProxyMode, ...] = tuple(ProxyMode)
    plugins: tuple[Text, ...] = ("flannel",)
    world: WorldModel = WorldModel()
    steps: Annotated[tuple[StepModel, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> LessonModel:
        senders: set[str] = set()
        seen: set[str] = set()
        for step in self.steps:
            if step.id in seen:
                raise ValueError(f"expected step ids that all differ; `{step.id}` is there twice")
            seen.add(step.id)
            for packet in _packets(step):
                for name in set(packet.after) - senders:
                    raise ValueError(
                        f"step `{step.id}`: `after` expected the id of an earlier "
                        f"step with a packet, found `{name}`"
                    )
            if isinstance(step, InjectModel | PredictModel):
                senders.add(step.id)
        return self


def _packets(step: StepModel) -> tuple[PacketModel, ...]:
    """Every packet that a step sends."""
    if isinstance(step, InjectModel | PredictModel):
        return (step.packet,)
    return tuple(goal.packet for goal in step.goals) if isinstance(step, FixModel) else ()


class ChapterModel(_Model):
    """One `[[chapters]]` of course.toml."""

    id: Id
    lessons: tuple[Id, ...]


class CourseModel(_Model):
    """course.toml."""

    format: Literal[1]
    chapters: Annotated[tuple[ChapterModel, ...], Field(min_length=1)]
