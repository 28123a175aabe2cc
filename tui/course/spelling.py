"""How computed values are spelt in answers: chances as fractions, chains without their hash."""

from __future__ import annotations

import re
from fractions import Fraction

_HASHED = re.compile(r"(KUBE-(?:SVC|SVL|SEP|EXT|FW)-)[A-Z2-7]{16}")


def share(probability: object) -> str:
    """A probability as a fraction where it is a simple one: `1/3`; else a percentage.

    Fractions with a denominator up to 12 are recognised through the rounding that the
    kernel's 31 bits bring. What is not a number is given back as it is.
    """
    try:
        value = float(str(probability))
    except ValueError:
        return str(probability)
    near = Fraction(value).limit_denominator(12)
    return str(near) if abs(float(near) - value) < 1e-6 else f"{value:.1%}"


def chain_family(name: str) -> str:
    """A chain's name with the hash of its Service or endpoint left out: `KUBE-SEP-*`."""
    found = _HASHED.fullmatch(name)
    return f"{found[1]}*" if found else name
