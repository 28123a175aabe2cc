"""What two clusters differ in, as text, and one of them made from the other by it.

An edit is what somebody wants, and a cluster makes something of it: addresses, EndpointSlices. A
patch is what came of that. Objects are taken as they are, and nothing follows from them.
"""

from __future__ import annotations

from tui.formats.allocation import AllocationError, allocate
from tui.formats.documents import documents
from tui.formats.draft import cluster_of
from tui.formats.errors import FormatError
from tui.formats.manifests import manifest_of
from tui.formats.merging import objects_in, replaced
from tui.formats.objects import raw_objects
from tui.formats.reader import ObjectKey, read_objects
from tui.formats.settling import draft_of
from tui.formats.yaml_writer import yaml_text
from tui.sim.model.cluster import Cluster
from tui.sim.model.collection import collection_paused
from tui.sim.model.value import value


@value
class Patch:
    """Objects that are gone or no longer the same, and those that there are instead."""

    gone: tuple[ObjectKey, ...]
    """What is there no more, or has changed."""
    objects: str
    """What is new, or has changed: YAML or JSON."""


def difference(before: Cluster, after: Cluster) -> Patch | None:
    """The patch that makes one cluster of another; None where no object differs.

    It does not keep the order of objects that were there already.
    """
    old, new = objects_in(draft_of(before)), objects_in(draft_of(after))
    gone = tuple(key for key in old if old[key] != new.get(key))
    fresh = [manifest_of(new[key]) for key in new if new[key] != old.get(key)]
    return Patch(gone, yaml_text(fresh)) if gone or fresh else None


def patched(cluster: Cluster, patch: Patch) -> Cluster:
    """The cluster after a patch. Raises FormatError."""
    with collection_paused():
        reading = read_objects(raw_objects(documents(patch.objects, ""), ""), "")
        draft = replaced(draft_of(cluster), frozenset(patch.gone), reading.draft())
        try:
            filled = allocate(draft).draft
        except AllocationError as error:
            raise FormatError(" ".join(filter(None, error.key)), error.fault.problem) from None
    return cluster_of(filled, filled.slices)
