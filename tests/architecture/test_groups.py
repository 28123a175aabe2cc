"""Tests that share what is dear are run by one worker: pytest-xdist has been known to forget it."""

import pytest

pytestmark = pytest.mark.xdist_group("together")


def test_one_worker_runs_a_group(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("there is but one process")
    assert request.node.nodeid.endswith("@together"), "needs --dist loadgroup; pytest-xdist#1386"
