"""`@value` keeps every promise of a frozen, slotted dataclass."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass

import pytest

from tui.sim.model.value import replace, value


@value
class Point:
    """Two coordinates, with a name and tags."""

    x: int
    y: int = 0
    name: str = ""
    tags: list[str] = field(default_factory=list)

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class Twin:
    """The same, as the standard library makes it."""

    x: int
    y: int = 0
    name: str = ""
    tags: list[str] = field(default_factory=list)


@value
class Nothing:
    """No field at all."""


@value
class Other:
    """Another class with a field of the same name."""

    x: int


def test_it_is_a_dataclass() -> None:
    assert is_dataclass(type(Point(1)))
    assert [f.name for f in fields(Point)] == [f.name for f in fields(Twin)]
    assert Point.__match_args__ == Twin.__match_args__
    twin = repr(Twin(x=1, name="a"))
    assert repr(Point(x=1, name="a")) == twin.replace("Twin", "Point")


def test_defaults_and_factories() -> None:
    one, other = Point(1), Point(1)
    assert (one.y, one.name, one.tags) == (0, "", [])
    assert one.tags is not other.tags
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]


def test_equal_by_content_and_class() -> None:
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(2, 1)
    others: list[object] = [Other(1), 1]
    assert Point(1) not in others
    assert hash(Other(1)) == hash(Other(1))
    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing(), Other(1), Other(1)}) == 2


def test_nothing_can_be_changed() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x
    with pytest.raises((FrozenInstanceError, AttributeError)):
        setattr(point, "new", 1)  # noqa: B010 - an attribute that is not there
    assert not hasattr(point, "__dict__")


def test_replaced_copied_pickled_and_matched() -> None:
    point = Point(1, 2, "p", ["t"])
    assert replace(point, y=5) == Point(1, 5, "p", ["t"])
    assert copy.copy(point) == point
    assert copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point
    match point:
        case Point(1, y):
            assert y == 2
        case _:
            raise AssertionError("it should have matched")
    assert point.sum == 3


@value
class Solid(Point):
    """A point with one coordinate more."""

    z: int = 0


def test_a_value_can_extend_another() -> None:
    assert Solid(1, 2, z=3).sum == 3
    assert Solid(1, 2, z=3) == Solid(1, 2, "", [], 3)
    others: list[object] = [Point(1, 2)]
    assert Solid(1, 2) not in others
    assert replace(Solid(1), z=4).z == 4
