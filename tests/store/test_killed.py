"""A learner's program is killed at 200 random moments; what it had written is always there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tui.store.sqlite import SqliteProgress

KILLS = 200
CHILD = str(Path(__file__).with_name("killed_child.py"))


def killed_run(file: Path, start: int, rest: float) -> int:
    """Let a child write for a while, kill it, and give the last step that it said was written."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", _STARTER, CHILD, str(file), str(start)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        assert first.strip().isdigit(), first
        time.sleep(rest)
        child.send_signal(signal.SIGKILL)
        told = [first, *child.stdout.readlines()]
    whole = [line for line in told if line.endswith("\n")]
    return int(whole[-1])


_STARTER = (
    "import sys, runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "progress.sqlite3"
    dice = random.Random(20261127)
    last = 0
    for _ in range(KILLS):
        told = killed_run(file, last, dice.uniform(0.0, 0.02))
        store = SqliteProgress(file)
        assert store.trouble is None
        steps = sorted(int(step.removeprefix("step-")) for step in store.done("lesson"))
        assert steps == list(range(1, len(steps) + 1))
        # one more may have been written than could be said
        assert told <= len(steps) <= told + 1
        place = store.place()
        assert place is not None
        assert int(place.step.removeprefix("step-")) in (len(steps), len(steps) + 1)
        store.close()
        last = len(steps)


def test_several_programs_may_be_the_first(tmp_path: Path) -> None:
    file = tmp_path / "progress.sqlite3"
    code = (
        "import sys; from pathlib import Path; from tui.store.sqlite import SqliteProgress as P\n"
    )
    code += "sys.exit(str(P(Path(sys.argv[1])).trouble or ''))"
    command = [sys.executable, "-c", code, str(file)]
    programs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(12)]
    said = [program.communicate()[1].strip() for program in programs]
    assert said == [""] * len(programs)
