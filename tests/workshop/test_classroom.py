"""Who is where in a class, who may need help, and what the class misses."""

import pytest

from tui.workshop.classroom import (
    CHOICES_SHOWN,
    MISSES_SHOWN,
    REMEMBERED,
    SEATS_SHOWN,
    Classroom,
)
from tui.workshop.messages import (
    LONGEST_LINE,
    Answered,
    Finished,
    Followed,
    Hinted,
    Question,
    Seat,
    Visited,
    line_of,
)

MINUTE = 60.0
MODEL = Visited(lesson="pod", step="model")
WIRES = Visited(lesson="pod", step="wires")


@pytest.fixture
def room() -> Classroom:
    """Ada and Kim are known; nobody is here."""
    room = Classroom(stuck=6)
    room.know("a", "Ada")
    room.know("k", "Kim")
    return room


def seat(room: Classroom, name: str = "Ada", now: float = 0.0) -> Seat:
    """The seat of a name."""
    return next(each for each in room.seats(now) if each.name == name)


def answered(chosen: str, right: bool = False, step: str = "odds") -> Answered:
    """An answer to a prediction of one lesson."""
    return Answered(lesson="service", step=step, chosen=chosen, right=right)


# ---------------------------------------------------------------- who is here


def test_nobody_is_here_before_they_come(room: Classroom) -> None:
    view = room.view(100.0)
    assert [(each.name, each.here, each.minutes) for each in view.seats] == [
        ("Ada", False, 0.0),
        ("Kim", False, 0.0),
    ]
    assert not view.questions


def test_a_learner_is_here_until_the_last_session_ends(room: Classroom) -> None:
    room.enter("a", 1.0)
    room.enter("a", 2.0)
    room.leave("a")
    assert seat(room).here
    room.leave("a")
    assert not seat(room).here
    room.leave("a")
    room.enter("a", 3.0)
    assert seat(room).here


def test_a_learner_can_have_another_name(room: Classroom) -> None:
    room.hear("a", MODEL, 1.0)
    room.know("a", "Ada L")
    assert seat(room, "Ada L").step == "model"
    assert room.knows("a")
    assert not room.knows("b")


def test_who_leaves_follows_no_longer(room: Classroom) -> None:
    room.enter("a", 1.0)
    room.hear("a", Followed(on=True), 2.0)
    assert seat(room).follows
    room.leave("a")
    assert not seat(room).follows


# ---------------------------------------------------------------- who is stuck


