"""`make bench`: how fast the program is here, as ratios within one run where that makes sense.

Figures of one machine say little about another; a ratio to something measured in the same
run does. Nothing here fails: it prints what it saw, and `--json` prints it for a script.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.big_cluster import write
from tests.bench.terminal import Terminal
from tests.bench.workshop import workshop

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(ROOT / ".venv" / "bin" / "k8snet-tui")
RIGHT, DOWN, HOME, ENTER, ESCAPE = b"\x1b[C", b"\x1b[B", b"\x1b[H", b"\r", b"\x1b"

Figures = dict[str, float]


def main() -> None:
    """Measure all, or the parts that are named."""
    # an installed program is compiled; here its second start is, unless the environment forbids it
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", choices=[[], *PARTS], help="; ".join(PARTS))
    asked.add_argument("--json", action="store_true")
    arguments = asked.parse_args()
    found = {name: PARTS[name]() for name in arguments.parts or PARTS}
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    for name, figures in found.items():
        print(name)
        for what, figure in figures.items():
            print(f"  {what:<58} {figure:10.3f}")


# ---------------------------------------------------------------- the screen


def opening(rounds: int = 7) -> Figures:
    """From the command to the first useful picture, against a bare Textual app."""
    bare, explorer = [], []
    for _ in range(rounds):
        with Terminal([sys.executable, str(ROOT / "tests" / "bench" / "bare.py")]) as terminal:
            bare.append(terminal.shows("one line of text"))
        with Terminal([PROGRAM, "lesson", "service"]) as terminal:
            explorer.append(terminal.shows("A Service and its address", "client", "KUBE-SVC-"))
    least, ours = statistics.median(bare), statistics.median(explorer)
    return {
        "bare Textual app, one line (s, median)": least,
        "explorer: lesson title, a pod and a rule (s, median)": ours,
        "ratio (goal: 2 at most)": ours / least,
    }


MODES = ("iptables", "nftables", "ipvs")


def stepping(steps: int = 50) -> Figures:
    """From a key to the last thing that it paints, at 120x40, in each mode."""
    found: Figures = {}
    for mode in MODES:
        with Terminal([PROGRAM, "sandbox", "--proxy-mode", mode]) as terminal:
            terminal.shows("node-a")
            _sent(terminal, b"pod/shop/client\r", b"svc/shop/web:80\r")
            found |= _steps(terminal, steps, mode, goal=16)
    return found


def _sent(terminal: Terminal, source: bytes, destination: bytes) -> float:
    """Send a packet by the dialog; gives the seconds from the last key to its last paint."""
    terminal.settled()
    for words in (b"i", source, destination.rstrip(b"\r")):
        terminal.press(words)
        terminal.settled(quiet=1.0)
    return terminal.step(ENTER, quiet=0.5)


def _sent_from_a_lesson(terminal: Terminal) -> None:
    terminal.shows("Through the chains")
    terminal.settled()
    terminal.press(ENTER)
    terminal.settled()


WALKS = 5
"""Times that the same steps are taken."""


def _steps(terminal: Terminal, steps: int, mode: str, goal: int) -> Figures:
    """Steps of a packet's way, the same ones several times.

    A slow step is slow each time that it is taken; a slow moment of a shared machine is not.
    So there is a percentile of the steps, by the median of each, beside that of all presses.
    """
    walks, used = [], 0.0
    for _ in range(WALKS):
        terminal.press(HOME)
        terminal.settled()
        before = terminal.processor_time()
        walks.append([terminal.step(RIGHT) for _ in range(steps)])
        used += terminal.processor_time() - before
    presses = [1000 * press for walk in walks for press in walk]
    if not any(presses):
        raise RuntimeError(f"no step painted anything; the screen:\n{terminal.text}")
    by_step = [
        statistics.median(1000 * press for press in each) for each in zip(*walks, strict=True)
    ]
    return {
        f"{mode}: key to its last paint (ms, median)": statistics.median(presses),
        f"{mode}: 95th percentile of steps (ms, goal: {goal})": _p95(by_step),
        f"{mode}: 95th percentile of all presses (ms)": _p95(presses),
        f"{mode}: processor time of a step (ms, mean)": 1000 * used / len(presses),
    }


def _p95(figures: list[float]) -> float:
    return sorted(figures)[int(len(figures) * 0.95)]


def switching() -> Figures:
    """Another CNI plugin under the same packet, from the key to the last thing it paints."""
    taken = []
    with Terminal([PROGRAM, "sandbox"]) as terminal:
        terminal.shows("node-a")
        _sent(terminal, b"pod/shop/client\r", b"svc/shop/web:80\r")
        # from each to the next, the list of plugins round once
        for _ in range(_plugins()):
            terminal.press(b"c")
            terminal.settled()
            terminal.press(DOWN)
            terminal.settled()
            taken.append(terminal.step(ENTER, quiet=0.3))
            terminal.settled()
    return {
        "plugin: key to its last paint (ms, median)": 1000 * statistics.median(taken),
        "plugin: the slowest (ms, goal: 100)": 1000 * max(taken),
    }


def _plugins() -> int:
    from tui.sim.cni import PLUGINS

    return len(PLUGINS)


def playing(seconds: float = 10.0) -> Figures:
    """What a packet that walks by itself costs, at the speed that it begins with."""
    with Terminal([PROGRAM, "lesson", "service", "--step", "chains"]) as terminal:
        _sent_from_a_lesson(terminal)
        terminal.press(b" ")
        before = terminal.processor_time()
        terminal.watch(seconds)
        used = terminal.processor_time() - before
    return {"playing: share of a core (%, goal: 5)": 100 * used / seconds}


def course(rounds: int = 2) -> Figures:
    """Opening every lesson from the list of them, and checking the whole course.

    A slow lesson is slow each time; a slow moment of a shared machine is not.
    """
    taken = [_all_lessons() for _ in range(rounds)]
    by_lesson = [1000 * min(each) for each in zip(*taken, strict=True)]
    command = [PROGRAM, "check"]
    checked = timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), 3)
    return {
        "a lesson: key to its last paint (ms, median)": statistics.median(by_lesson),
        "a lesson: the slowest (ms, goal: 150)": max(by_lesson),
        "check of the whole course (s, goal: 10)": checked,
    }


def _all_lessons() -> list[float]:
    """Each lesson after the first, from the key that opens it to the last thing it paints."""
    from tui.course.catalogue import load_course

    taken = []
    with Terminal([PROGRAM, "lesson", "container"]) as terminal:
        terminal.shows("Containers in a pod")
        for _ in load_course().lessons[1:]:
            terminal.settled()
            terminal.press(b"o")
            terminal.settled()
            terminal.press(DOWN)
            terminal.settled()
            taken.append(terminal.step(ENTER, quiet=0.3))
    return taken


def big(steps: int = 50) -> Figures:
    """The sandbox on 100 nodes with 3,000 pods and 300 Services, at 120x40, in each mode."""
    found: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "big.json"
        write(file)
        for mode in MODES:
            found |= _on_big(file, mode, steps)
    return found


def _on_big(file: Path, mode: str, steps: int) -> Figures:
    with Terminal([PROGRAM, "sandbox", "--cluster", str(file), "--proxy-mode", mode]) as terminal:
        opened = terminal.shows("more nodes", "app-000")
        terminal.settled()
        found = terminal.step(b"/")
        terminal.press(ESCAPE)
        sent = _sent(terminal, b"pod/team-00/app-000-00\r", b"svc/team-15/app-150:80\r")
        return {
            f"{mode}: from the command to the map (s)": opened,
            f"{mode}: the find key to its last paint (ms)": 1000 * found,
            f"{mode}: the first packet to its last paint (ms)": 1000 * sent,
            **_steps(terminal, steps, mode, goal=33),
        }


# ---------------------------------------------------------------- the core


def core() -> Figures:
    """Rendering, walking and listing outcomes, in this process."""
    from tui.cli.parser import parser
    from tui.cli.settings import world_of
    from tui.sim.engine import Injection, State, World, outcomes, send
    from tui.sim.model.address import Family

    world = world_of(parser().parse_args(["sandbox"]))
    to_web = Injection("pod/shop/client", "svc/shop/web:80")

    def rendered() -> None:
        fresh = World(world.cluster, world.proxy, world.cni)
        fresh.ruleset("node-a", Family.IPV4)

    return {
        "rules of one node of the demo cluster (ms)": 1000 * timed(rendered),
        "one packet to a Service and its answer (ms)": 1000
        * timed(lambda: send(world, State(), to_web)),
        "all three outcomes of it (ms)": 1000 * timed(lambda: outcomes(world, State(), to_web)),
    }


def commands() -> Figures:
    """Whole commands, from start to exit, against Python alone."""

    def run(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(words, stdout=subprocess.DEVNULL, check=True)

    python = timed(run(sys.executable, "-c", "pass"), 7)
    place = ["--from", "pod/shop/client", "--to", "svc/shop/web:80"]
    found = {"python -c pass (s)": python}
    for name, words in {
        "--version": ["--version"],
        "rules": ["rules", "--node", "node-a"],
        "trace": ["trace", *place],
    }.items():
        taken = timed(run(PROGRAM, *words), 7)
        found[f"k8snet-tui {name} (s)"] = taken
        found[f"k8snet-tui {name}, ratio to python"] = taken / python
    return found


# ---------------------------------------------------------------- scale


def scale(services: int = 10_000) -> Figures:
    """10,000 Services with five endpoints each, against ten, and against the real tool."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules"
        found: Figures = {}
        for mode in ("iptables", "nftables", "ipvs"):
            few = _measured(mode, 10)
            many = _measured(mode, services)
            if mode == "iptables":
                found |= _against_the_tool(services, file)
            found[f"{mode}: first trace, with its indexes (s)"] = many["first"]
            found[f"{mode}: trace, ratio to 10 Services (goal: 3)"] = many["trace"] / few["trace"]
            found[f"{mode}: peak memory (MiB, goal: 1024)"] = many["memory"]
    return found


