"""Holds training_death, collapse and rescue to their promises: twins, same seed same result, counts."""

import warnings

import numpy as np
import pytest

from leaky_lib import experiments
from leaky_lib.data import load, moons
from leaky_lib.experiments import Result, collapse, rescue, training_death
from leaky_lib.experiments.death import learned
from leaky_lib.networks import forward, initialise
from leaky_lib.optimisers import Adam
from leaky_lib.training import accuracy, gradients_of_loss, train
from leaky_lib.units import never_positive

SMALL = {"depth": 2, "width": 5, "steps": 24, "seeds": 6, "snapshots": 4}
DEADLY = {"depth": 3, "width": 6, "steps": 60, "seeds": 12, "snapshots": 12, "learning_rate": 2.0}


def assert_same(one: Result, other: Result) -> None:
    """Hold every array of one result to the first looks of another, to the last bit."""
    for measure, array in one.values.items():
        np.testing.assert_array_equal(array, other.values[measure][: len(array)], strict=True)


@pytest.fixture(scope="module")
def deaths() -> Result:
    """Large steps on moons: many units die, some revive."""
    return training_death(alphas=(0.0, 0.01, 0.1), **DEADLY)


@pytest.fixture(scope="module")
def runaways() -> Result:
    """Larger steps: whole layers die under ReLU, and most leaky networks diverge."""
    return training_death(alphas=(0.0, 0.01, 0.1), **{**DEADLY, "learning_rate": 6.0})


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, (0, 6, 12, 18, 24)),
        ({"data": "spirals", "optimiser": "adam", "learning_rate": 0.01}, (0, 6, 12, 18, 24)),
        ({"data": "digits", "learning_rate": 0.1, "steps": 3}, (0, 1, 2, 3)),
        ({"optimiser": "momentum", "learning_rate": 0.1, "batch": 50, "snapshots": 1}, (0, 24)),
    ],
)
def test_a_result_has_its_documented_shapes(changes, steps):
    settings = {**SMALL, "alphas": (0.0, 0.1), **changes}
    result = training_death(**settings)
    assert result.axes["step"] == steps
    assert result.axes["alpha"] == (0.0, 0.1)
    lengths = [len(axis) for axis in result.axes.values()]
    assert lengths == [len(steps), 2, 6, 2, 5]
    for measure in ("never_positive", "stuck"):
        assert list(result.values[measure].shape) == lengths
    for measure in ("loss", "accuracy", "diverged"):
        assert list(result.values[measure].shape) == lengths[:3]
    assert {name: result.settings[name] for name in settings} == settings
    assert result.progress == 1


def test_the_same_seed_gives_the_same_result_and_another_another():
    one, same, other = (training_death(seed=seed, batch=64, **SMALL) for seed in (3, 3, 4))
    assert_same(one, same)
    assert not np.isin(one.values["loss"], other.values["loss"]).any()


def test_more_seeds_do_not_change_the_first_ones():
    few, many = (training_death(**{**SMALL, "seeds": seeds}).values for seeds in (2, 6))
    np.testing.assert_array_equal(few["loss"], many["loss"][:, :, :2])
    np.testing.assert_array_equal(few["stuck"], many["stuck"][:, :, :2])


def test_warm_up_is_handed_to_the_optimiser():
    small = {**SMALL, "learning_rate": 0.05}
    cold, warmed = (training_death(**small, warm_up=steps).values["loss"] for steps in (0, 20))
    assert (warmed[0] == cold[0]).all()
    assert (warmed[-1] > cold[-1]).mean() > 0.8, "twenty of its 24 steps were smaller"


def test_live_ends_with_the_plain_result_and_stopping_it_keeps_its_beginning():
    full = training_death(**SMALL)
    looks = [look for look in training_death.live(**SMALL) if look is not None]
    for look in looks:
        assert_same(look, full)
    assert looks[-1].axes == full.axes
    assert [look.progress for look in looks] == sorted(look.progress for look in looks)


