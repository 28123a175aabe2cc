"""What is wrong with a lesson: the file, the place in it, and what was expected."""

from __future__ import annotations

from pathlib import Path

from tui.sim.model.value import value


@value
class Problem:
    """One fault of one file, for its author."""

    file: Path
    """The file."""
    where: str
    """The path inside the file, `steps[2].packet.to`; empty for the file as a whole."""
    message: str
    """What was expected, what was found, what to do."""
    line: int = 0
    """The line of the file, from 1; 0 where it is about no line."""

    def __str__(self) -> str:
        """One line: file and its line, place, message."""
        file = f"{self.file}:{self.line}" if self.line else str(self.file)
        place = f"{file}: {self.where}" if self.where else file
        return f"{place}: {self.message}"


class CourseError(ValueError):
    """A file of the course cannot be used; `problems` says why, one line each."""

    def __init__(self, *problems: Problem) -> None:
        """An error that carries one problem or more."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
