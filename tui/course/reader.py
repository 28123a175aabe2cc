"""Reading one lesson from its folder: lesson.toml for what happens, LANG.md for the words."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tui.course.faults import M, validated
from tui.course.lesson import (
    Activity,
    Choice,
    GivenPacket,
    Lesson,
    LessonStep,
    Sight,
    WorldSettings,
)
from tui.course.problem import CourseError, Problem
from tui.course.schema import (
    ExploreModel,
    InjectModel,
    LessonModel,
    PacketModel,
    PredictModel,
    StepModel,
    WorldModel,
)
from tui.course.texts import BECAUSE, ENGLISH, Part, Section, Texts, read_texts
from tui.sim.engine.injection import Injection
from tui.sim.model.packet import Protocol
from tui.sim.model.value import replace

LESSON = "lesson.toml"
"""The file that says what happens in a lesson."""


def load_lesson(folder: Path, chapter: str = "", lang: str = ENGLISH) -> Lesson:
    """One lesson from its folder. Raises CourseError with every problem found."""
    model = validated_toml(folder / LESSON, LessonModel)
    words = load_texts(folder, lang)
    problems = [*_missing_words(folder, model, words), *_missing_files(folder, model.world)]
    if problems:
        raise CourseError(*problems)
    return Lesson(
        id=folder.name,
        chapter=chapter,
        title=words.title,
        summary=words.summary,
        steps=tuple(_step(step, words.sections[step.id]) for step in model.steps),
        world=_world(folder, model.world),
        minutes=model.minutes,
        objectives=words.objectives,
        requires=model.requires,
        modes=model.modes,
        plugins=model.plugins,
        folder=folder,
    )


def load_texts(folder: Path, lang: str = ENGLISH) -> Texts:
    """The words in a folder: those of the language over the English ones."""
    words = read_texts(_text(folder / f"{ENGLISH}.md"))
    file = folder / f"{lang}.md"
    if lang != ENGLISH and file.is_file():
        return read_texts(_text(file)).over(words)
    return words


def validated_toml(file: Path, model: type[M]) -> M:
    """A TOML file as a model. Raises CourseError."""
    try:
        data = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise CourseError(Problem(file, "", f"expected TOML: {error}")) from None
    return validated(model, data, file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(Problem(file, "", "expected this file, found none; write it")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(Problem(file, "", f"cannot be read: {error}")) from None


# ---------------------------------------------------------------- from models to values


def _step(model: StepModel, words: Section) -> LessonStep:
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
    return step


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
    config = model.kube_proxy_config
    return WorldSettings(
        cluster=_beside(folder, model.cluster),
        kube_proxy_config=_beside(folder, config) if config else None,
        mode=model.mode,
        cni=model.cni,
    )


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


def _missing_files(folder: Path, world: WorldModel) -> list[Problem]:
    named = {"world.cluster": world.cluster, "world.kube_proxy_config": world.kube_proxy_config}
    return [
        Problem(folder / LESSON, where, f"expected a file, found none at {_beside(folder, name)}")
        for where, name in named.items()
        if name and not _beside(folder, name).is_file()
    ]
