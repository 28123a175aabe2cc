"""The four main chapters from the first page to the last, by keyboard, in a real terminal."""

import re
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from tests.terminal.test_real_terminal import Terminal
from tui.course.catalogue import load_course
from tui.course.lesson import Activity, Lesson, LessonStep
from tui.course.play import lesson_world, right_answer
from tui.words import use

pytestmark = pytest.mark.slow

CHAPTERS = ("container", "pod", "service", "external")
PLACE = re.compile(r"· (\d+)(?: of |/)(\d+)")


def shows(number: int, lesson: Lesson, step: LessonStep, text: str) -> bool:
    """Whether the page is on the screen."""
    found = PLACE.search(text)
    here = found is not None and found.groups() == (str(number), str(len(lesson.steps)))
    return here and step.heading[:10] in text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_four_chapters_without_a_dead_end(tmp_path: Path, lang: str) -> None:
    course = load_course(lang=lang)
    lessons = [lesson for lesson in course.lessons if lesson.chapter in CHAPTERS]
    state = tmp_path / "state"
    terminal = Terminal(["--lang", lang, "--no-tour"], 120, 40, XDG_STATE_HOME=str(state))
    try:
        play(terminal, lessons, lang)
        following = course.after(lessons[-1].id)
        assert following is not None
        terminal.see(partial(shows, 1, following, following.steps[0]))
        terminal.press("q")
        assert terminal.leave() == 0
    finally:
        terminal.close()
    with sqlite3.connect(state / "k8snet-tui" / "progress.sqlite3") as db:
        done = set(db.execute("SELECT lesson, step FROM done"))
        wrong = db.execute("SELECT count(*) FROM answer WHERE was_right = 0").fetchone()
    assert done >= {(lesson.id, step.id) for lesson in lessons for step in lesson.steps}
    assert wrong == (0,)


def play(terminal: Terminal, lessons: list[Lesson], lang: str) -> None:
    """Each page: answer what is asked, send what is to be sent, and go on."""
    without_walking = use(lang)("next page, without walking")[:12]
    for lesson in lessons:
        world = lesson_world(lesson)
        for number, step in enumerate(lesson.steps, start=1):
            terminal.see(partial(shows, number, lesson, step))
            if step.kind is Activity.PREDICT:
                right = right_answer(world, lesson, step)
                digit = [choice.value for choice in step.choices].index(right) + 1
                terminal.press(str(digit))
                terminal.see("✓")
            elif step.kind is Activity.INJECT:
                # what the page before offered must be gone, for it is what is waited for
                terminal.see(lambda text: without_walking not in text)
                terminal.press("\r")
                terminal.see(without_walking)
            terminal.press("n")
