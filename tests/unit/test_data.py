"""Proves that the data sets are what they are said to be, and the same every time."""

import numpy as np
import pytest

from leaky_lib import data

TOYS = [data.moons, data.spirals]


@pytest.mark.parametrize("name", data.DATASETS)
class TestEveryDataset:
    def test_shapes_and_dtypes_are_as_documented(self, name):
        dataset = data.load(name)
        assert dataset.name == name
        for x, y in ((dataset.train_x, dataset.train_y), (dataset.test_x, dataset.test_y)):
            assert x.dtype == np.float32
            assert x.shape == (len(y), dataset.features)
            assert np.isfinite(x).all()
            if dataset.is_classification:
                assert y.dtype.kind == "i"
                assert set(y) == set(range(dataset.outputs))
            else:
                assert y.shape == (len(x), dataset.outputs)

    def test_it_is_the_same_twice(self, name):
        first, second = data.load(name), data.load(name)
        assert np.array_equal(first.train_x, second.train_x)
        assert np.array_equal(first.test_y, second.test_y)

    def test_training_and_test_points_are_others(self, name):
        dataset = data.load(name)
        train = {row.tobytes() for row in dataset.train_x}
        shared = [row for row in dataset.test_x if row.tobytes() in train]
        assert len(shared) <= (2 if name == "absolute_value" else 0)  # both of its grids have the ends


@pytest.mark.parametrize("toy", TOYS)
class TestToys:
    def test_classes_are_balanced_and_sizes_as_asked(self, toy):
        dataset = toy(examples=30)
        assert np.bincount(dataset.train_y).tolist() == [15, 15]
        assert len(dataset.test_y) == 30

    def test_another_seed_gives_other_points(self, toy):
        assert not np.array_equal(toy(seed=0).train_x, toy(seed=1).train_x)

    def test_noise_spreads_the_points(self, toy):
        clean, noisy = toy(noise=0.0), toy(noise=0.5)
        assert noisy.train_x.std() > clean.train_x.std()

    @pytest.mark.parametrize(
        ("bad", "error", "words"),
        [
            ({"examples": 1}, ValueError, "examples must be at least 2; got 1"),
            ({"examples": 2.5}, TypeError, "examples must be a whole number; got float 2.5"),
            ({"noise": -0.1}, ValueError, "noise must be a finite number of at least 0; got -0.1"),
            ({"noise": np.nan}, ValueError, "noise must be a finite number"),
        ],
    )
    def test_bad_arguments_are_named(self, toy, bad, error, words):
        with pytest.raises(error, match=words):
            toy(**bad)


def test_moons_without_noise_lie_on_two_half_circles():
    dataset = data.moons(noise=0.0)
    points = dataset.train_x + np.array([0.5, 0.25])
    centres = np.array([[0.0, 0.0], [1.0, 0.5]])[dataset.train_y]
    np.testing.assert_allclose(np.hypot(*(points - centres).T), 1, atol=1e-6)


@pytest.mark.parametrize("turns", [0, -1, np.inf])
def test_spirals_turn(turns):
    with pytest.raises(ValueError, match="turns must be a finite number greater than 0; got"):
        data.spirals(turns=turns)


def test_the_absolute_value_is_the_absolute_value():
    dataset = data.absolute_value(9)
    assert np.array_equal(dataset.train_y, np.abs(dataset.train_x))
    assert dataset.train_x[[0, -1], 0] == pytest.approx([-(3**0.5), 3**0.5])
    assert len(dataset.train_x) == 9
    assert not dataset.is_classification


def test_digits_are_scaled_by_the_training_set_and_cannot_be_spoilt():
    digits = data.digits()
    assert (len(digits.train_y), len(digits.test_y)) == (1437, 360)
    assert digits.train_x.mean() == pytest.approx(0, abs=1e-4)
    assert digits.train_x.std() == pytest.approx(1, abs=1e-4)
    with pytest.raises(ValueError, match="read-only"):
        digits.train_x[0, 0] = 7


def labelled_images(pixels: np.ndarray, labels: np.ndarray) -> set[tuple]:
    return {(*image, label) for image, label in zip(pixels.tolist(), labels.tolist(), strict=True)}


def test_digits_are_the_real_ones():
    datasets = pytest.importorskip(
        "sklearn.datasets", reason="scikit-learn is not installed to compare with"
    )
    theirs = datasets.load_digits()
    ours = data.digits()
    x, y = np.concatenate([ours.train_x, ours.test_x]), np.concatenate([ours.train_y, ours.test_y])
    levels = np.unique(x)
    assert len(levels) == 17
    pixels = np.searchsorted(levels, x)  # back to 0 to 16
    assert labelled_images(pixels, y) == labelled_images(theirs.data.astype(int), theirs.target)
    assert len(y) == len(theirs.target) == 1797


def test_an_unknown_data_set_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="'moons', 'spirals', 'absolute_value', 'digits'; got 'mnist'"):
        data.load("mnist")
