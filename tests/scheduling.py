"""The way in which pytest-xdist hands out tests, without counting all that is done after each test.

A worker does what it was given in the order in which it was given it. So what is pending is at the
end, and with thousands of tests the two workers are not kept waiting for it to be counted.
"""

from __future__ import annotations

from xdist.scheduler import LoadGroupScheduling


class Groups(LoadGroupScheduling):  # type: ignore[misc]
    """Tests that share something go to one worker, all others one by one."""

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """How many of the tests that a worker was given are not done yet."""
        pending = 0
        for unit in reversed(workload.values()):
            left = list(unit.values()).count(False)
            if not left:
                break
            pending += left
        return pending
