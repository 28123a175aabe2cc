"""Sessions start from one explorer, and each is its own learner's."""

import asyncio
import os

import pytest

from tests.serve.workshop_server import WorkshopServer, learner

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]


async def test_who_comes_together_gets_what_each_asked_for(workshop: WorkshopServer) -> None:
    ann, bo, cho = await asyncio.gather(
        learner(workshop, user="ann-starts", command="lesson service --step chains --no-tour"),
        learner(workshop, user="bo-starts", command="lesson service --no-tour", size=(120, 40)),
        learner(
            workshop, user="cho-starts", command="lesson service --no-tour",
            environment={"LANG": "ko_KR.UTF-8"},
        ),
    )  # fmt: skip
    await asyncio.gather(
        ann.shows("Through the chains"), bo.shows("1 of 10", "Packet"), cho.shows("레슨")
    )
    assert "Through the chains" not in bo.text
    for each in (ann, bo, cho):
        await each.leave()


async def test_a_session_gives_way_to_the_front(workshop: WorkshopServer) -> None:
    one = await learner(workshop, user="dee-starts", command="lesson service --no-tour")
    await one.shows("enter")
    assert workshop.process is not None
    front = os.getpriority(os.PRIO_PROCESS, workshop.process.pid)
    own = [os.getpriority(os.PRIO_PROCESS, pid) for pid in workshop.sessions()]
    assert own
    assert min(own) > front or front == 19
    await one.leave()
