"""Where a learner stands in a lesson, as a value: the page, and what was done on it."""

from __future__ import annotations

from tui.course.lesson import Activity, Lesson, LessonStep
from tui.sim.model.value import replace, value


@value
class Page:
    """One step of a lesson as it stands on the screen."""

    lesson: Lesson
    """The lesson."""
    number: int = 0
    """Index of the step."""
    chosen: str | None = None
    """The answer that was given to a prediction."""
    right: str | None = None
    """The answer that the simulator computed; set together with `chosen`."""
    sent: bool = False
    """The step's packet is on its way."""
    found: bool = False
    """What was to be found is found."""
    done: frozenset[str] = frozenset()
    """Ids of the steps that are done."""

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
    def is_last(self) -> bool:
        """No page follows."""
        return self.number == len(self.lesson.steps) - 1

    @property
    def was_right(self) -> bool:
        """The prediction was right."""
        return self.chosen is not None and self.chosen == self.right

    def moved(self, by: int) -> Page:
        """Another page of the lesson, nothing done on it yet."""
        number = min(max(self.number + by, 0), len(self.lesson.steps) - 1)
        return Page(self.lesson, number, done=self.done)

    def answered(self, chosen: str, right: str) -> Page:
        """The prediction is answered; its packet may go."""
        return replace(self, chosen=chosen, right=right, sent=True)

    def with_done(self) -> Page:
        """The step counts as done."""
        return replace(self, done=self.done | {self.step.id})
