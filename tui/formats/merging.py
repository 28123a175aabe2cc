"""Drafts object by object: the objects by their keys, and some of them replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tui.formats.draft import Draft, PodDraft, ServiceDraft
from tui.formats.manifests import Object
from tui.formats.reader import ObjectKey

_COLLECTIONS = ("nodes", "pods", "services", "slices", "policies", "service_cidrs")


def objects_in(draft: Draft) -> dict[ObjectKey, Object]:
    """Every object by its key, in the draft's order."""
    return dict(_keyed(draft))


def replaced(draft: Draft, keys: Collection[ObjectKey], fresh: Draft) -> Draft:
    """A draft in which objects are replaced, each where it stood; further ones come last."""
    return Draft(
        **{name: _merged(getattr(draft, name), keys, getattr(fresh, name)) for name in _COLLECTIONS}
    )


def _merged(
    old: tuple[Any, ...], keys: Collection[ObjectKey], new: tuple[Any, ...]
) -> tuple[Any, ...]:
    coming = {_key_of(item): item for item in new}
    kept = []
    for item in old:
        key = _key_of(item)
        if key not in keys:
            kept.append(item)
        elif key in coming:
            kept.append(coming.pop(key))
    return (*kept, *coming.values())


def _keyed(draft: Draft) -> Iterator[tuple[ObjectKey, Object]]:
    for name in _COLLECTIONS:
        for item in getattr(draft, name):
            yield _key_of(item), _object_in(item)


def _object_in(item: Object | PodDraft | ServiceDraft) -> Object:
    if isinstance(item, PodDraft):
        return item.pod
    return item.service if isinstance(item, ServiceDraft) else item


def _key_of(item: Object | PodDraft | ServiceDraft) -> ObjectKey:
    found = _object_in(item)
    return type(found).__name__, getattr(found, "namespace", ""), found.name
