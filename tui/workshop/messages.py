"""What a session and its workshop say to each other, a JSON object a line.

A session tells what its learner does; an instructor's session may also speak to the class and
show it something. Lines come from processes that strangers work in, so they are parsed strictly.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

LONGEST_LINE = 256 * 1024
"""Bytes of one message at most."""
LONGEST_TEXT = 400
"""Characters that an instructor can say at once."""
LONGEST_ID = 80
"""Characters of an id, an answer or a name."""
MOST_HINTS = 100
"""Hints of one challenge."""
_LONGEST_SENTENCE = 200
"""Characters that are said about a line that is no message."""

Id = Annotated[str, Field(max_length=LONGEST_ID, pattern=r"^[^\p{Cc}\p{Cf}]*$")]
"""Without control characters: it is shown on the instructor's terminal."""
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Json = Annotated[str, Field(max_length=32_000)]


class MessageError(ValueError):
    """A line that is no message."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


# ---------------------------------------------------------------- from a learner's session


class Visited(_Message):
    """The learner has opened a step of a lesson."""

    kind: Literal["visited"] = "visited"
    lesson: Id
    step: Id


class Finished(_Message):
    """The learner has done a step."""

    kind: Literal["finished"] = "finished"
    lesson: Id
    step: Id


class Answered(_Message):
    """The learner has answered a prediction."""

    kind: Literal["answered"] = "answered"
    lesson: Id
    step: Id
    chosen: Id
    right: bool


class Hinted(_Message):
    """The learner has opened so many hints of a challenge."""

    kind: Literal["hinted"] = "hinted"
    lesson: Id
    step: Id
    count: Annotated[int, Field(ge=0, le=MOST_HINTS)]


class Followed(_Message):
    """The learner follows the instructor from here on, or no longer."""

    kind: Literal["followed"] = "followed"
    on: bool


# ---------------------------------------------------------------- from the instructor


class Said(_Message):
    """Something for everybody to read."""

    kind: Literal["said"] = "said"
    text: Text


class Shown(_Message):
    """What the instructor has on the screen: a lesson's step, and a packet at one of its steps."""

    kind: Literal["shown"] = "shown"
    lesson: Id
    step: Id
    mode: Id
    """kube-proxy's mode."""
    plugin: Id
    """The CNI plugin."""
    packet: Json = ""
    """What was sent, waited for and changed, as `tui.formats` writes it; empty before that."""
    position: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Index of the packet's step."""
    lacks: Literal["", "change", "past"] = ""
    """What stands there and is not shown: a big change of the cluster, or old connections."""


class Hidden(_Message):
    """The instructor leads no longer."""

    kind: Literal["hidden"] = "hidden"


# ---------------------------------------------------------------- from the workshop


class Ending(_Message):
    """The session will be ended."""

    kind: Literal["ending"] = "ending"
    why: Literal["idle", "long", "closing"]
    seconds: Annotated[int, Field(ge=0)]


class Seat(_Message):
    """One learner, as the instructor sees the class."""

    kind: Literal["seat"] = "seat"
    name: Id
    here: bool
    """Whether a session of theirs is open."""
    lesson: Id = ""
    step: Id = ""
    minutes: float = 0.0
    """Since they opened this step; 0 while they are away."""
    quiet: float = 0.0
    """Minutes since they did anything."""
    stuck: bool = False
    """Here, and on one step for longer than the workshop allows for."""
    done: int = 0
    """Steps done."""
    missed: int = 0
    """Predictions whose first answer was wrong."""
    hints: int = 0
    """Hints opened."""
    follows: bool = False


class Question(_Message):
    """How the class answered one prediction; each learner's first answer counts."""

    kind: Literal["question"] = "question"
    lesson: Id
    step: Id
    asked: int
    missed: int
    wrong: tuple[tuple[Id, int], ...] = ()
    """Wrong choices and how many took them, the most first."""


class ClassView(_Message):
    """The class at this moment."""

    kind: Literal["class"] = "class"
    seats: tuple[Seat, ...]
    """Those who need somebody first: stuck, then here, then the others; by name."""
    questions: tuple[Question, ...]
    """The most missed first, each with its most frequent wrong choices."""
    leads: bool = False
    """Whether the instructor leads."""


class Unkept(_Message):
    """The class is kept in memory only, for the instructor to know."""

    kind: Literal["unkept"] = "unkept"
    problem: Text
    """What happened to its file."""


FromLearner = Visited | Finished | Answered | Hinted | Followed
FromInstructor = Said | Shown | Hidden
FromWorkshop = Said | Shown | Hidden | Ending | ClassView | Unkept
Message = FromLearner | FromInstructor | Ending | ClassView | Unkept

_ANY: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def line_of(message: Message) -> bytes:
    """The message as one line."""
    return message.model_dump_json(exclude_defaults=False).encode() + b"\n"


def message_of(line: bytes) -> Message:
    """The message in a line. Raises MessageError."""
    if len(line) > LONGEST_LINE:
        raise MessageError(f"a line of {len(line):,} bytes; at most {LONGEST_LINE:,} are read")
    try:
        return _ANY.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        raise MessageError(_printable(f"{where}: {first['msg']}")) from None


def _printable(text: str) -> str:
    """A sentence for a log, whatever of the line it repeats."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:_LONGEST_SENTENCE])
