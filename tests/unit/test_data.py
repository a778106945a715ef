"""Holds the data sets to what they document: shapes, ranges, seeds, splits, and the digits' source."""

import numpy as np
import pytest

from leaky_lib.data import absolute_value, bell, classification, digits, hold_out, load, moons, spirals

TOYS = [moons, spirals]


def rows(x: np.ndarray) -> set[tuple]:
    return set(map(tuple, x.tolist()))


@pytest.mark.parametrize(
    ("name", "train", "test", "features", "outputs"),
    [
        ("moons", 256, 256, 2, 2),
        ("spirals", 256, 256, 2, 2),
        ("absolute_value", 64, 129, 1, 1),
        ("digits", 1437, 360, 64, 10),
    ],
)
def test_every_data_set_has_its_documented_form(name, train, test, features, outputs):
    loaded = load(name)
    assert loaded.name == name
    assert (loaded.features, loaded.outputs) == (features, outputs)
    for x, y, examples in ((loaded.train_x, loaded.train_y, train), (loaded.test_x, loaded.test_y, test)):
        assert x.shape == (examples, features)
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
        if name != "absolute_value":
            assert y.shape == (examples,)
            assert y.dtype.kind == "i"
            assert set(y.tolist()) == set(range(outputs))
        else:
            assert y.shape == (examples, outputs)
            assert y.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("moons", moons(256, noise=0.15, seed=0)),
        ("spirals", spirals(256, noise=0.03, seed=0)),
    ],
)
def test_a_data_set_by_name_is_the_one_that_its_documentation_describes(name, asked):
    np.testing.assert_array_equal(load(name).train_x, asked.train_x)
    np.testing.assert_array_equal(load(name).test_x, asked.test_x)


@pytest.mark.parametrize("make", TOYS)
@pytest.mark.parametrize("examples", [2, 3, 100, np.int64(101)])
def test_both_classes_are_as_large(make, examples):
    made = make(examples=examples)
    for x, y in ((made.train_x, made.train_y), (made.test_x, made.test_y)):
        assert len(x) == len(y) == examples
        ones = int((y == 1).sum())
        assert abs(ones - (examples - ones)) <= 1


@pytest.mark.parametrize("make", TOYS)
def test_the_seed_decides_the_points(make):
    one, same, other = make(seed=4), make(seed=4), make(seed=5)
    np.testing.assert_array_equal(one.train_x, same.train_x)
    np.testing.assert_array_equal(one.test_x, same.test_x)
    assert not rows(one.train_x) & rows(other.train_x)


@pytest.mark.parametrize("name", ["moons", "spirals", "digits"])
def test_no_example_is_trained_on_and_tested_with(name):
    loaded = load(name)
    assert len(rows(loaded.train_x)) == len(loaded.train_x)
    assert len(rows(loaded.test_x)) == len(loaded.test_x)
    assert not rows(loaded.train_x) & rows(loaded.test_x)


def test_moons_without_noise_lie_on_two_half_circles():
    made = moons(noise=0.0)
    for x, y in ((made.train_x, made.train_y), (made.test_x, made.test_y)):
        x = x + np.array([0.5, 0.25])  # they are shifted to the middle
        upper, lower = x[y == 0], x[y == 1]
        np.testing.assert_allclose(np.hypot(*upper.T), 1, atol=1e-6)
        np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, atol=1e-6)
        assert upper[:, 1].min() >= -1e-6
        assert lower[:, 1].max() <= 0.5 + 1e-6


def test_spirals_without_noise_are_two_arms_half_a_turn_apart():
    made = spirals(noise=0.0)
    radius = np.hypot(*made.train_x.T.astype(float)) / 1.5
    assert radius.min() >= 0.02**0.5 - 1e-6
    assert radius.max() <= 1 + 1e-6
    # Turned back by its radius, a point of arm 0 lies to the right, one of arm 1 to the left.
    unwound = np.arctan2(*made.train_x.T[::-1].astype(float)) - 3 * np.pi * radius
    np.testing.assert_allclose(np.cos(unwound), 1 - 2 * made.train_y, atol=1e-4)


