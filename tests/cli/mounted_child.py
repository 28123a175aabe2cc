"""`mounted_child.py HOW FILE WORDS`: an explorer in a fork of a process that has it mounted.

HOW is `waiting`, or `fresh` for one that is made after the fork; FILE appears if the mounted one
is what went on.
"""

import os
import sys
from pathlib import Path

from tui.cli import answered
from tui.cli.parser import parsed
from tui.cli.waiting import Waiting
from tui.course.catalogue import load_course
from tui.words import languages


def main(how: str, file: str, words: list[str]) -> None:
    for name in ("COLUMNS", "LINES"):  # the terminal knows better than whoever runs the tests
        os.environ.pop(name, None)
    mounted = tuple(Waiting(load_course(lang=lang)) for lang in languages())
    pid = os.fork()
    if pid:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os.closerange(3, 256)
    asked = parsed(words)
    asked.courses = {each.course.lang: each.course for each in mounted}
    asked.waiting = mounted if how == "waiting" else ()
    tell_who_goes_on(Path(file))
    os._exit(answered(lambda: asked))


def tell_who_goes_on(file: Path) -> None:
    go_on = Waiting.go_on

    def told(*given: object, **named: object) -> None:
        file.touch()
        go_on(*given, **named)  # type: ignore[arg-type]

    Waiting.go_on = told  # type: ignore[method-assign]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
