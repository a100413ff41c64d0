"""Traffic: motion against closed forms, outcomes that follow from it, targets met, and weights that undo them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators._traffic.episodes import (
    CAR,
    DRAWN,
    LANE,
    LIGHTS,
    NAMES,
    OVER_MARKING,
    SCENARIOS,
    WEATHERS,
    Episodes,
    code,
    episodes,
)
from bimetal.generators._traffic.motion import HORIZON, TRACES, across, idm, simulate, time_to_collision
from bimetal.generators.traffic import KINDS, NUMBERS, Traffic
from bimetal.payload import payload_columns
from bimetal.types import Target


def drawn(n=2048, seed=1, targets=(), **settings):
    return pa.Table.from_batches(Traffic(**settings)(n, np.random.default_rng(seed), targets=targets))


CALM = {  # at 20 m/s behind a leader 50 m ahead that drives alike
    **dict.fromkeys(("speed", "other_speed"), 20.0),
    **dict.fromkeys(("manoeuvre_time", "period", "sight"), np.inf),
    **dict.fromkeys(("other_deceleration", "event_time", "lateral", "lateral_speed", "reaction"), 0.0),
    "desired_speed": 30.0,
    "gap": 50.0,
    "friction": 0.8,
    "headway": 1.5,
    "acceleration": 1.0,
    "comfort": 1.5,
    "standstill": 2.0,
}


def made(scenario, **numbers):
    """Episodes by hand: calm ones but for the numbers given, each one for all or shape (n,)."""
    n = max(np.size(value) for value in [0.0, *numbers.values()])
    kinds = {"scenario": np.full(n, code(scenario)), "weather": np.zeros(n, int), "light": np.zeros(n, int)}
    return Episodes(
        **kinds, **{name: np.broadcast_to(value, n).astype(float) for name, value in {**CALM, **numbers}.items()}
    )


def some(scenario, n=256, seed=0):
    rng = np.random.default_rng(seed)
    kinds = np.stack([np.full(n, code(scenario)), rng.integers(0, 3, n), rng.integers(0, 3, n)], axis=1)
    return episodes(kinds, rng.random((n, len(DRAWN))))


def changed(start, **columns):
    return Episodes(**{name: columns.get(name, getattr(start, name)) for name in NAMES})


def read_back(rows):
    """Make episodes of a table's columns."""
    codes = {kind: np.array([names.index(each) for each in rows[kind].to_pylist()]) for kind, names in KINDS.items()}
    return Episodes(**codes, **{name: rows[name].fill_null(np.inf).to_numpy() for name in NUMBERS})


# --- time to collision -------------------------------------------------------------------------------------------


def ttc(gap, closing, aside=0.0, nearing=0.0, length=10.0, width=1.8):
    pairs = ((gap, aside), (closing, nearing), (length, width))
    return time_to_collision(*((np.array([x]), np.array([y])) for x, y in pairs))[0]


@given(st.floats(0.1, 500), st.floats(0.1, 60))
def test_on_one_path_time_to_collision_is_gap_over_closing_speed(gap, closing):
    assert ttc(gap, closing) == pytest.approx(gap / closing)


@pytest.mark.parametrize(
    ("gap", "closing", "aside", "nearing", "expected"),
    [
        (20, -1, 0, 0, np.inf),  # it drives away
        (20, 0, 0, 0, np.inf),  # it keeps its distance
        (20, 5, 3, 0, np.inf),  # beside, and stays there
        (20, 5, 3, 0.5, 4.0),  # over before the bumper is there
        (20, 5, 3, 0.25, 4.8),  # alongside when it comes over: (3 - 1.8) / .25
        (20, 5, 3, 0.1, np.inf),  # passed by then: (20 + 10) / 5 < (3 - 1.8) / .1
        (20, 5, 1, 2.0, np.inf),  # gone across before the bumper is there: (1 + 1.8) / 2 < 4
        (-12, 5, 0, 0, np.inf),  # behind already
        (-12, -4, 0, 0, 0.5),  # from behind it runs into the ego: (12 - 10) / 4
    ],
)
def test_boxes_in_the_plane_meet_when_they_overlap_both_ways(gap, closing, aside, nearing, expected):
    assert ttc(gap, closing, aside, nearing) == pytest.approx(expected)


def test_nobody_reacting_the_gap_shrinks_evenly_until_contact_at_the_closing_speed():
    rng = np.random.default_rng(2)
    closing, gap = rng.uniform(0.5, 15, 400), rng.uniform(20, 80, 400)
    came = simulate(made("hard_brake", other_speed=20 - closing, gap=gap, reaction=np.inf))
    meets = gap / closing
    in_time = meets < HORIZON
    assert came.collision[meets < HORIZON - 0.1].all()
    assert not came.collision[~in_time].any()
    hit = came.collision
    np.testing.assert_allclose(came.impact_speed[hit], closing[hit])
    np.testing.assert_array_equal(came.lasted[hit], np.ceil(meets[hit] / 0.1) + 1)
    np.testing.assert_allclose(came.min_ttc[~in_time], meets[~in_time] - HORIZON)
    np.testing.assert_allclose(came.min_gap[~in_time], (gap - HORIZON * closing)[~in_time])


