"""The configuration file: what it may say, and one line about what it may not."""

from argparse import Namespace
from pathlib import Path

import pytest

from tui.cli import UsageError
from tui.cli.config import Config, config, config_file, read_config
from tui.cli.parser import parsed
from tui.cli.settings import language_of
from tui.store.preference import choose_language, chosen_language


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_without_a_file_all_is_as_usual(file: Path) -> None:
    assert read_config(file) == Config()


def test_what_it_may_say(file: Path) -> None:
    file.write_text('lang = "ko"\ntheme = "light"\nascii = true\nmouse = false\ntour = false\n')
    assert read_config(file) == Config("ko", "light", ascii=True, mouse=False, tour=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lang = ", "expected TOML: "),
        ("colour = 1", "expected one of lang, theme, ascii, mouse, tour; found colour"),
        ("lang = 1", "lang: expected a text in quotes, found 1"),
        ('ascii = "yes"', "ascii: expected true or false, found yes"),
        ('theme = "pink"', "theme: expected one of dark, light; found 'pink'"),
    ],
)
def test_what_it_may_not_say(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_config(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert said in str(raised.value)


def test_the_order_of_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config.cache_clear()
    assert language_of(Namespace(lang=None)) == "ko"
    choose_language("en")
    assert chosen_language() == "en"
    assert language_of(Namespace(lang=None)) == "en"
    config_file().parent.mkdir()
    config_file().write_text('lang = "ko"\n')
    config.cache_clear()
    assert language_of(Namespace(lang=None)) == "ko"
    assert language_of(Namespace(lang="en")) == "en"
    config_file().write_text('lang = "xx"\n')
    config.cache_clear()
    with pytest.raises(UsageError, match="expected one of en, ko"):
        language_of(Namespace(lang=None))
    config.cache_clear()


def test_a_choice_that_is_no_language_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "language"
    for text in ("", "x", "../../etc/passwd", "ko\nko", "\x00"):
        file.write_text(text)
        assert chosen_language(file) is None
    choose_language("ko", file)
    assert chosen_language(file) == "ko"
    choose_language("ko", Path("/proc/nothing/language"))


@pytest.mark.parametrize(
    "typed", [["--lang", "ko", "lessons"], ["lessons", "--lang", "ko"], ["--lang", "ko"]]
)
def test_the_language_before_the_command_or_after_it(typed: list[str]) -> None:
    assert parsed(typed).lang == "ko"


def test_without_an_option_nothing_is_asked_for() -> None:
    for typed in ([], ["lessons"], ["trace"], ["sandbox"]):
        asked = parsed(typed)
        assert asked.lang is None
        assert asked.ascii is False
