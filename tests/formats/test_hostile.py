"""Files made to hurt: refused in one line, and quickly."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tui.formats.cluster import load_cluster, parse_cluster
from tui.formats.errors import FormatError
from tui.formats.yaml_reader import MAX_DEPTH, yaml_documents

LARGE = 10_000_000

NOISE: dict[str, Callable[[], bytes]] = {
    "random bytes": lambda: Random(1).randbytes(LARGE),
    "letters": lambda: b"QUFB" * (LARGE // 4),
    "log lines": lambda: b"2026-01-01 something happened here\n" * (LARGE // 35),
    "brackets": lambda: b"[" * LARGE,
    "braces": lambda: b"{" * LARGE,
    "nested JSON": lambda: b'{"a":' * (LARGE // 5),
    "nested JSON lists": lambda: b"[[1]," * (LARGE // 5),
    "sequences": lambda: b"- " * (LARGE // 2),
    "keys": lambda: b"? " * (LARGE // 2),
    "an endless string": lambda: b'{"a": "' + b"x" * LARGE,
    "quotes": lambda: b"'" * LARGE,
    "comments": lambda: b"# \n" * (LARGE // 3),
    "blanks": lambda: b" " * LARGE,
    "an endless number": lambda: b'{"a": ' + b"9" * LARGE + b"}",
    "zeros": lambda: bytes(LARGE),
}


@pytest.mark.parametrize("name", NOISE)
def test_ten_megabytes_of_noise(name: str, tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(NOISE[name]())
    began = time.process_time()
    with pytest.raises(FormatError) as caught:
        load_cluster(str(path))
    assert time.process_time() - began < 2
    assert len(str(caught.value)) < 400
    path.unlink()


def laughs(levels: int) -> str:
    """Each level is nine times the one below."""
    text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, levels):
        text += f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]\n"
    return text


def test_aliases_may_not_unfold_without_end() -> None:
    assert len(yaml_documents(laughs(5), "f")) == 1
    with pytest.raises(FormatError, match="aliases unfold to more than 1,000,000 values"):
        yaml_documents(laughs(12), "f")


def test_merge_keys_may_not_unfold_without_end() -> None:
    text = "m0: &m0 {a: [x, x]}\n"
    for level in range(1, 30):
        text += f"m{level}: &m{level} {{b: *m{level - 1}, c: {{<<: *m{level - 1}}}}}\n"
    with pytest.raises(FormatError, match="aliases unfold"):
        yaml_documents(text, "f")


def test_an_alias_inside_of_what_it_names() -> None:
    with pytest.raises(FormatError, match="stands for nothing complete before it"):
        yaml_documents("a: &a [*a]", "f")


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_the_depth_of_yaml_is_bounded(opening: str, closing: str) -> None:
    fine = "x: " + opening * (MAX_DEPTH - 1) + closing * (MAX_DEPTH - 1)
    assert len(yaml_documents(fine, "f")) == 1
    with pytest.raises(FormatError, match="nested deeper than 100 levels"):
        yaml_documents("x: " + opening * MAX_DEPTH + closing * MAX_DEPTH, "f")


def test_tags_make_no_objects() -> None:
    with pytest.raises(FormatError, match=r"tag .* is not one that Kubernetes objects use"):
        parse_cluster("kind: !!python/object/apply:os.getcwd []", "f")


def test_half_a_surrogate_pair_does_not_reach_the_screen() -> None:
    text = '{"kind": "Node", "metadata": {"name": "n", "labels": {"a": "\\ud800"}}}'
    labels = parse_cluster(text, "f").cluster.nodes[0].labels
    assert labels == {"a": "\ufffd"}


def test_whole_surrogate_pairs_are_characters() -> None:
    text = '{"kind": "Node", "metadata": {"name": "n", "labels": {"a": "\\ud83d\\ude00"}}}'
    assert parse_cluster(text, "f").cluster.nodes[0].labels == {"a": "\U0001f600"}
