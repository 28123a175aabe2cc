"""A sample of many alike cases for the daily round; all of them are in the gate."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def quick(values: Iterable[Any], among: Collection[Any]) -> list[Any]:
    """Cases of which only these are quick; the others are marked slow."""
    slow = pytest.mark.slow
    return [each if each in among else pytest.param(each, marks=slow) for each in values]


def one_in(number: int, values: Iterable[Any]) -> list[Any]:
    """Cases of which every so manieth is quick, from the first on."""
    known = list(values)
    return quick(known, known[::number])