# --- motion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0.1, 0.03])
def test_full_braking_takes_the_square_of_the_speed_over_twice_the_deceleration(step):
    rng = np.random.default_rng(3)
    speed, friction = rng.uniform(5, 35, 300), rng.uniform(0.3, 0.9, 300)
    # So long a gap is wanted at a standstill that the model always brakes as hard as the road allows.
    run = simulate(made("hard_brake", speed=speed, friction=friction, gap=1000, standstill=1e6), step, record=True)
    stops = speed / (friction * 9.81) < HORIZON - step
    assert stops.sum() > 250
    np.testing.assert_allclose(run.max_deceleration, friction * 9.81)
    travelled = run.traces[-1, TRACES.index("ego_x")]
    np.testing.assert_allclose(travelled[stops], (speed**2 / (2 * friction * 9.81))[stops], rtol=1e-9)


def test_at_the_equilibrium_gap_nothing_changes():
    # Treiber, Hennecke and Helbing 2000: the gap at which the model's acceleration is zero at equal speeds.
    rng = np.random.default_rng(4)
    speed, headway, standstill = rng.uniform(2, 28, 300), rng.uniform(0.6, 3, 300), rng.uniform(1, 4, 300)
    gap = (standstill + speed * headway) / np.sqrt(1 - (speed / 30) ** 4)
    start = made("following", speed=speed, other_speed=speed, headway=headway, standstill=standstill, gap=gap)
    np.testing.assert_allclose(idm(start, speed, gap, np.zeros(300)), 0, atol=1e-9)
    run = simulate(start, record=True)
    np.testing.assert_allclose(run.traces[-1, TRACES.index("ego_speed")], speed)
    np.testing.assert_allclose(run.min_gap, gap)


def test_from_anywhere_a_follower_settles_at_the_equilibrium_gap():
    gap = (2 + 10 * 1.5) / np.sqrt(1 - (10 / 30) ** 4)
    start = made("following", speed=14.0, other_speed=10.0, gap=30.0, acceleration=2.0)
    run = simulate(start, record=True)
    last = run.traces[-1, :, 0]
    assert last[TRACES.index("other_x")] - last[TRACES.index("ego_x")] == pytest.approx(gap, rel=0.1)


def test_a_free_road_is_driven_at_the_desired_speed():
    start = made("dart_out", desired_speed=20.0, gap=1000.0, lateral=-9.0)
    run = simulate(start, record=True)
    np.testing.assert_allclose(run.traces[:, TRACES.index("ego_speed")], 20)


def test_while_the_driver_reacts_the_speed_stays():
    start = made("hard_brake", other_deceleration=5.0, event_time=1.0, reaction=1.5, gap=60.0)
    speed = simulate(start, record=True).traces[:, TRACES.index("ego_speed"), 0]
    assert np.ptp(speed[10:26]) < 1e-9
    assert speed[27] < speed[25] - 0.1


def test_a_lane_change_is_smooth_and_crosses_the_marking_when_the_driver_behind_may_notice():
    start = made("cut_in", manoeuvre_time=4.0, lateral=LANE)
    times = np.linspace(0, 4, 401)
    aside, nearing = (np.array(each)[:, 0] for each in zip(*(across(start, time) for time in times), strict=True))
    assert (np.diff(aside) <= 0).all()
    assert aside[[0, -1]].tolist() == [LANE, 0]
    assert nearing[[0, -1]].tolist() == [0, 0]
    np.testing.assert_allclose(np.gradient(-aside, times)[1:-1], nearing[1:-1], atol=1e-3)
    assert across(start, 4 * OVER_MARKING)[0][0] - CAR[1] / 2 == pytest.approx(LANE / 2, abs=1e-3)


# --- every episode -------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(list(SCENARIOS)))
def test_whatever_is_drawn_speeds_stay_above_zero_and_collisions_are_gaps_closed(seed, scenario):
    start = some(scenario, 128, seed)
    came = simulate(start, record=True)
    for name in ("ego_speed", "other_speed"):
        assert (came.traces[:, TRACES.index(name)] >= 0).all()
    assert (np.diff(came.traces[:, TRACES.index("ego_x")], axis=0) >= 0).all()
    assert (came.collision == (came.min_gap <= 0)).all()
    assert (came.collision == (came.min_ttc == 0)).all()
    assert (came.min_ttc >= 0).all()
    assert (came.max_deceleration <= start.limit + 1e-9).all()
    assert (came.impact_speed[~came.collision] == 0).all()
    assert ((came.lasted < len(came.traces)) <= came.collision).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.3, 0.95))
