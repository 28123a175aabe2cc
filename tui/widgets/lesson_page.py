"""Where a learner stands in a lesson, as a value: the page, and what was done on it."""

from __future__ import annotations

from enum import StrEnum

from tui.course.lesson import Activity, Choice, Lesson, LessonStep
from tui.course.result import Result
from tui.sim.model.settings import ProxyMode
from tui.sim.model.value import replace, value


class Enter(StrEnum):
    """What the enter key does on a page; the page and the footer both say it."""

    CHOOSE = "choose"
    """Nothing before an answer is marked, except to say so."""
    ANSWER = "answer"
    """Give the marked answer."""
    SEND = "send"
    """Send the page's packet."""
    TRY = "try"
    """Send the first flow that does not come out right."""
    WALK = "walk"
    """Go on to the packet's next hook."""
    TURN = "turn"
    """Go on to the next page."""
    ONWARD = "onward"
    """Go on to the next question that is asked again, or back to the lesson."""
    FINISH = "finish"
    """Finish the lesson."""


@value
class Page:
    """One step of a lesson as it stands on the screen."""

    lesson: Lesson
    """The lesson."""
    number: int = 0
    """Index of the step."""
    marked: int | None = None
    """Index of the answer that the learner moved the highlight to."""
    urged: bool = False
    """An answer was wanted before one was marked."""
    chosen: str | None = None
    """The answer that was given to a prediction."""
    right: str | None = None
    """The answer that the simulator computed; set together with `chosen`."""
    sent: bool = False
    """The step's packet is on its way."""
    found: bool = False
    """What was to be found is found."""
    decided: int = 0
    """Number of the step, from 1, that decides the question; the packet was brought there.

    0 where there is none, and once the packet has taken another way.
    """
    again: bool = False
    """The page stands by itself: its question was missed once and is asked again."""
    results: tuple[Result, ...] = ()
    """How each flow of a challenge stands."""
    hints: int = 0
    """How many hints of a challenge are open; one more than there are: the solution, too."""
    mistake: str = ""
    """What is to be said about the change that was made, if it is one that people often make."""
    done: frozenset[str] = frozenset()
    """Ids of the steps that are done."""
    walking: bool = False
    """A packet that was sent on this page is not at its end yet."""
    mode: ProxyMode | None = None
    """kube-proxy's mode in use; None before that is known."""
    plugin: str = ""
    """The CNI plugin in use."""
    changed: bool = False
    """The cluster is not the lesson's any more: it has been edited."""
    led: bool = False
    """The cluster stands as the instructor has made it, whom the learner follows."""

    @property
    def step(self) -> LessonStep:
        """The step."""
        return self.lesson.steps[self.number]

    @property
    def asks(self) -> bool:
        """A prediction waits for its answer."""
        return self.step.kind is Activity.PREDICT and self.chosen is None

    @property
    def sends(self) -> bool:
        """A packet waits to be sent."""
        return self.step.kind is Activity.INJECT and self.step.packet is not None and not self.sent

    @property
    def seeks(self) -> bool:
        """Something waits to be found."""
        return self.step.kind is Activity.EXPLORE and self.step.find is not None and not self.found

    @property
    def mends(self) -> bool:
        """Something is broken still."""
        return self.step.task is not None and not self.mended

    @property
    def mended(self) -> bool:
        """Every flow comes out right."""
        return bool(self.results) and all(each.met for each in self.results)

    @property
    def counts(self) -> bool:
        """Leaving this page forwards does its step: the learner has left nothing to mend."""
        return self.step.task is None or (self.mended and not self.led)

    @property
    def open_flow(self) -> Result | None:
        """The first flow that does not come out right."""
        return next((each for each in self.results if not each.met), None)

    @property
    def has_next_hint(self) -> bool:
        """There is a hint, or the solution, that is not open yet."""
        task = self.step.task
        return task is not None and self.hints <= len(task.hints)

    @property
    def shows_solution(self) -> bool:
        """All hints are open, and the solution too."""
        task = self.step.task
        return task is not None and self.hints > len(task.hints)

    @property
    def is_last(self) -> bool:
        """No page follows."""
        return self.number == len(self.lesson.steps) - 1

    @property
    def was_right(self) -> bool:
        """The prediction was right."""
        return self.chosen is not None and self.chosen == self.right

    @property
    def strays_in_mode(self) -> bool:
        """The words are about other modes than the one in use."""
        modes = self.lesson.modes
        return bool(modes) and self.mode is not None and self.mode not in modes

    @property
    def strays_in_plugin(self) -> bool:
        """The words are about other plugins than the one in use."""
        plugins = self.lesson.plugins
        return bool(plugins and self.plugin) and self.plugin not in plugins

    @property
    def strays(self) -> bool:
        """The words are about another setting than the one in use, or about another cluster.

        A prediction then waits: its answers are about the lesson's setting, too. Where something
        is to be mended, and after it, changing things is the point.
        """
        if any(step.task is not None for step in self.lesson.steps[: self.number + 1]):
            return False
        return self.strays_in_mode or self.strays_in_plugin or self.changed

    @property
    def enter(self) -> Enter:
        """What the enter key does."""
        if self.asks:
            return Enter.CHOOSE if self.marked is None or self.strays else Enter.ANSWER
        if self.sends:
            return Enter.SEND
        if self.walking:
            return Enter.WALK
        if self.mends:
            return Enter.TRY
        if self.again:
            return Enter.ONWARD
        return Enter.FINISH if self.is_last else Enter.TURN

    @property
    def cursor(self) -> int:
        """Index of the answer under the highlight."""
        return self.marked or 0

    def choice(self, number: int) -> Choice | None:
        """An answer on offer by its number, from 1."""
        choices = self.step.choices
        return choices[number - 1] if 0 < number <= len(choices) else None

    def moved(self, by: int) -> Page:
        """Another page of the lesson, nothing done on it yet."""
        number = min(max(self.number + by, 0), len(self.lesson.steps) - 1)
        return Page(self.lesson, number, done=self.done)

    def marking(self, by: int) -> Page:
        """The highlight on an answer further down or up."""
        last = len(self.step.choices) - 1
        return replace(self, marked=min(max(self.cursor + by, 0), last), urged=False)

    def answered(self, chosen: str, right: str) -> Page:
        """The prediction is answered; its packet may go."""
        return replace(self, chosen=chosen, right=right, sent=True)

    def hinted(self) -> Page:
        """One more hint is open, at last the solution."""
        return replace(self, hints=self.hints + 1) if self.has_next_hint else self

    def with_done(self) -> Page:
        """The step counts as done."""
        return replace(self, done=self.done | {self.step.id})
