"""A course as values: chapters of lessons of steps, with their words in one language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from tui.course.problem import Problem
from tui.sim.engine.injection import Choices, Injection
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import value


class Activity(StrEnum):
    """What a learner does in a step."""

    READ = "read"
    INJECT = "inject"
    PREDICT = "predict"
    EXPLORE = "explore"
    FIX = "fix"


@value
class GivenPacket:
    """A packet that a step sends."""

    injection: Injection
    """From where, to where."""
    pin: str | None = None
    """The endpoint that chance must take, `10.244.0.5:8080`; None leaves it to chance."""
    after: tuple[str, ...] = ()
    """Steps whose packets are sent before this one, so that conntrack remembers them."""

    @property
    def choices(self) -> Choices:
        """The choices to send it with."""
        return Choices(pin=self.pin)


@value
class Choice:
    """One possible answer to a prediction."""

    value: str
    """What is compared with the computed answer."""
    label: str
    """What the learner reads."""
    reply: str = ""
    """Said when it was chosen: where the thought went wrong, or why it is right."""


@value
class Sight:
    """Something to find on the map."""

    namespace: str = ""
    """`node/node-a` or `pod/shop/client`; empty for a Service."""
    device: str = ""
    """A device in it; empty for the whole namespace."""
    service: str = ""
    """`shop/web`."""


@value
class Goal:
    """A flow, and how it must come out."""

    id: str
    """Unique in its step."""
    label: str
    """What the learner reads."""
    packet: GivenPacket
    """The flow."""
    wants: Mapping[str, tuple[str, ...]]
    """By question (`tui.course.predictions.Ask`): the answers that are right, as patterns in
    which `*` stands for anything. Every outcome that chance allows must match."""
    live: bool = False
    """The flow meets conntrack as it is now; else it is the first of its kind."""
    keep: bool = False
    """It is met at the start, and must stay so."""


@value
class Change:
    """What somebody does to a world, all at once."""

    apply: Path | None = None
    """File of objects that are added, or take the place of those of the same name."""
    delete: tuple[str, ...] = ()
    """Objects to delete, as `Pod shop/web-1`."""
    mode: ProxyMode | None = None
    """Another mode of kube-proxy."""
    cni: str | None = None
    """Another CNI plugin."""
    wait: float = 0
    """Seconds that pass."""


@value
class Mistake:
    """A change that does not mend what is broken, and what is to be said about it."""

    change: Change
    """What people try."""
    reply: str
    """Where the thought went wrong."""


@value
class Task:
    """Something that is broken, for the learner to mend."""

    goals: tuple[Goal, ...]
    """All must be met."""
    solution: Change
    """One way to do it; any other that meets the goals is as good."""
    hints: tuple[str, ...]
    """From a nudge to nearly all, Markdown."""
    answer: str
    """The solution in words, Markdown."""
    mistakes: tuple[Mistake, ...] = ()
    """Fixes that fail."""


@value
class LessonStep:
    """One step of a lesson."""

    id: str
    """Unique in its lesson."""
    kind: Activity
    """What the learner does."""
    heading: str
    """A few words."""
    body: str
    """Markdown."""
    packet: GivenPacket | None = None
    """Set for inject and predict."""
    ask: str = ""
    """For predict: what the simulator computes, a word of `tui.course.predictions.Ask`."""
    choices: tuple[Choice, ...] = ()
    """For predict: the answers on offer, in order."""
    because: str = ""
    """For predict: Markdown shown after the answer, whatever it was."""
    find: Sight | None = None
    """For explore: what to find; None means looking round freely."""
    task: Task | None = None
    """For fix: what is to be mended."""


@value
class Past:
    """Packets that were sent in an earlier cluster; conntrack remembers them."""

    cluster: Path
    """File of the objects as they were."""
    packets: tuple[GivenPacket, ...]
    """In order."""


@value
class WorldSettings:
    """What a lesson plays on."""

    cluster: Path
    """File of Kubernetes objects."""
    kube_proxy_config: Path | None = None
    """File with a KubeProxyConfiguration."""
    mode: ProxyMode | None = None
    """kube-proxy's mode; None leaves it to the configuration."""
    cni: str = "flannel"
    """CNI plugin."""
    cni_config: Path | None = None
    """File with the plugin's own settings."""
    before: Past | None = None
    """What happened before the lesson opens."""


@value
class Lesson:
    """One lesson, its words in one language."""

    id: str
    """Name of its folder."""
    chapter: str
    """Id of the chapter it stands in."""
    title: str
    """A few words."""
    summary: str
    """Markdown, a paragraph."""
    steps: tuple[LessonStep, ...]
    """In order; never empty."""
    world: WorldSettings
    """What it plays on."""
    minutes: int = 10
    """How long it takes."""
    objectives: tuple[str, ...] = ()
    """What one can do afterwards."""
    level: int = 0
    """How hard a challenge is, 1 to 3; 0 for a lesson that is none."""
    requires: tuple[str, ...] = ()
    """Lessons to have done before."""
    teaches: tuple[str, ...] = ()
    """Ids of the words of the glossary that it explains."""
    mentions: tuple[str, ...] = ()
    """Ids of words that it uses in passing, before a lesson explains them."""
    modes: tuple[ProxyMode, ...] = ()
    """kube-proxy modes in which its words are true."""
    plugins: tuple[str, ...] = ()
    """CNI plugins under which its words are true."""
    folder: Path = Path()
    """Where it was read from."""

    def step(self, step_id: str) -> LessonStep | None:
        """The step of that id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def position(self, step_id: str) -> int:
        """Index of the step of that id; 0 for one that is gone."""
        return next((i for i, step in enumerate(self.steps) if step.id == step_id), 0)


@value
class Chapter:
    """A part of the course."""

    id: str
    """Its name in course.toml."""
    title: str
    """A few words."""
    summary: str
    """Markdown."""
    lessons: tuple[Lesson, ...]
    """Its lessons that could be read, in order."""


@value
class Course:
    """Everything there is to learn, in order."""

    title: str
    """Its name."""
    chapters: tuple[Chapter, ...]
    """In order."""
    problems: tuple[Problem, ...] = ()
    """What kept a lesson out, one problem or more for each."""
    root: Path = Path()
    """Folder that it was read from."""
    lang: str = "en"
    """Language that was asked for."""

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Every lesson, in order."""
        return tuple(lesson for chapter in self.chapters for lesson in chapter.lessons)

    def lesson(self, lesson_id: str) -> Lesson | None:
        """The lesson of that id."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)

    def after(self, lesson_id: str) -> Lesson | None:
        """The lesson that follows, if there is one."""
        following = (b for a, b in pairwise(self.lessons) if a.id == lesson_id)
        return next(following, None)
