"""The words of a lesson: Markdown whose headings name what the words are for.

`# Title` opens the file, and the text under it is the summary. `## id: Heading` opens the
words of a step (or a chapter), `### value: Label` one of its choices, `### because` what is
said after the answer. Headings inside code fences are code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from tui.sim.model.value import value

ENGLISH = "en"
"""The language that every lesson has."""
BECAUSE = "because"
"""Name of the part that is shown after a prediction, whatever the answer."""
HINT, HINTS = "hint", 3
"""Parts `hint-1` to `hint-3` of a step to fix, from a nudge to nearly all."""
SOLUTION = "solution"
"""Name of the part that tells how to fix it."""
WRONG = "wrong"
"""Parts `wrong-1`, ... say what is to be said about each fix that fails."""
OBJECTIVES = "objectives"
"""Name of the section that lists what one can do afterwards."""


@value
class Part:
    """The words under one heading."""

    heading: str
    """What follows the name in the heading; the name itself where nothing does."""
    body: str = ""
    """Markdown."""


@value
class Section(Part):
    """The words of a step, with those of its choices."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    """By the name in their heading: a choice's value, or `because`."""

    def over(self, fallback: Section) -> Section:
        """These words, and those of another section where these have none."""
        parts = {
            name: Part(part.heading, part.body or fallback.parts.get(name, part).body)
            for name, part in self.parts.items()
        }
        return Section(self.heading, self.body or fallback.body, {**fallback.parts, **parts})


@value
class Texts:
    """All words of one file."""

    title: str = ""
    """The first heading."""
    summary: str = ""
    """Markdown under it."""
    sections: Mapping[str, Section] = field(default_factory=dict)
    """By id."""

    def over(self, fallback: Texts) -> Texts:
        """These words, and those of another file where these have none."""
        return Texts(
            self.title or fallback.title,
            self.summary or fallback.summary,
            {
                **fallback.sections,
                **{
                    name: section.over(fallback.sections.get(name, section))
                    for name, section in self.sections.items()
                },
            },
        )

    @property
    def objectives(self) -> tuple[str, ...]:
        """The bullets of the section `objectives`."""
        section = self.sections.get(OBJECTIVES)
        lines = section.body.splitlines() if section else []
        bullets: list[str] = []
        for line in lines:
            if line.startswith("- "):
                bullets.append(line[2:].strip())
            elif bullets and line.strip():
                bullets[-1] += " " + line.strip()
        return tuple(bullets)


def read_texts(markdown: str) -> Texts:
    """Sort the words of a file by what they are for. A repeated id keeps its last words."""
    title = summary = step = ""
    sections: dict[str, Section] = {}
    for level, head, body in _headed(markdown):
        name, _, heading = head.partition(": ")
        if level == 1:
            title, summary = head, body
        elif level == 2:
            step = name
            sections[step] = Section(heading or name, body)
        elif step:
            parts = {**sections[step].parts, name: Part(heading or name, body)}
            sections[step] = Section(sections[step].heading, sections[step].body, parts)
    return Texts(title, summary, sections)


def _headed(markdown: str) -> Iterator[tuple[int, str, str]]:
    """(level, heading, text under it) for each heading of level 1 to 3."""
    level, head, lines = 0, "", list[str]()
    fenced = False
    for line in markdown.splitlines():
        fenced ^= line.lstrip().startswith("```")
        marks = line.split(" ", 1)[0]
        if fenced or marks not in ("#", "##", "###"):
            lines.append(line)
            continue
        if level:
            yield level, head, "\n".join(lines).strip()
        level, head, lines = len(marks), line[len(marks) :].strip(), []
    if level:
        yield level, head, "\n".join(lines).strip()