def test_who_stays_on_a_step_is_stuck(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    assert not seat(room, now=6 * MINUTE).stuck
    late = seat(room, now=7.5 * MINUTE)
    assert (late.stuck, late.minutes, late.lesson, late.step) == (True, 7.5, "pod", "model")


def test_who_goes_on_is_not_stuck(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    room.hear("a", WIRES, 5 * MINUTE)
    assert not seat(room, now=8 * MINUTE).stuck


def test_opening_the_same_step_again_is_no_progress(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    room.hear("a", MODEL, 5 * MINUTE)
    assert seat(room, now=7 * MINUTE).stuck


def test_who_has_done_the_step_is_not_stuck_on_it(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    room.hear("a", Finished(lesson="pod", step="model"), MINUTE)
    assert not seat(room, now=60 * MINUTE).stuck


def test_who_is_away_is_not_stuck(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    room.leave("a")
    away = seat(room, now=60 * MINUTE)
    assert (away.stuck, away.minutes, away.quiet) == (False, 0.0, 60.0)


def test_who_comes_back_begins_anew(room: Classroom) -> None:
    room.hear("a", MODEL, 0.0)
    room.enter("a", 100 * MINUTE)
    room.hear("a", MODEL, 100 * MINUTE)
    assert not seat(room, now=105 * MINUTE).stuck
    assert seat(room, now=107 * MINUTE).stuck


def test_a_second_session_does_not_begin_anew(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    room.enter("a", 6 * MINUTE)
    assert seat(room, now=7 * MINUTE).stuck


def test_keys_are_a_sign_of_life_and_no_progress(room: Classroom) -> None:
    room.enter("a", 0.0)
    room.hear("a", MODEL, 0.0)
    room.stirred("a", 9 * MINUTE)
    late = seat(room, now=10 * MINUTE)
    assert (late.quiet, late.minutes, late.stuck) == (1.0, 10.0, True)


def test_a_clock_that_is_set_back_makes_no_time_negative(room: Classroom) -> None:
    room.enter("a", 1000.0)
    room.hear("a", MODEL, 1000.0)
    early = seat(room, now=10.0)
    assert (early.minutes, early.quiet) == (0.0, 0.0)


# ---------------------------------------------------------------- what they did


def test_what_is_done_twice_counts_once(room: Classroom) -> None:
    for at in (1.0, 2.0):
        room.hear("a", Finished(lesson="pod", step="model"), at)
    room.hear("a", Finished(lesson="service", step="model"), 3.0)
    assert seat(room).done == 2


def test_the_first_answer_counts(room: Classroom) -> None:
    room.hear("a", answered("1/2"), 1.0)
    room.hear("a", answered("1/3", right=True), 2.0)
    room.hear("k", answered("1/3", right=True), 3.0)
    room.hear("k", answered("1/2"), 4.0)
    assert (seat(room, "Ada").missed, seat(room, "Kim").missed) == (1, 0)
    assert room.questions() == (
        Question(lesson="service", step="odds", asked=2, missed=1, wrong=(("1/2", 1),)),
    )


def test_hints_of_all_challenges_are_counted_and_never_fewer(room: Classroom) -> None:
    for step, count in (("one", 1), ("one", 3), ("one", 2), ("two", 1)):
        room.hear("a", Hinted(lesson="typo", step=step, count=count), 1.0)
    assert seat(room).hints == 4


def test_the_most_missed_comes_first(room: Classroom) -> None:
    for learner in "abcd":
        room.know(learner, learner)
    for learner, chosen in zip("abcd", ("x", "y", "y", "ok"), strict=True):
        room.hear(learner, answered(chosen, right=chosen == "ok", step="often"), 1.0)
        room.hear(learner, answered("x", right=learner != "a", step="seldom"), 1.0)
    room.hear("a", answered("x", step="by all who answered"), 1.0)
    room.hear("a", answered("ok", right=True, step="never"), 1.0)
    found = [(q.step, q.asked, q.missed, q.wrong) for q in room.questions()]
    assert found == [
        ("often", 4, 3, (("y", 2), ("x", 1))),
        ("by all who answered", 1, 1, (("x", 1),)),
        ("seldom", 4, 1, (("x", 1),)),
        ("never", 1, 0, ()),
    ]


# ---------------------------------------------------------------- the view


def test_who_needs_somebody_comes_first(room: Classroom) -> None:
    for learner, name in (("z", "Zoe"), ("b", "Bo"), ("c", "Cy")):
        room.know(learner, name)
    for learner, at in (("z", 0.0), ("k", 9 * MINUTE), ("b", 9 * MINUTE)):
        room.enter(learner, at)
        room.hear(learner, MODEL, at)
    seats = room.view(10 * MINUTE).seats
    assert [(each.name, each.stuck, each.here) for each in seats] == [
        ("Zoe", True, True),
        ("Bo", False, True),
        ("Kim", False, True),
        ("Ada", False, False),
        ("Cy", False, False),
    ]
    room.hear("z", WIRES, 10 * MINUTE)
    assert [each.name for each in room.view(10 * MINUTE).seats] == ["Bo", "Kim", "Zoe", "Ada", "Cy"]


def test_the_view_tells_whether_the_instructor_leads(room: Classroom) -> None:
    assert not room.view(0.0).leads
    room.leads = True
    assert room.view(0.0).leads


def test_the_view_of_a_large_and_hostile_class_fits_into_a_line() -> None:
    room = Classroom()
    wide = "\U00020000" * 80
    for number in range(2 * SEATS_SHOWN):
        learner, name = str(number), f"{wide[:40]}{number:04}"
        room.know(learner, name)
        room.enter(learner, 0.0)
        room.hear(learner, Visited(lesson=wide, step=wide), 0.0)
        for step in range(MISSES_SHOWN + 1):
            asked, chosen = f"{step:02}{wide}"[:80], f"{number}{wide}"[:80]
            room.hear(learner, Answered(lesson=wide, step=asked, chosen=chosen, right=False), 0.0)
    view = room.view(1e6)
    assert len(view.seats) == SEATS_SHOWN
    assert len(view.questions) == MISSES_SHOWN
    assert len(view.questions[0].wrong) == CHOICES_SHOWN
    assert len(line_of(view)) < LONGEST_LINE


def test_one_learner_cannot_fill_the_memory_of_the_class(room: Classroom) -> None:
    for number in range(REMEMBERED + 10):
        step = str(number)
        room.hear("a", Finished(lesson="x", step=step), 1.0)
        room.hear("a", Hinted(lesson="x", step=step, count=1), 1.0)
        room.hear("a", answered("x", step=step), 1.0)
    assert seat(room).done == seat(room).hints == seat(room).missed == REMEMBERED