def test_the_first_look_is_at_the_networks_as_they_are_drawn(deaths):
    data = load("moons")
    start = initialise((2, 6, 6, 6, 2), seeds=12, alpha=(0.0, 0.01, 0.1))
    loss, trace = gradients_of_loss(start, data.train_x, data.train_y)
    first = deaths.at(step=0).values
    np.testing.assert_array_equal(first["loss"], loss)
    np.testing.assert_array_equal(first["accuracy"], accuracy(start, data.test_x, data.test_y))
    for layer in range(3):
        dead = np.all(trace.pre_activations[layer] <= 0, axis=-2)
        np.testing.assert_array_equal(first["never_positive"][:, :, layer], dead)


def test_twins_differ_in_nothing_but_their_slope():
    result = training_death(alphas=(0.0, 0.1, 0.0), batch=30, **SMALL)
    for array in result.values.values():
        np.testing.assert_array_equal(array[:, 0], array[:, 2])
    loss = result.values["loss"]
    assert np.all(loss[:, 0] != loss[:, 1])
    alone = training_death(alphas=(0.1,), batch=30, **SMALL)
    np.testing.assert_array_equal(alone.values["loss"][:, 0], loss[:, 1])


def test_a_relu_unit_that_is_never_positive_is_stuck_and_a_leaky_one_need_not_be(deaths, runaways):
    for result in (deaths, runaways):
        relu = result.at(alpha=0).values
        finite = ~relu["diverged"]
        assert relu["never_positive"][finite].sum() > 10
        assert np.all(relu["stuck"][finite][relu["never_positive"][finite]])
    leaky = deaths.at(alpha=0.1).values
    finite = ~leaky["diverged"]
    never = leaky["never_positive"][finite]
    assert never.sum() > 10
    assert leaky["stuck"][finite][never].mean() < 0.5


def test_a_unit_of_a_linear_network_is_never_stuck_at_the_start():
    assert not training_death(alphas=(1.0,), **SMALL).at(step=0).values["stuck"].any()


def test_networks_that_diverge_are_counted_and_have_no_share(runaways):
    diverged = runaways.values["diverged"]
    assert 0 < diverged[-1].sum() < diverged[-1].size
    for measure in ("never_positive", "stuck", "accuracy"):
        np.testing.assert_array_equal(np.isnan(runaways.of(measure)), diverged[-1])
    assert not np.any(diverged[:-1] & ~diverged[1:]), "once diverged, always diverged"
    for alpha in (0.0, 0.01, 0.1):
        assert runaways.mean("stuck", alpha=alpha).networks == 12 - runaways.count("diverged", alpha=alpha)


def test_where_all_networks_diverged_there_is_no_share_but_a_summary():
    result = training_death(alphas=(1.0,), **{**SMALL, "learning_rate": 1e20})
    assert result.mean("stuck", alpha=1).networks == 0
    (row,) = result.summary().rows
    assert row[1:4] == ("–", "–", "6 of 6")


@pytest.mark.parametrize(("steps", "looks"), [(39, 20), (40, 20), (5, 5), (100, 20)])
def test_there_are_no_more_looks_than_asked_for(steps, looks):
    result = training_death(alphas=[0.1], seeds=1, steps=steps, width=3, snapshots=20)
    assert len(result.axes["step"]) == looks + 1


def test_a_bare_slope_is_a_list_of_one():
    assert training_death(alphas=0.1, seeds=2, steps=4, width=3).axes["alpha"] == (0.1,)


def test_unless_told_digits_come_in_batches_of_a_hundred_and_toy_data_all_at_once():
    few = {"depth": 1, "width": 4, "seeds": 1, "steps": 2, "snapshots": 1, "learning_rate": 0.1}
    for name, batch in (("digits", 100), ("spirals", 256), ("moons", 256)):
        told, untold = (training_death(data=name, batch=size, **few) for size in (batch, None))
        np.testing.assert_array_equal(told.values["loss"], untold.values["loss"])