def test_a_slipperier_road_never_leaves_more_time_behind_who_brakes_hard(seed, part):
    start = some("hard_brake", 256, seed)
    # Braking as hard as the road allows from the moment of reaction, all that is left to vary is the road.
    fully = changed(start, standstill=np.full(256, 1e6))
    grippy, slippery = simulate(fully), simulate(changed(fully, friction=start.friction * part))
    assert (slippery.min_ttc <= grippy.min_ttc + 1e-9).all()
    assert (slippery.min_gap <= grippy.min_gap + 1e-9).all()


def test_drivers_who_hold_back_seldom_gain_from_a_slipperier_road_and_never_escape_by_it():
    # The model does not brake fully at once: who is held back early brakes longer, and 3 in 1,000 gain time by it.
    start = some("hard_brake", 2048)
    grippy, slippery = simulate(start), simulate(changed(start, friction=start.friction * 0.5))
    assert (slippery.collision >= grippy.collision).all()
    assert (slippery.min_ttc > grippy.min_ttc + 1e-9).mean() < 0.01
    assert slippery.min_ttc.mean() < grippy.min_ttc.mean()


@pytest.mark.parametrize("scenario", ["hard_brake", "cut_in", "dart_out"])
def test_who_reacts_later_collides_more(scenario):
    start = some(scenario, 2048)
    later = changed(start, reaction=start.reaction + 0.5)
    assert simulate(later).collision.mean() > simulate(start).collision.mean() + 0.01


def test_night_hides_people_and_snow_lengthens_stops():
    uniforms = np.random.default_rng(3).random((2048, len(DRAWN)))
    day, night = (episodes(np.tile([code("dart_out"), 0, light], (2048, 1)), uniforms) for light in (0, 2))
    assert simulate(night).collision.sum() > simulate(day).collision.sum()
    assert simulate(changed(day, friction=day.friction / 4)).collision.sum() > simulate(day).collision.sum()


# --- rows ----------------------------------------------------------------------------------------------------------


def test_rows_can_be_driven_again_from_their_columns():
    rows = drawn(500)
    came = simulate(read_back(rows))
    assert came.collision.tolist() == rows["_collision"].to_pylist()
    np.testing.assert_array_equal(came.min_ttc, rows["_min_ttc"].fill_null(np.inf).to_numpy())
    np.testing.assert_array_equal(came.max_deceleration, rows["_max_deceleration"].to_numpy())


def test_labels_and_bands_follow_from_the_edges():
    for row in drawn(1024, ttc_edges=(1.0, 2.5)).to_pylist():
        least = np.inf if row["_min_ttc"] is None else row["_min_ttc"]
        assert row["_ttc"] == ("<1" if least < 1 else "1-2.5" if least < 2.5 else ">=2.5")
        assert row["label"] == ("collision" if row["_collision"] else "near_miss" if least < 1 else "safe")
        assert (row["_impact_speed"] is not None) == row["_collision"]


def test_what_came_of_an_episode_is_no_payload_to_a_learner():
    visible = [name for name in payload_columns(drawn(1)) if not name.startswith("_")]
    assert set(visible) == {*KINDS, *NUMBERS}


def test_trajectories_begin_where_the_row_says_and_end_at_contact():
    rows = drawn(128, scenario="dart_out", trajectories=True).to_pylist()
    for row in rows:
        lengths = {len(row[f"_{name}"]) for name in TRACES}
        assert len(lengths) == 1
        assert (lengths == {151}) or row["_collision"]
        assert row["_other_x"][0] == pytest.approx(row["gap"])
        assert row["_ego_speed"][0] == pytest.approx(row["speed"])
        gap = np.subtract(row["_other_x"], row["_ego_x"])
        if row["_collision"]:
            assert gap[-1] <= 0
    assert {row["_collision"] for row in rows} == {True, False}
    plain = drawn(128, scenario="dart_out")
    assert plain["_min_ttc"].to_pylist() == [row["_min_ttc"] for row in rows]


# --- targets -------------------------------------------------------------------------------------------------------


def share(rows, target):
    return rows["_ttc" if target.column == "ttc" else target.column].to_pylist().count(target.value) / rows.num_rows