@pytest.mark.parametrize(("make", "noise"), [(moons, 0.15), (moons, 0.5), (spirals, 0.03), (spirals, 0.4)])
def test_the_noise_has_the_deviation_asked_for(make, noise):
    noisy, clean = make(examples=4000, noise=noise), make(examples=4000, noise=0.0)
    # The same seed places the training points the same before the noise is drawn.
    moved = noisy.train_x.astype(float) - clean.train_x
    assert moved.std() == pytest.approx(noise, rel=5 / (2 * moved.size) ** 0.5)
    assert abs(moved.mean()) < 5 * noise / moved.size**0.5


@pytest.mark.parametrize("examples", [2, 7, 64])
def test_the_absolute_value_of_x_is_the_absolute_value_of_x(examples):
    made = absolute_value(examples)
    for x, y, points in (
        (made.train_x, made.train_y, examples),
        (made.test_x, made.test_y, 2 * examples + 1),
    ):
        assert len(x) == points
        assert y.tolist() == [[abs(number)] for (number,) in x.tolist()]
        assert (x[0, 0], x[-1, 0]) == (-np.float32(3**0.5), np.float32(3**0.5))
        np.testing.assert_allclose(np.diff(x[:, 0]), 2 * 3**0.5 / (points - 1), rtol=1e-4)


def test_the_digits_are_scikit_learns():
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is an optional peer")
    theirs = sklearn.load_digits()
    ours = digits()
    pixels = np.concatenate([ours.train_x, ours.test_x])
    labels = np.concatenate([ours.train_y, ours.test_y])
    # Shift and scale are one number each: the least value is no ink, the largest is 16.
    ink = np.rint((pixels - pixels.min()) / (pixels.max() - pixels.min()) * 16)
    images = sorted(
        (tuple(image), label) for image, label in zip(ink.tolist(), labels.tolist(), strict=True)
    )
    expected = zip(theirs.data.tolist(), theirs.target.tolist(), strict=True)
    assert images == sorted((tuple(image), label) for image, label in expected)


def test_the_digits_are_centred_and_scaled_by_the_training_set():
    loaded = digits()
    assert len(loaded.train_x) + len(loaded.test_x) == 1797
    assert loaded.train_x.mean(dtype=float) == pytest.approx(0, abs=1e-5)
    assert loaded.train_x.std(dtype=float) == pytest.approx(1, abs=1e-5)
    assert len(np.unique(loaded.train_x)) == 17


def test_nobody_can_spoil_the_digits_for_the_next():
    for array in (digits().train_x, digits().train_y, digits().test_x, digits().test_y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert digits() is load("digits")


@pytest.mark.parametrize("name", ["Moons", "mnist", "", None, 3])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    known = r"'moons', 'spirals', 'absolute_value', 'digits'"
    with pytest.raises(ValueError, match=rf"^data must be one of {known}; got {name!r}"):
        load(name)


def test_what_is_held_out_and_what_is_left_are_all_there_is():
    moons = load("moons")
    left, x, y = hold_out(moons, 0.2)
    assert len(x) == len(y) == 51
    np.testing.assert_array_equal(np.concatenate([left.train_x, x]), moons.train_x)
    np.testing.assert_array_equal(np.concatenate([left.train_y, y]), moons.train_y)


def test_only_labels_are_a_classification():
    assert classification("digits") is digits()
    with pytest.raises(ValueError, match=r"^data must be a classification .*; got 'absolute_value'"):
        classification("absolute_value")


def test_the_bell_is_standard_normal_without_the_luck_of_a_draw():
    numbers = bell(20_000)
    assert numbers.shape == (20_000,)
    np.testing.assert_allclose(numbers, -numbers[::-1], atol=1e-9)
    assert numbers.std() == pytest.approx(1, abs=2e-4)
    for below, share in ((-2, 0.02275), (-1, 0.15866), (0, 0.5), (1, 0.84134), (3, 0.99865)):
        assert np.mean(numbers < below) == pytest.approx(share, abs=1e-4)
