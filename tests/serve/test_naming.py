"""A name that is typed on a terminal which nobody else reads yet."""

import asyncio
from pathlib import Path

import pyte
import pytest

from tui.serve.naming import Question, named
from tui.store.return_codes import return_code
from tui.store.workshop import Attendee
from tui.store.workshop_sqlite import open_workshop
from tui.words import use


class Typing:
    """A terminal on which a question is answered."""

    def __init__(self, *lines: str) -> None:
        self.lines = [line.encode() for line in lines]
        self.screen = pyte.Screen(80, 5)
        self.stream = pyte.ByteStream(self.screen)
        self.asked: list[str] = []

    async def ask(self, text: str) -> str:
        self.asked.append(text)
        question = Question(text, self.stream.feed)
        for byte in self.lines.pop(0):
            question.take(bytes([byte]))
        return await question.answer()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("kim\r", "kim"),
        ("김철수\r", "김철수"),
        ("kin\x7fm\r", "kim"),
        ("최\x7f김\r", "김"),
        ("\x7f\x7fkim\r", "kim"),
        ("somebody\x15kim\r", "kim"),
        ("k\x01i\tm\r", "kim"),
        ("\r", ""),
        ("kim\x04", "kim"),
        ("kim\rq", "kim"),
    ],
)
async def test_what_is_typed(typed: str, answer: str) -> None:
    assert await Typing(typed).ask("Your name: ") == answer


async def test_arrows_and_pasted_text_write_no_signs() -> None:
    shown: list[bytes] = []
    question = Question("? ", shown.append)
    question.take(b"\x1b[D\x1b[200~kim\x1b[201~\x1bOA\x1b[1;5C\r")
    assert await question.answer() == "kim"
    assert b"".join(shown).count(b"\x1b") == b"".join(shown).count(b"\x1b[K")


async def test_what_is_typed_shows_and_what_is_taken_back_does_not() -> None:
    typing = Typing("최은\x7f\r")
    await typing.ask("Your name: ")
    assert typing.screen.display[0].replace("최 ", "최").strip() == "Your name: 최"


async def test_nothing_is_ever_long() -> None:
    question = Question("? ", lambda _shown: None)
    question.take(b"x" * 100_000 + b"\r")
    assert len(await question.answer()) < 100


async def test_who_would_rather_leave_leaves() -> None:
    with pytest.raises(asyncio.CancelledError):
        await Typing("ki\x03").ask("? ")


async def test_a_client_that_types_no_more_has_answered() -> None:
    question = Question("? ", lambda _shown: None)
    question.close()
    question.close()
    assert await question.answer() == ""


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("\r",), "choi"),
        (("choi\r",), "choi"),
        (("Eun\r",), "Eun"),
        (("CHOI\r",), "CHOI"),
        (("ada\r", "eun\r"), "eun"),
        (("root\r", "*\r", "eun\r"), "eun"),
        (("ada\r", "\r"), "choi"),
    ],
)
async def test_a_newcomer_is_asked_until_the_name_is_one(
    tmp_path: Path, lines: tuple[str, ...], name: str
) -> None:
    store = open_workshop(tmp_path / "class")
    store.add("ada", 0.0, code=return_code("123456"))
    newcomer = store.add("choi", 0.0, key="SHA256:x")
    typing = Typing(*lines)
    found = await named(store, newcomer, typing.ask, use())
    assert found == store.by_key("SHA256:x") == Attendee(newcomer.id, name, newcomer.number)
    assert len(typing.asked) == len(lines)
    assert all(asked.endswith("Your name [choi]: ") for asked in typing.asked)
