"""What two clusters differ in is enough to make one from the other."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.test_edits import DEMO, any_edit
from tui.formats.edits import Delete, Scale, edited, objects_of
from tui.formats.errors import FormatError
from tui.formats.patch import Patch, difference, patched


def kinds(patch: Patch) -> set[str]:
    return set(re.findall(r"^kind: (\w+)", patch.objects, re.MULTILINE))


def test_equal_clusters_differ_in_nothing() -> None:
    assert difference(DEMO, DEMO) is None


@settings(max_examples=50)
@given(st.data())
def test_whatever_was_edited_a_patch_makes_the_same_objects(data: st.DataObject) -> None:
    cluster = DEMO
    for _ in range(data.draw(st.integers(1, 5))):
        if not cluster.pods:
            break
        try:
            cluster = edited(cluster, data.draw(any_edit(cluster)))
        except FormatError:
            continue
    patch = difference(DEMO, cluster)
    there = patched(DEMO, patch) if patch is not None else DEMO
    assert objects_of(there) == objects_of(cluster)
    back = difference(there, DEMO)
    assert (back is None) is (patch is None)
    if back is not None:
        assert objects_of(patched(there, back)) == objects_of(DEMO)


def test_a_patch_names_what_is_gone_and_writes_what_is_new() -> None:
    fewer = edited(DEMO, Delete(("Pod", "shop", "web-1")))
    patch = difference(DEMO, fewer)
    assert patch is not None
    assert ("Pod", "shop", "web-1") in patch.gone
    assert kinds(patch) == {"EndpointSlice"}, "the controller has taken its endpoint out"
    back = difference(fewer, DEMO)
    assert back is not None
    assert kinds(back) == {"EndpointSlice", "Pod"}


def test_nothing_follows_from_the_objects_of_a_patch() -> None:
    more = edited(DEMO, Scale("shop", "web", 5))
    patch = difference(DEMO, more)
    assert patch is not None
    pods = [each for each in patch.objects.split("---\n") if "\nkind: Pod\n" in each]
    assert len(pods) == 2
    there = patched(DEMO, Patch((), "---\n".join(pods)))
    assert len(there.pods) == len(DEMO.pods) + 2
    assert there.slices == DEMO.slices, "no controller has looked at it"


@pytest.mark.parametrize(
    "objects",
    ["{", "kind: Service", "- a", "kind: Pod\nmetadata: {name: x}\nspec: []", "a: &a [*a]"],
)
def test_what_cannot_be_read_is_refused(objects: str) -> None:
    with pytest.raises(FormatError):
        patched(DEMO, Patch((), objects))
