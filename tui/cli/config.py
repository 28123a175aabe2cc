"""The learner's own defaults: a small TOML file in the configuration directory."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tui.cli import UsageError
from tui.sim.model.shown import shown
from tui.sim.model.value import value


@value
class Config:
    """What holds where no option says otherwise."""

    lang: str | None = None
    """Language of words and lessons."""
    theme: str | None = None
    """Name of a theme."""
    ascii: bool = False
    """Draw with ASCII only."""
    mouse: bool = True
    """Use the mouse."""
    tour: bool = True
    """Show who is new around."""


_KINDS = {"lang": str, "theme": str, "ascii": bool, "mouse": bool, "tour": bool}
THEMES = ("dark", "light")
_NAMES = {str: "a text in quotes", bool: "true or false"}


def config_file(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """The file's place by the XDG base directory specification.

    Raises RuntimeError where there is no home directory.
    """
    config = Path(environment.get("XDG_CONFIG_HOME", ""))
    if not config.is_absolute():
        config = (home if home is not None else Path.home()) / ".config"
    return config / "k8snet-tui" / "config.toml"


@lru_cache(maxsize=1)
def config() -> Config:
    """The learner's file; the usual where there is none. Raises UsageError."""
    try:
        file = config_file()
    except RuntimeError:
        return Config()
    return read_config(file)


def read_config(file: Path) -> Config:
    """A configuration file. Raises UsageError with what is wrong in it."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: expected TOML: {error}") from None
    for key, given in data.items():
        _check(file, key, given)
    return Config(**data)


def _check(file: Path, key: str, given: object) -> None:
    kind = _KINDS.get(key)
    if kind is None:
        raise UsageError(f"{file}: expected one of {', '.join(_KINDS)}; found {shown(key)}")
    if key == "theme" and given not in THEMES:
        raise UsageError(f"{file}: theme: expected one of {', '.join(THEMES)}; found {given!r}")
    if not isinstance(given, kind):
        found = shown(str(given))
        raise UsageError(f"{file}: {key}: expected {_NAMES[kind]}, found {found}")