@pytest.mark.parametrize(
    "targets",
    [
        (Target("scenario", "dart_out", 0.5), Target("light", "dusk", 0.5), Target("ttc", "<1.5", 0.5)),
        (Target("label", "collision", 0.3), Target("label", "near_miss", 0.3), Target("weather", "snow", 0.4)),
        (Target("ttc", "<1.5", 1.0), Target("scenario", "cut_in", 1.0)),
        (Target("scenario", "hard_brake", 0.7), Target("light", "night", 0.6)),
    ],
)
def test_inputs_and_outcomes_are_met_at_once(targets):
    rows = drawn(2048, targets=targets)
    for target in targets:
        # Shares of outcomes were planned on finitely many episodes: two points more than sampling error.
        assert share(rows, target) == pytest.approx(
            target.share, abs=0.02 + 3 * np.sqrt(target.share * (1 - target.share) / 2048)
        )


@pytest.fixture(scope="module")
def natural():
    return drawn(30720, seed=77)


@pytest.mark.parametrize(
    "targets",
    [
        (Target("label", "collision", 0.4),),
        (Target("scenario", "dart_out", 0.5), Target("light", "dusk", 0.5), Target("ttc", "<1.5", 0.5)),
        (Target("weather", "snow", 0.5),),
    ],
)
def test_weights_recover_what_an_unsteered_draw_shows(natural, targets):
    rows = drawn(6144, seed=5, targets=targets)
    weight = rows["_weight"].to_numpy()
    assert weight.mean() == pytest.approx(1, abs=0.1)
    values = {
        "collision": lambda table: table["_collision"].to_numpy(zero_copy_only=False).astype(float),
        "near miss": lambda table: np.array(table["label"].to_pylist()) == "near_miss",
        "dart-out": lambda table: np.array(table["scenario"].to_pylist()) == "dart_out",
        "speed": lambda table: table["speed"].to_numpy(),
    }
    for name, value in values.items():
        truth, steered = value(natural), value(rows)
        mean = weight @ steered / weight.sum()
        error = np.sqrt(((weight * (steered - mean)) ** 2).sum()) / weight.sum()
        both = np.hypot(error, truth.std() / np.sqrt(len(truth)))
        assert abs(mean - truth.mean()) < 3.5 * both, name


def test_an_unsteered_draw_weighs_one():
    assert set(drawn(100)["_weight"].to_pylist()) == {1.0}


def test_natural_shares_are_the_priors():
    rows = drawn(20480)
    for column, shares in (("scenario", SCENARIOS), ("weather", WEATHERS), ("light", LIGHTS)):
        for value, prior in shares.items():
            assert share(rows, Target(column, value, prior)) == pytest.approx(prior, abs=4 * np.sqrt(prior / 20480))


def test_a_row_depends_on_no_n_where_outcomes_are_steered():
    targets = (Target("label", "near_miss", 0.5),)
    assert drawn(2100, targets=targets).slice(0, 70).equals(drawn(70, targets=targets).combine_chunks())


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        ([("speed", "20", 0.5)], "no column 'speed' can be steered; name one of: scenario, weather, light"),
        ([("ttc", "<2", 0.5)], "ttc is never '<2' here; choose one of: 1.5-3, 3-6, <1.5, >=6"),
        ([("scenario", "following", 1.0), ("label", "collision", 0.5)], "the other targets leave no room for it"),
        ([("label", "safe", 0.7), ("ttc", "<1.5", 0.6)], "contradict each other"),
        ([("label", "collision", 0.7), ("label", "safe", 0.7)], "more than the whole draw"),
    ],
)
def test_targets_that_cannot_be_met_say_which_and_why(targets, reason):
    with pytest.raises(InputError, match=reason.replace("+", r"\+")):
        Traffic()(1, np.random.default_rng(0), targets=tuple(Target(*each) for each in targets))


def test_a_target_that_takes_too_much_effort_says_how_much():
    with pytest.raises(
        InputError, match=r"label = 'collision' at 0.9 \(0.03\d* .*candidate episodes a row, more than effort = 3"
    ):
        Traffic(effort=3)(1, np.random.default_rng(0), targets=(Target("label", "collision", 0.9),))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"scenario": "u_turn"}, "scenario is 'u_turn'"),
        ({"step": 0.5}, "step is 0.5, expected 0.01 to 0.1 seconds"),
        ({"step": "fast"}, "step is 'fast'"),
        ({"ttc_edges": (3.0, 1.5)}, "expected seconds above 0 in rising order"),
        ({"ttc_edges": ()}, "ttc_edges is"),
        ({"ttc_edges": (0.0, 1.0)}, "ttc_edges is"),
        ({"ttc_edges": (1.0, float("nan"))}, "ttc_edges is"),
        ({"ttc_edges": (1.0, float("inf"))}, "ttc_edges is"),
        ({"ttc_edges": 1.5}, "ttc_edges is 1.5"),
        ({"effort": 0}, "effort is 0"),
        ({"trajectories": "yes"}, "trajectories is 'yes'"),
    ],
)
def test_bad_arguments_are_named(bad, reason):
    with pytest.raises(InputError, match=reason):
        Traffic(**bad)
