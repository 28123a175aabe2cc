"""`@value`: a frozen, slotted dataclass that is quick to define and quick to make.

What `@dataclass(frozen=True, slots=True)` does, with the same fields, `replace`, `match` and
errors; a class may extend another one. The difference is time. dataclass compiles six methods
for each class, which for the classes of this program took a seventh of its start; here one is
compiled, when it is needed, and the others are shared. And an instance is filled by plain
assignment, which saves two thirds of the time to make rules and steps, of which there are
hundreds of thousands.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make a class of frozen values. Every field is a parameter, in order."""
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    own = fields(made)  # type: ignore[arg-type]
    methods: dict[str, Callable[..., Any]] = {
        "__new__": _constructor(made, own),
        "__eq__": _equality(made, own),
        "__hash__": _hash(made, own),
        "__repr__": _text,
        "__setattr__": _refuse_change,
        "__delattr__": _refuse_change,
        "__reduce__": _reduced,
    }
    for name, method in methods.items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    return made


def replace(given: T, **changes: Any) -> T:  # noqa: ANN401 - each field has its type
    """A value with other fields: `dataclasses.replace`, for a checker that knows no `@value`."""
    return dataclasses.replace(given, **changes)  # type: ignore[type-var]


def _constructor(cls: type, own: tuple[Field[Any], ...]) -> Callable[..., object]:
    """The constructor, compiled when it is first called: most starts make few kinds of values."""

    def __new__(made: type, *given: object, **named: object) -> object:  # noqa: N807 - as above
        compiled = _new(cls, own)
        setattr(cls, "__new__", compiled)  # noqa: B010 - the checker knows no late constructor
        return compiled(made, *given, **named)

    return __new__


def _new(cls: type, own: tuple[Field[Any], ...]) -> Callable[..., object]:
    """The constructor: each parameter goes straight into its slot.

    It fills an instance of a twin of the class that can be written to, and only then makes it
    one of the class itself: half the time of going around the class's refusal at each slot.
    """
    scope: dict[str, Any] = {"MISSING": MISSING, "made": object.__new__, "Open": _twin(cls)}
    parameters, lines = ["cls"], []
    for each in own:
        name = given = each.name
        if each.default is not MISSING:
            scope[f"default_{name}"] = each.default
            parameters.append(f"{name}=default_{name}")
        elif each.default_factory is not MISSING:
            scope[f"make_{name}"] = each.default_factory
            parameters.append(f"{name}=MISSING")
            given = f"make_{name}() if {name} is MISSING else {name}"
        else:
            parameters.append(name)
        lines.append(f"  self.{name} = {given}")
    body = "\n".join(["  self = made(Open)", *lines, "  self.__class__ = cls", "  return self"])
    exec(f"def __new__({', '.join(parameters)}):\n{body}", scope)
    compiled: Callable[..., object] = scope["__new__"]
    compiled.__qualname__ = cls.__qualname__
    return compiled


def _twin(cls: type) -> type:
    """A class with the same slots and no refusal."""
    writable = {"__slots__": cls.__dict__["__slots__"], "__setattr__": object.__setattr__}
    return type(cls.__name__, cls.__bases__, writable)


def _content(own: tuple[Field[Any], ...]) -> Callable[[object], object]:
    """What two equal values share."""
    return attrgetter(*(each.name for each in own)) if own else lambda _: ()


def _equality(cls: type, own: tuple[Field[Any], ...]) -> Callable[[Any, object], bool]:
    content = _content(own)

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - it becomes a method
        if self is other:
            return True
        if other.__class__ is not cls:
            return NotImplemented
        return content(self) == content(other)

    return __eq__


def _hash(cls: type, own: tuple[Field[Any], ...]) -> Callable[[object], int]:
    content = _content(own)

    def __hash__(self: object) -> int:  # noqa: N807 - it becomes a method
        return hash((cls, content(self)))

    return __hash__


def _text(self: Any) -> str:  # noqa: ANN401 - any value
    shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_change(self: object, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"cannot change {name!r} of a {self.__class__.__qualname__}")


def _reduced(self: Any) -> tuple[type, tuple[object, ...]]:  # noqa: ANN401 - any value
    """A copy, or a pickle, is made by the constructor."""
    return self.__class__, tuple(getattr(self, name) for name in self.__match_args__)
