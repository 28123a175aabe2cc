"""So many sessions start at once; the others know their place."""

import asyncio

from tui.serve.queueing import StartQueue


async def test_places_move_up_in_order() -> None:
    queue, order, places = StartQueue(2), [], {name: [0] for name in "abcde"}

    async def start(name: str) -> None:
        await queue.enter(places[name].append)
        order.append(name)

    tasks = [asyncio.create_task(start(name)) for name in "abcde"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert order == ["a", "b"]
    assert (places["a"], places["c"], places["d"], places["e"]) == ([0], [0, 1], [0, 2], [0, 3])
    queue.leave()
    await asyncio.sleep(0.01)
    assert order == ["a", "b", "c"]
    assert places["e"] == [0, 3]
    queue.tell()
    assert places["e"][-1] == 2
    for _ in range(2):
        queue.leave()
    await asyncio.gather(*tasks)
    assert order == list("abcde")


async def test_who_gives_up_in_the_queue_leaves_no_gap_and_no_slot_taken() -> None:
    queue = StartQueue(1)
    seen: list[int] = []
    await queue.enter(seen.append)
    gone = asyncio.create_task(queue.enter(seen.append))
    late = asyncio.create_task(queue.enter(seen.append))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0.01)
    queue.tell()
    assert seen == [1, 2, 1]
    queue.leave()
    await asyncio.wait_for(late, 1)


async def test_who_gives_up_at_the_moment_of_his_turn_passes_it_on() -> None:
    queue = StartQueue(1)
    await queue.enter(lambda _place: None)
    first = asyncio.create_task(queue.enter(lambda _place: None))
    second = asyncio.create_task(queue.enter(lambda _place: None))
    await asyncio.sleep(0)
    queue.leave()
    first.cancel()
    await asyncio.wait_for(second, 1)
