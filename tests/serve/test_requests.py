"""Of all that an SSH client can ask to run, only places in the program are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.serve.requests import RefusedError, words_of
from tui.words import use

ALLOWED = [
    (None, ()),
    ("", ()),
    ("   ", ()),
    ("lesson service", ("lesson", "service")),
    ("lesson service --step 3", ("lesson", "service", "--step", "3")),
    ("lesson service --step=3 --lang ko", ("lesson", "service", "--step=3", "--lang", "ko")),
    ("sandbox --proxy-mode ipvs --cni cilium --ascii",
     ("sandbox", "--proxy-mode", "ipvs", "--cni", "cilium", "--ascii")),
]  # fmt: skip
REFUSED = [
    "id", "sh", "bash -i", "lesson service; id", "lesson $(id)", "lesson `id`", "lesson ../../etc",
    "lesson service --step", "lesson service --step '../x'", "sandbox --cluster /etc/passwd",
    "sandbox --cluster -", "sandbox --cni-config x", "sandbox --kube-proxy-config=x", "serve",
    "trace --pcapng /tmp/x", "lesson --lessons /etc", "progress --forget", "lesson 'unclosed",
    "scp -t /tmp", "lesson " + "x" * 500, "lesson\nservice;id", "rsync --server", "--lang ko",
    "lesson service --node\x00x", "Lesson service",
]  # fmt: skip


@pytest.mark.parametrize(("command", "words"), ALLOWED)
def test_places_in_the_program_may_be_asked_for(
    command: str | None, words: tuple[str, ...]
) -> None:
    assert words_of(command) == words


@pytest.mark.parametrize("command", REFUSED)
def test_everything_else_is_refused_in_a_sentence(command: str) -> None:
    with pytest.raises(RefusedError) as problem:
        words_of(command)
    assert re.search(r"k8snet-tui and nothing else.*lesson NAME", problem.value.sentence(use()))
    assert "lesson NAME" in problem.value.sentence(use("ko"))


@given(st.text(max_size=80))
def test_no_word_that_comes_through_can_be_a_path_or_another_option(text: str) -> None:
    try:
        words = words_of(f"sandbox {text}")
    except RefusedError:
        return
    known = ("--step", "--lang", "--theme", "--proxy-mode", "--cni", "--ascii", "--no-")
    for word in words:
        assert "/" not in word
        assert not word.startswith("-") or word.startswith(known)
        assert "--cni-config" not in word