# --- Bad arguments


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": "mnist"}, ValueError, r"data must be one of 'moons', .*; got 'mnist'"),
        ({"data": "absolute_value"}, ValueError, r"data must be a classification .*got 'absolute_value'"),
        ({"alphas": (0.0, np.nan)}, ValueError, r"alphas must be finite in float32; got [^a-z]*nan"),
        ({"alphas": (0.0, 1e39)}, ValueError, r"alphas must be finite"),
        ({"depth": 0}, ValueError, r"depth must be at least 1; got 0"),
        ({"width": 0}, ValueError, r"width must be at least 1; got 0"),
        ({"optimiser": "rmsprop"}, ValueError, r"optimiser must be one of 'sgd', .*; got 'rmsprop'"),
        (
            {"learning_rate": -1},
            ValueError,
            r"learning_rate must be a finite number of at least 0; got -1",
        ),
        ({"learning_rate": "fast"}, TypeError, r"learning_rate must be a number; got str 'fast'"),
        ({"steps": 0}, ValueError, r"steps must be at least 1; got 0"),
        ({"batch": 0}, ValueError, r"batch must be at least 1; got 0"),
        ({"batch": 257}, ValueError, r"batch must be at most 256; got 257"),
        ({"seeds": 0}, ValueError, r"seeds must be at least 1; got 0"),
        ({"snapshots": 0}, ValueError, r"snapshots must be at least 1; got 0"),
        ({"seed": -1}, ValueError, "seed must be at least 0; got -1"),
        ({"normalised": "no"}, TypeError, "normalised must be True or False; got str 'no'"),
        ({"bias": "a"}, TypeError, "bias must be a number; got str 'a'"),
        ({"gain": "2"}, TypeError, r"gain must be real numbers .*; got str of dtype <U1"),
        ({"warm_up": -1}, ValueError, "warm_up must be at least 0; got -1"),
    ],
)
def test_a_bad_setting_is_refused_at_the_call(changes, error, message):
    with pytest.raises(error, match=f"^{message}"):
        training_death.live(**{**SMALL, **changes})


@pytest.mark.parametrize(
    ("experiment", "name"),
    [
        (training_death, "alphas"),
        (experiments.collapse, "alphas"),
        (experiments.rescue, "alphas"),
        (experiments.signal, "alphas"),
        (experiments.divergence, "alphas"),
    ],
)
@pytest.mark.parametrize(
    ("slopes", "error", "message"),
    [
        ("0.1", TypeError, "must be real numbers .*; got str of dtype <U3"),
        ([0.1, "PReLU"], TypeError, "must be real numbers .*; got list of dtype <U32"),
        (None, TypeError, "must be real numbers .*; got NoneType of dtype object"),
        ([0.1, [0.2, 0.3]], TypeError, "must be an array of real numbers; got a ragged sequence"),
        ([], ValueError, r"must be one number or a flat, non-empty sequence; got shape \(0,\)"),
        ([[0.1]], ValueError, r"must be one number or a flat, non-empty sequence; got shape \(1, 1\)"),
    ],
)
def test_slopes_that_are_none_are_named(experiment, name, slopes, error, message):
    with pytest.raises(error, match=f"^{name} {message}$"):
        experiment(**{name: slopes})


@pytest.mark.parametrize("experiment", [training_death, experiments.collapse, experiments.rescue])
def test_so_many_seeds_are_asked_for_not_which(experiment):
    with pytest.raises(TypeError, match=r"^seeds must be a whole number; got range range\(2, 5\)"):
        experiment(seeds=range(2, 5))


@pytest.mark.parametrize("experiment", [experiments.sweep, training_death])
def test_data_are_asked_for_by_name(experiment):
    with pytest.raises(ValueError, match=r"^data must be one of 'moons', .*; got Dataset\("):
        experiment(data=load("moons"))


