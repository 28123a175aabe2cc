"""Reading one lesson from its folder: lesson.toml for what happens, LANG.md for the words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tui.course.faults import M, validated
from tui.course.lesson import (
    Activity,
    Change,
    Choice,
    GivenPacket,
    Goal,
    Lesson,
    LessonStep,
    Mistake,
    Past,
    Sight,
    Task,
    WorldSettings,
)
from tui.course.problem import CourseError, Problem
from tui.course.schema import (
    BeforeModel,
    ChangeModel,
    ExploreModel,
    FixModel,
    GoalModel,
    InjectModel,
    LessonModel,
    PacketModel,
    PredictModel,
    StepModel,
    WorldModel,
)
from tui.course.texts import (
    BECAUSE,
    ENGLISH,
    HINT,
    HINTS,
    SOLUTION,
    WRONG,
    Part,
    Section,
    Texts,
    read_texts,
)
from tui.sim.engine.injection import Injection
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace

LESSON = "lesson.toml"
"""The file that says what happens in a lesson."""


def load_lesson(folder: Path, chapter: str = "", lang: str = ENGLISH) -> Lesson:
    """One lesson from its folder. Raises CourseError with every problem found."""
    model = validated_toml(folder / LESSON, LessonModel)
    words = load_texts(folder, lang)
    problems = [*_missing_words(folder, model, words), *_missing_files(folder, model)]
    if problems:
        raise CourseError(*problems)
    return Lesson(
        id=folder.name,
        chapter=chapter,
        title=words.title,
        summary=words.summary,
        steps=tuple(_step(folder, step, words.sections[step.id]) for step in model.steps),
        world=_world(folder, model.world),
        minutes=model.minutes,
        objectives=words.objectives,
        level=model.level or 0,
        requires=model.requires,
        teaches=model.teaches,
        mentions=model.mentions,
        modes=model.modes,
        plugins=model.plugins,
        folder=folder,
    )


def load_texts(folder: Path, lang: str = ENGLISH) -> Texts:
    """The words in a folder: those of the language over the English ones."""
    words = own_texts(folder, ENGLISH)
    if lang != ENGLISH and (folder / f"{lang}.md").is_file():
        return own_texts(folder, lang).over(words)
    return words


def own_texts(folder: Path, lang: str) -> Texts:
    """The words of one language alone. Raises CourseError where there is no file of it."""
    return read_texts(_text(folder / f"{lang}.md"))


def validated_toml(file: Path, model: type[M]) -> M:
    """A TOML file as a model. Raises CourseError."""
    text = _text(file)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        raise CourseError(Problem(file, "", f"expected TOML: {error}", line)) from None
    return validated(model, data, file, text)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(Problem(file, "", "expected this file, found none; write it")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(Problem(file, "", f"cannot be read: {error}")) from None


# ---------------------------------------------------------------- from models to values


def _step(folder: Path, model: StepModel, words: Section) -> LessonStep:
    step = LessonStep(model.id, Activity(model.kind), words.heading, words.body)
    match model:
        case InjectModel():
            return replace(step, packet=_packet(model.packet))
        case PredictModel():
            return replace(
                step,
                packet=_packet(model.packet),
                ask=model.ask,
                choices=tuple(_choice(value, words) for value in model.choices),
                because=words.parts.get(BECAUSE, Part("")).body,
            )
        case ExploreModel(find=find) if find is not None:
            return replace(step, find=Sight(find.namespace, find.device, find.service))
        case FixModel():
            return replace(step, task=_task(folder, model, words))
    return step


def _task(folder: Path, model: FixModel, words: Section) -> Task:
    def said(name: str) -> str:
        return words.parts.get(name, Part("")).body

    mistakes = (
        Mistake(_change(folder, wrong), said(f"{WRONG}-{number}"))
        for number, wrong in enumerate(model.wrong, start=1)
    )
    return Task(
        goals=tuple(_goal(goal, words) for goal in model.goals),
        solution=_change(folder, model.solution),
        hints=tuple(said(f"{HINT}-{number}") for number in range(1, HINTS + 1)),
        answer=said(SOLUTION),
        mistakes=tuple(mistakes),
    )


def _goal(model: GoalModel, words: Section) -> Goal:
    wants = {ask: (v,) if isinstance(v, str) else v for ask, v in model.wants.items()}
    label = words.parts.get(model.id, Part(model.id)).heading
    return Goal(model.id, label, _packet(model.packet), wants, model.live, model.keep)


def _change(folder: Path, model: ChangeModel) -> Change:
    return Change(
        apply=_beside(folder, model.apply) if model.apply else None,
        delete=model.delete,
        mode=model.mode,
        cni=model.cni,
        wait=model.wait,
    )


def _choice(value: str, words: Section) -> Choice:
    part = words.parts.get(value, Part(value))
    return Choice(value, part.heading, part.body)


def _packet(model: PacketModel) -> GivenPacket:
    injection = Injection(
        source=model.source,
        destination=model.destination,
        protocol=Protocol(model.protocol),
        dport=model.dport,
        sport=model.sport,
        size=model.size,
        node=model.node,
    )
    return GivenPacket(injection, model.pin, model.after)


def _world(folder: Path, model: WorldModel) -> WorldSettings:
    config, own, past = model.kube_proxy_config, model.cni_config, model.before
    return WorldSettings(
        cluster=_beside(folder, model.cluster),
        kube_proxy_config=_beside(folder, config) if config else None,
        mode=model.mode,
        cni=model.cni,
        cni_config=_beside(folder, own) if own else None,
        before=_past(folder, past) if past else None,
    )


def _past(folder: Path, model: BeforeModel) -> Past:
    return Past(_beside(folder, model.cluster), tuple(_packet(each) for each in model.packets))


def _beside(folder: Path, name: str) -> Path:
    return (folder / name).resolve()


# ---------------------------------------------------------------- what may be missing


def _missing_words(folder: Path, model: LessonModel, words: Texts) -> list[Problem]:
    file = folder / f"{ENGLISH}.md"
    problems = []
    if not words.title:
        problems.append(Problem(file, "", "expected a first line `# Title`"))
    for step in model.steps:
        section = words.sections.get(step.id)
        if section is None or not section.body:
            expected = f"expected `## {step.id}: Heading` with text under it"
            problems.append(Problem(file, step.id, expected))
    return problems


def _missing_files(folder: Path, model: LessonModel) -> list[Problem]:
    return [
        Problem(folder / LESSON, where, f"expected a file, found none at {_beside(folder, name)}")
        for where, name in _files_named(model)
        if name and not _beside(folder, name).is_file()
    ]


def _files_named(model: LessonModel) -> Iterator[tuple[str, str | None]]:
    """Every file that a lesson names, by the place where it does."""
    world = model.world
    yield "world.cluster", world.cluster
    yield "world.kube_proxy_config", world.kube_proxy_config
    yield "world.cni_config", world.cni_config
    if world.before is not None:
        yield "world.before.cluster", world.before.cluster
    for number, step in enumerate(model.steps):
        if isinstance(step, FixModel):
            yield f"steps[{number}].solution.apply", step.solution.apply
            for index, wrong in enumerate(step.wrong):
                yield f"steps[{number}].wrong[{index}].apply", wrong.apply
