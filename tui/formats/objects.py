"""Finds the Kubernetes objects in plain data: Lists opened, kinds told apart, places named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui.formats.errors import FormatError, Path, quoted
from tui.sim.model.shown import shown
from tui.sim.model.value import value


@value
class RawObject:
    """An object as plain data, and where it stands."""

    kind: str
    """`Service`."""
    group: str
    """Group of its apiVersion: `` for v1, `discovery.k8s.io`."""
    data: dict[str, Any]
    """The object."""
    position: str
    """`items[3]`, `document 2`, `document 2 items[3]`; empty for the only object."""
    path: Path
    """Where that is: the document's index, then keys and list positions."""

    @property
    def identity(self) -> str:
        """`Service shop/web`, as far as the object says so."""
        metadata = self.data.get("metadata")
        held = metadata if isinstance(metadata, dict) else {}
        names = [held.get("namespace"), held.get("name")]
        text = "/".join(shown(name) for name in names if isinstance(name, str) and name)
        return f"{shown(self.kind)} {text}".strip()

    @property
    def place(self) -> str:
        """`items[3] (Service shop/web)`, for errors."""
        return f"{self.position} ({self.identity})" if self.position else f"({self.identity})"


def raw_objects(documents: Sequence[Any], origin: str) -> Iterator[RawObject]:
    """Every object of every document, in order; empty documents count. Raises FormatError."""
    for number, document in enumerate(documents, start=1):
        if document is None:
            continue
        position = f"document {number}" if len(documents) > 1 else ""
        yield from _objects_of(document, position, (number - 1,), origin)


def _objects_of(document: Any, position: str, path: Path, origin: str) -> Iterator[RawObject]:
    if not isinstance(document, dict):
        expected = "expected a Kubernetes object or a List of them"
        raise FormatError(origin, f"{expected}, found {quoted(document)}", position)
    kind = _kind(document, None, position, origin)
    if kind.endswith("List") and ("items" in document or kind == "List"):
        yield from _items(document, kind, position, path, origin)
    else:
        yield _object(document, kind, position, path, origin)


def _items(
    document: dict[str, Any], kind: str, position: str, path: Path, origin: str
) -> Iterator[RawObject]:
    """The items of a List; those of a typed one (PodList) need not repeat their kind."""
    items = document.get("items")
    if items is None:
        return
    if not isinstance(items, list):
        place = f"{position} items".strip()
        raise FormatError(origin, f"{quoted(items)} is not a list", place)
    implied = kind.removesuffix("List") or None
    for index, item in enumerate(items):
        place = f"{position} items[{index}]".strip()
        if not isinstance(item, dict):
            raise FormatError(origin, f"expected an object, found {quoted(item)}", place)
        data = {"apiVersion": document.get("apiVersion"), **item} if implied else item
        kind = _kind(item, implied, place, origin)
        yield _object(data, kind, place, (*path, "items", index), origin)


def _kind(data: dict[str, Any], implied: str | None, place: str, origin: str) -> str:
    kind = data.get("kind", implied)
    if kind is None:
        raise FormatError(origin, "has no kind; every Kubernetes object names one", place)
    if not isinstance(kind, str) or not (kind.isascii() and kind.isalnum()):
        raise FormatError(origin, f"kind: {quoted(kind)} is not the name of a kind", place)
    return kind


def _object(data: dict[str, Any], kind: str, position: str, path: Path, origin: str) -> RawObject:
    version = data.get("apiVersion")
    if version is not None and not isinstance(version, str):
        raise FormatError(origin, f"apiVersion: {quoted(version)} is not text", position)
    group, slash, _ = (version or "").partition("/")
    return RawObject(kind, group if slash else "", data, position, path)
