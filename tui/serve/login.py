"""Logging in with a join code: what is asked for, and who it turns out to be. No network here.

A new name gets a return code, by which its learner is known again: whoever has only the join
code sees nobody else's progress.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from enum import Enum, auto

from tui.sim.model.value import value
from tui.store.return_codes import CodeStock
from tui.store.workshop import Attendee, NameTaken, WorkshopStore
from tui.words import Words
from tui.workshop.names import name_of
from tui.workshop.unfit import UnfitName

_ANYBODY = frozenset({"class", "join", "k8snet", "learner", "root", "user", "workshop"})
"""User names of SSH that are nobody's name."""
_RETURN_CODE = re.compile(r"\d{6}")


@value
class Challenge:
    """Questions for the client's terminal."""

    text: str
    """What is said before them."""
    prompts: tuple[str, ...]


class Refused(Enum):
    """Why a login has failed."""

    JOIN_CODE = auto()
    RETURN_CODE = auto()
    ANSWERS = auto()
    """The client has answered something that was not asked."""


class _Stage(Enum):
    CODE, NAME, PROOF, WELCOME = range(4)


class Login:
    """One login with a join code, from question to question."""

    def __init__(
        self, store: WorkshopStore, codes: CodeStock, join_code: str, user: str, words: Words
    ) -> None:
        """Take who is known, codes for the new, the class's code, SSH's user name, the language."""
        self._store = store
        self.words = words
        self._codes = codes
        self._join_code = join_code
        self._stage = _Stage.CODE
        self._suggested = suggested_name(user)
        self._known: Attendee | None = None

    @property
    def claimed(self) -> Attendee | None:
        """The learner whose return code is asked for."""
        return self._known if self._stage is _Stage.PROOF else None

    def begin(self) -> Challenge:
        """The first questions."""
        title = self.words("k8snet-tui: a workshop")
        return Challenge(title, (self.words("Join code: "), self._name_prompt()))

    def respond(self, answers: Sequence[str], at: float) -> Challenge | Attendee | Refused:
        """More questions, the learner, or a refusal."""
        answers = [answer.strip() for answer in answers]
        match self._stage, answers:
            case _Stage.CODE, [code, name]:
                if not _same(_code_typed(code), _code_typed(self._join_code)):
                    return Refused.JOIN_CODE
                return self._named(name, at)
            case _Stage.NAME, [name]:
                return self._named(name, at)
            case _Stage.PROOF, [answer]:
                return self._proved(answer, at)
            case _Stage.WELCOME, _:
                assert self._known is not None
                return self._known
        return Refused.ANSWERS

    def _named(self, typed: str, at: float) -> Challenge | Attendee:
        try:
            name = name_of(typed or self._suggested)
        except UnfitName as problem:
            return self._asked_again(self.words.unfit(problem))
        self._known = self._store.by_name(name)
        if self._known is not None:
            return self._asked_to_prove()
        return self._welcomed(name, at)

    def _asked_again(self, why: str) -> Challenge:
        self._stage = _Stage.NAME
        return Challenge(why, (self._name_prompt(),))

    def _asked_to_prove(self) -> Challenge:
        assert self._known is not None
        self._stage = _Stage.PROOF
        text = self.words(
            "{name} was here before. If that is you, type your return code; if not, another name.",
            name=self._known.name,
        )
        return Challenge(text, (self.words("Return code, or another name: "),))

    def _proved(self, answer: str, at: float) -> Challenge | Attendee | Refused:
        digits = answer.replace(" ", "").replace("-", "")
        if not _RETURN_CODE.fullmatch(digits):
            return self._named(answer, at)
        assert self._known is not None
        return self._known if self._store.proves(self._known, digits) else Refused.RETURN_CODE

    def _welcomed(self, name: str, at: float) -> Challenge:
        code = self._codes.take()
        try:
            self._known = self._store.add(name, at, code=code)
        except NameTaken:
            taken = self.words("{name} was taken at this moment; another name, please.", name=name)
            return self._asked_again(taken)
        self._stage = _Stage.WELCOME
        digits = f"{code.digits[:3]} {code.digits[3:]}"
        text = self.words("Welcome, {name}. Your return code is {code}.", name=name, code=digits)
        note = self.words("Note it: with your name it brings you back to where you were.")
        return Challenge(f"{text}\n{note}", (self.words("Press enter to begin. "),))

    def _name_prompt(self) -> str:
        return name_prompt(self.words, self._suggested)


def name_prompt(words: Words, suggested: str) -> str:
    """The question for a name."""
    if suggested:
        return words("Your name [{name}]: ", name=suggested)
    return words("Your name: ")


def suggested_name(user: str) -> str:
    """The user name of an SSH client, if it can be somebody's name."""
    try:
        return "" if user.casefold() in _ANYBODY else name_of(user)
    except UnfitName:
        return ""


def _code_typed(code: str) -> str:
    """A code without what people add to it when they type it."""
    return code.replace("-", "").replace(" ", "").casefold()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
