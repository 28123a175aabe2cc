"""A session of a workshop: the explorer in a process that was forked for one learner."""

from __future__ import annotations

import importlib
import pkgutil
import socket
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli import UsageError, answered
from tui.cli.parser import parsed, parser
from tui.serve.spec import SessionSpec

if TYPE_CHECKING:
    from tui.cli.waiting import Waiting

_COMMANDS = ("course", "lesson", "sandbox")
_SIZE = (120, 40)
_REHEARSED = ("enter", "enter", "right", "end", "home", "tab", "question_mark", "escape")
_LATE = ("encodings.idna", "encodings.utf_8_sig", "encodings.unicode_escape", "json.scanner")
"""What Python itself loads late, and a learner's user id may not be able to read."""
_NOT_LOADED = ("tui.cli.__main__", "tui.cli.forks", "tui.serve", "tui.__main__")


def explorer(
    spec: SessionSpec,
    line: socket.socket,
    folder: str | None = None,
    waiting: Sequence[Waiting] = (),
) -> int:
    """Run the explorer for a learner or the instructor; give its exit code.

    The front has let only plain words through; that none of them names a file is seen to here
    once more.
    """
    from tui.workshop.channel import Channel
    from tui.workshop.hosting import Workshop

    def ask() -> Namespace:
        asked = parsed(spec.words)
        _name_no_file(asked)
        asked.course_folder = folder
        asked.courses = {each.course.lang: each.course for each in waiting}
        asked.waiting = () if spec.instructor else waiting
        asked.workshop = Workshop(Channel(line), instructor=spec.instructor, name=spec.name)
        return asked

    return answered(ask)


def _name_no_file(asked: Namespace) -> None:
    files = ("cluster", "kube_proxy_config", "cni_config", "course_folder")
    named = [name for name in files if getattr(asked, name, None) is not None]
    if named or asked.command not in _COMMANDS:
        raise UsageError("a workshop opens lessons and its own sandbox, and no files")


def load_everything(folder: str | None = None) -> tuple[Waiting, ...]:
    """Load every module and walk through the screen once, so that no session has to.

    Gives an explorer for each language, which sessions only have to go on with.
    """
    import tui

    for found in pkgutil.walk_packages(tui.__path__, "tui."):
        if not found.name.startswith(_NOT_LOADED):
            importlib.import_module(found.name)
    for name in _LATE:
        importlib.import_module(name)
    for command in _COMMANDS:
        parser(command)
    return _rehearse(folder)


def _rehearse(folder: str | None) -> tuple[Waiting, ...]:
    import asyncio
    from pathlib import Path

    from tui.app import K8sNetApp
    from tui.cli.waiting import Waiting
    from tui.course.catalogue import load_course
    from tui.course.play import lesson_world
    from tui.store.cache import keep_in_memory
    from tui.words import languages

    keep_in_memory()

    root = Path(folder) if folder is not None else None
    courses = [load_course(root, lang) for lang in languages()]
    for lesson in courses[0].lessons:
        lesson_world(lesson)

    async def walk() -> None:
        app = K8sNetApp(course=courses[0])
        async with app.run_test(size=_SIZE) as pilot:
            for key in _REHEARSED:
                await pilot.press(key)

    asyncio.run(walk())
    return tuple(Waiting(course) for course in courses)