def test_an_unknown_setting_is_refused_by_name():
    with pytest.raises(TypeError, match="layers"):
        training_death(layers=3)


# --- Convolutional networks


SMALL_CONVOLUTIONAL = {
    **{"data": "digits", "network": "convolutional", "depth": 2, "width": 3, "alphas": (0.0, 0.1)},
    **{"steps": 6, "batch": 20, "seeds": 3, "snapshots": 2, "look_at": 30},
}


def convolutional_death(**settings):
    return training_death(**{**SMALL_CONVOLUTIONAL, **settings})


def test_channels_are_counted_layer_by_layer():
    result = convolutional_death(bias=-50.0)
    assert result.values["never_positive"].shape == (3, 2, 3, 2, 3)
    assert result.mean("never_positive", alpha=0, layer=0).value == 1
    assert convolutional_death().mean("never_positive", alpha=0, layer=0).value < 0.5


def test_a_normalised_network_keeps_its_channels():
    hot = {"depth": 6, "width": 6, "optimiser": "adam", "learning_rate": 0.05, "steps": 30, "batch": 60}
    plain, normalised = (convolutional_death(**hot, normalised=choice) for choice in (False, True))
    assert plain.mean("never_positive", alpha=0).value > 0.1
    assert normalised.mean("never_positive", alpha=0).value < 0.05


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": "recurrent"}, "network must be one of 'dense', 'convolutional'; got 'recurrent'"),
        ({"data": "moons"}, "a convolutional network has .*, such as the digits' 64; got widths"),
    ],
)
def test_a_convolutional_network_wants_digits(settings, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        convolutional_death(**settings)


def test_a_look_at_many_large_networks_can_be_called_off_between_them():
    settings = {
        "depth": 8,
        "width": 8,
        "steps": 1,
        "batch": 10,
        "seeds": 12,
        "snapshots": 1,
        "look_at": 240,
    }
    looks = training_death.live(**{**SMALL_CONVOLUTIONAL, **settings})
    known = [0 if look is None else len(look.axes["step"]) for look in looks]
    assert known == sorted(known)
    assert known.count(0) > 1, "within the first look"
    assert known.count(1) > 2, "within the second"


# --- Collapse


@pytest.fixture(scope="module")
def collapsed() -> Result:
    return collapse(seeds=20, steps=300, alphas=(0.0, 0.3))


def test_most_relu_networks_collapse_and_leaky_ones_learn(collapsed):
    assert collapsed.share("constant", alpha=0).low > 0.6
    assert collapsed.share("constant", alpha=0.3).high < 0.4
    assert collapsed.share("solved", alpha=0.3).value > collapsed.share("solved", alpha=0).value


@pytest.mark.parametrize(("share_of_the_target", "constant"), [(0.009, True), (0.011, False)])
def test_constant_is_what_varies_by_less_than_a_hundredth_of_what_it_should(share_of_the_target, constant):
    target = np.abs(np.linspace(-np.sqrt(3), np.sqrt(3), 9))
    assert learned(share_of_the_target * target, target)["constant"] == constant


def test_a_network_that_diverged_is_neither_constant_nor_solved():
    x = np.linspace(-1, 1, 9)
    flat, solved = np.full(9, 0.5), np.abs(x)
    output = [np.full(9, np.nan), np.full(9, np.inf), np.where(x > 0, np.nan, 0), flat, solved]
    with warnings.catch_warnings(action="error"):
        found = learned(np.array(output, np.float32), np.abs(x))
    assert found["diverged"].tolist() == [True, True, True, False, False]
    assert found["constant"].tolist() == [False, False, False, True, False]
    assert found["solved"].tolist() == [False, False, False, False, True]


def test_the_same_seed_gives_the_same_curves(collapsed):
    *_, last = collapse.live(seeds=20, steps=300, alphas=(0.0, 0.3))
    np.testing.assert_array_equal(last.values["output"], collapsed.values["output"])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"steps": 0}, "steps must be at least 1"),
        ({"snapshots": 0}, "snapshots must be at least 1"),
        ({"examples": 1}, "examples must be at least 2"),
        ({"optimiser": "best"}, "optimiser must be one of"),
        ({"alphas": [np.inf]}, "alphas must be finite"),
    ],
)
def test_bad_settings_of_collapse_are_named_at_the_call(bad, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        collapse.live(**bad)


# --- Rescue


@pytest.fixture(scope="module")
def rescued() -> Result:
    return rescue(seeds=8)


def test_all_copies_are_the_same_until_the_swap_and_two_until_the_way_back(rescued):
    steps, never = np.array(rescued.axes["step"]), rescued.values["never_positive"]
    for measure in ("never_positive", "accuracy"):
        before = rescued.values[measure][steps <= 200]
        assert (before == before[:, :1]).all()
    assert np.array_equal(never[steps <= 400, 2], never[steps <= 400, 3])
    assert not np.array_equal(never[-1, 2], never[-1, 3])


def test_a_leak_brings_units_and_accuracy_back(rescued):
    stayed, *others = rescued.axes["course"]
    assert stayed == "stay ReLU"
    for course in others:
        assert rescued.paired("accuracy", course=course).low > 0
        never = rescued.mean("never_positive", course=course)
        assert never.high < rescued.mean("never_positive", course=stayed).low


def test_it_begins_with_relu_networks_of_which_more_than_half_of_the_units_are_dead():
    first = next(filter(None, rescue.live()))
    fresh = initialise([2, 16, 16, 16, 2], seeds=40, alpha=0.0, bias=-1.0)
    dead = [never_positive(z) for z in forward(fresh, moons(examples=128).train_x).pre_activations[:-1]]
    for course in first.axes["course"]:
        np.testing.assert_allclose(first.of("never_positive", course=course), np.mean(dead, axis=(0, 2)))
    assert np.mean(dead) == pytest.approx(0.63, abs=0.02), "six in ten, says its documentation"


def test_the_copy_that_stays_is_trained_plainly_on_128_moons():
    dataset = moons(examples=128)
    start = initialise([2, 16, 16, 16, 2], seeds=8, alpha=0.0, bias=-1.0)
    *_, end = train(start, dataset.train_x, dataset.train_y, steps=300, optimiser=Adam(0.01))
    stayed = rescue(seeds=8, steps=300, back=300).of("accuracy", course="stay ReLU")
    np.testing.assert_array_equal(stayed, accuracy(end.ensemble, dataset.test_x, dataset.test_y))


def test_a_run_that_never_swaps_changes_nothing():
    still = rescue(seeds=3, steps=40, swap=40, back=40).values["accuracy"]
    assert (still == still[:, :1]).all()


def test_a_rescued_network_that_diverged_has_no_share_of_dead_units():
    result = rescue(optimiser="momentum", learning_rate=1.0, seeds=6)
    diverged = [result.count("diverged", course=course) for course in result.axes["course"]]
    assert diverged[0] == 0, "ReLU stays finite here"
    assert 0 < diverged[2] < 6
    for course, count in zip(result.axes["course"], diverged, strict=True):
        assert result.mean("never_positive", course=course).networks == 6 - count


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"swap": -1}, "swap must be at least 0"),
        ({"back": -1}, "back must be at least 0"),
        ({"steps": 300}, r"swap <= back <= steps; got swap=200, back=400, steps=300"),
        ({"swap": 400, "back": 200}, r"swap <= back <= steps; got swap=400, back=200, steps=600"),
        ({"bias": np.nan}, "bias must be a finite number; got nan"),
        ({"alphas": [np.nan]}, "alphas must be finite"),
    ],
)
def test_bad_settings_of_rescue_are_named_at_the_call(bad, words):
    with pytest.raises(ValueError, match=words):
        rescue.live(**bad)
