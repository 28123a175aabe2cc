"""A sample of many alike cases for the daily round; all of them are in the gate."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def quick(values: Iterable[Any], among: Collection[Any]) -> list[Any]:
    """Cases of which only these are quick; the others are marked slow."""
    return [each if each in among else _slow(each) for each in values]


def one_in(number: int, values: Iterable[Any]) -> list[Any]:
    """Cases of which every so manieth is quick, from the first on."""
    return [_slow(each) if i % number else each for i, each in enumerate(values)]


def _slow(case: Any) -> Any:
    """A case, or a tuple of them where a test takes more than one."""
    values = case if type(case) is tuple else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
