"""One measurement at scale, in a process of its own: its peak memory is its own too.

`python -m tests.bench.scale MODE SERVICES [FILE]` prints a JSON object of seconds and MiB; with a
file, the rules of one node are written there.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from tests.bench.clusters import cluster_ip, sized
from tui.sim.engine import Injection, State, World, send
from tui.sim.model.address import Family
from tui.sim.model.settings import ProxyMode
from tui.sim.netfilter.text import print_ruleset
from tui.sim.trace import Verdict

ROUNDS = 15


def main() -> None:
    """Measure what the command line asks for."""
    mode, services = ProxyMode(sys.argv[1]), int(sys.argv[2])
    world = sized(services, mode)
    found = _rules(world, Path(sys.argv[3])) if len(sys.argv) > 3 else {}
    found |= _traces(world, cluster_ip(services - 1))
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def _rules(world: World, file: Path) -> dict[str, float]:
    start = time.perf_counter()
    ruleset = world.kube_proxy_ruleset("node-0", Family.IPV4)
    rendered = time.perf_counter()
    text = print_ruleset(ruleset)
    printed = time.perf_counter()
    file.write_text(text)
    return {"render": rendered - start, "print": printed - rendered, "rules": float(ruleset.size)}


def _traces(world: World, destination: str) -> dict[str, float]:
    first = _seconds(world, destination)
    return {
        "first": first,
        "trace": min(_seconds(world, destination) for _ in range(ROUNDS)),
    }


def _seconds(world: World, destination: str) -> float:
    start = time.perf_counter()
    trace, _ = send(world, State(), Injection("pod/default/client", f"{destination}:80"))
    taken = time.perf_counter() - start
    assert trace.outcomes[0].verdict is Verdict.DELIVERED
    return taken


if __name__ == "__main__":
    main()