def _measured(mode: str, services: int, *more: str) -> Figures:
    words = [sys.executable, "-m", "tests.bench.scale", mode, str(services), *more]
    told = subprocess.run(words, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout
    figures: Figures = json.loads(told)
    return figures


def _against_the_tool(services: int, file: Path, rounds: int = 3) -> Figures:
    """Making the rules of one node and reading them, in turn: both meet the same machine."""
    tool = shutil.which("iptables-nft-restore")
    ours, theirs = [], []
    for _ in range(rounds):
        many = _measured("iptables", services, str(file))
        ours.append(many["render"] + many["print"])
        if tool is not None:
            start = time.perf_counter()
            subprocess.run([tool, "--test", str(file)], check=True)
            theirs.append(time.perf_counter() - start)
    made = statistics.median(ours)
    found = {"iptables: rules of one node, rendered and printed (s, goal: 2.6)": made}
    if theirs:
        ratio = made / statistics.median(theirs)
        found["iptables: the same, ratio to iptables-nft-restore --test (goal: 1)"] = ratio
    return found


def timed(call: Callable[[], object], rounds: int = 21) -> float:
    """Seconds of a call, as the median of some."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


PARTS: dict[str, Callable[[], Figures]] = {
    "opening": opening,
    "stepping": stepping,
    "switching": switching,
    "playing": playing,
    "course": course,
    "big": big,
    "core": core,
    "commands": commands,
    "scale": scale,
    "workshop": workshop,
}

if __name__ == "__main__":
    main()
