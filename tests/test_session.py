"""The learner's moment: stepping is moving a cursor, switching replays the last packet."""

import pytest

from tui.cli.parser import parser
from tui.cli.settings import world_of
from tui.session import Milestone, Session, Unit, milestone_of
from tui.sim.engine import Choices, Injection, NotBuiltError, PlaceError
from tui.sim.trace import StepKind

WORLD = world_of(parser().parse_args(["sandbox"]))
TO_WEB = Injection("pod/shop/client", "svc/shop/web:80")
WEB2 = "10.244.1.5:8080"


@pytest.fixture(scope="module")
def sent() -> Session:
    return Session(WORLD).injected(TO_WEB, Choices(pin=WEB2))


def test_a_new_session_has_nothing_to_show() -> None:
    session = Session(WORLD)
    assert session.moment is None
    assert session.moved(Unit.STEP, 1) == session
    assert session.at_end
    assert session.all_outcomes is None


@pytest.mark.parametrize("unit", list(Unit))
def test_there_and_back_again(sent: Session, unit: Unit) -> None:
    there = sent
    for _ in range(len(sent.moments)):
        there = there.moved(unit, 1)
    assert there.at_end
    back = there
    for _ in range(len(sent.moments)):
        back = back.moved(unit, -1)
    assert back.position == 0


@pytest.mark.parametrize("unit", [Unit.HOP, Unit.HOOK, Unit.CHAIN])
def test_larger_units_stop_where_something_begins(sent: Session, unit: Unit) -> None:
    stops = []
    walk = sent
    while not walk.at_end:
        walk = walk.moved(unit, 1)
        stops.append(walk.position)
    assert stops == sorted(set(stops))
    assert len(stops) < len(sent.moments)
    if unit is Unit.HOP:
        inner = [sent.moments[p] for p in stops[:-1]]
        assert all(m.step is m.hop.steps[0] for m in inner)


def test_a_step_works_nothing_out_anew(sent: Session) -> None:
    moments, outcomes = sent.moments, sent.all_outcomes
    stepped = sent.moved(Unit.STEP, 1)
    assert stepped.moments is moments
    assert stepped.all_outcomes is outcomes
    assert stepped.moved_to(5).moments is moments
    again = stepped.injected(TO_WEB)
    assert again.moments is not moments
    assert again.all_outcomes is not outcomes


def test_rewrites_are_the_stops_of_their_unit(sent: Session) -> None:
    stops, position = [], sent.rewrite_from(1)
    while position is not None:
        stops.append(position)
        position = sent.moved_to(position).rewrite_from(1)
    changing = [m.step.rewrites or m.step.pushed or m.step.popped for m in sent.moments]
    assert stops == [at for at, changes in enumerate(changing) if changes]
    assert sent.moved(Unit.REWRITE, 1).position == stops[0]
    assert sent.moved_to(stops[1]).rewrite_from(-1) == stops[0]
    assert sent.moved_to(stops[0]).rewrite_from(-1) is None


def test_conntrack_is_shown_as_it_is_at_the_cursor(sent: Session) -> None:
    assert sent.conntrack == {}
    end = sent.moved(Unit.END, 1)
    assert "node/node-a" in end.conntrack
    made = [m for m in sent.moments if m.step.kind is StepKind.CONFIRMED]
    assert made, "the request confirms a connection"
    first = next(i for i, m in enumerate(sent.moments) if m.step.conntrack)
    assert sent.moved_to(first - 1).conntrack == {}
    assert sent.moved_to(first).conntrack != {}
    frozen = {name: host.conntrack for name, host in sent.after.hosts.items() if host.conntrack}
    assert {n: set(e) for n, e in end.conntrack.items()} == {n: set(e) for n, e in frozen.items()}


def test_the_next_packet_starts_from_what_the_last_one_left(sent: Session) -> None:
    again = sent.injected(TO_WEB)
    assert again.before == sent.after
    assert again.after.sent == sent.after.sent + 1


def test_undo_goes_back(sent: Session) -> None:
    assert sent.injected(TO_WEB).undone() == sent


def test_a_switch_of_plugin_replays_from_the_state_before(sent: Session) -> None:
    there = sent.moved(Unit.END, 1)
    other = there.with_plugin("bridge")
    assert other.world.cni == "bridge"
    assert other.before == sent.before
    assert other.trace is not None
    assert other.trace.outcomes[0].destination == WEB2, "the endpoint is kept by its address"
    assert other.moment is not None
    assert milestone_of(other.moment) is Milestone.ENDED


def test_a_switch_keeps_an_endpoint_that_the_seed_chose() -> None:
    for seed in range(4):
        session = Session(WORLD).injected(TO_WEB, Choices(seed=seed))
        assert session.trace is not None
        chosen = session.trace.outcomes[0].destination
        other = session.with_plugin("bridge")
        assert other.trace is not None
        assert other.trace.outcomes[0].destination == chosen


def test_a_milestone_is_found_again_after_a_switch(sent: Session) -> None:
    translated = next(
        i for i, m in enumerate(sent.moments) if milestone_of(m) is Milestone.TRANSLATED
    )
    other = sent.moved_to(translated).with_plugin("bridge")
    assert other.moment is not None
    assert milestone_of(other.moment) is Milestone.TRANSLATED


def test_a_milestone_that_is_not_there_gives_the_start(sent: Session) -> None:
    tunnel = next(
        i for i, m in enumerate(sent.moments) if milestone_of(m) is Milestone.ENCAPSULATED
    )
    assert sent.moved_to(tunnel).with_plugin("bridge").position == 0


def test_all_outcomes_are_those_of_the_same_packet(sent: Session) -> None:
    every = sent.all_outcomes
    assert every is not None
    assert len(every.outcomes) == 3
    assert sent.trace is not None
    assert every.flow.packet == sent.trace.flow.packet


def test_waiting_lets_connections_time_out(sent: Session) -> None:
    later = sent.waited(10 * 24 * 3600)
    assert all(not host.conntrack for host in later.after.hosts.values())
    assert later.trace is None


def test_what_cannot_be_done_leaves_the_session_as_it_is(sent: Session) -> None:
    with pytest.raises(NotBuiltError):
        sent.with_plugin("carrier-pigeon")
    with pytest.raises(PlaceError):
        sent.injected(Injection("pod/shop/nobody", "10.0.0.1:80"))
    assert sent.moment is not None
