"""Holds the limits to closed forms and to what is known of them: shift, divergence, capstone."""

from collections import Counter

import numpy as np
import pytest
from normal import mean_and_spread

from leaky_lib.activations import leaky_relu
from leaky_lib.data import load
from leaky_lib.experiments.limits import (
    TAMING,
    divergence,
    shift_by_layer,
    steps_to_learn,
)
from leaky_lib.experiments.patients import (
    CURED,
    FAULTS,
    REPAIRABLE,
    heal,
    patient,
    straightness,
)
from leaky_lib.experiments.result import Result
from leaky_lib.family import leaky
from leaky_lib.networks import forward, initialise
from leaky_lib.views import describe_divergence


def elu_of_a_standard_normal() -> tuple[float, float]:
    """Mean and mean square of ELU(z) for standard normal z, by Gauss-Hermite quadrature."""
    z, weights = np.polynomial.hermite_e.hermegauss(200)
    h = np.where(z > 0, z, np.expm1(z))
    return weights @ h / weights.sum(), weights @ np.square(h) / weights.sum()


class TestShift:
    @pytest.mark.parametrize(
        ("arguments", "error", "said"),
        [
            ({"functions": []}, ValueError, r"functions must name at least 1; got \[\]"),
            ({"functions": 0.1}, TypeError, r"functions must be a sequence, \[0\.1\] for one; got float"),
            ({"functions": "ELU"}, TypeError, r"functions must be a sequence, \['ELU'\] for one; got str"),
            ({"normalised": "no"}, TypeError, "normalised must be True or False; got str 'no'"),
        ],
    )
    def test_what_is_no_list_or_switch_is_named(self, arguments, error, said):
        with pytest.raises(error, match=f"^{said}"):
            shift_by_layer(**arguments)

    def test_what_inputs_cannot_be_is_named(self):
        with pytest.raises(TypeError, match=r"^centred must be True or False; got str 'no'"):
            steps_to_learn(0.0, centred="no")
        with pytest.raises(ValueError, match=r"^seed must be at least 0; got -1"):
            steps_to_learn(0.0, seed=-1)

    def test_normalised_every_layer_has_the_shift_of_one(self):
        alphas = [0.0, 0.1, 0.5]
        of_one = [mean / spread for mean, spread in map(mean_and_spread, map(leaky, alphas))]
        shift = shift_by_layer(alphas, layers=4, width=256, networks=3, normalised=True)
        # The sums of digits are not quite normal in the first layers.
        np.testing.assert_allclose(shift.mean(axis=-1), np.tile(of_one, (4, 1)), atol=0.06)

    def test_plain_it_grows_for_relu_and_not_for_a_linear_network(self):
        shift = shift_by_layer([0.0, 1.0], networks=10).mean(axis=-1)
        assert shift[-1, 0] > 1.7 * shift[0, 0]
        assert shift[-1, 1] == pytest.approx(shift[0, 1], rel=0.2)
        assert shift[:, 1].max() < 1e-4, "what comes in is centred, and a linear layer keeps it so"

    def test_the_gain_of_a_slope_is_that_of_he(self):
        few = {"layers": 2, "width": 32, "networks": 2}
        shift = shift_by_layer([0.2], **few)
        np.testing.assert_allclose(shift, shift_by_layer([0.2, 0.0], **few)[:, :1])
        assert shift.shape == (2, 1, 2)

    # Leaky ReLU's shift is the same at any scale; ELU's is not, so it shows the scale.
    def test_normalised_sums_have_spread_1_before_elu_bends_them(self):
        found = shift_by_layer(["ELU"], layers=4, width=256, networks=3, normalised=True)[-1].mean()
        mean, mean_square = elu_of_a_standard_normal()
        assert found == pytest.approx(mean / np.sqrt(mean_square - mean**2), rel=0.1)

    def test_elu_has_the_gain_of_its_own_mean_square(self):
        _, mean_square = elu_of_a_standard_normal()
        x = load("digits").train_x[:256]
        x = x - x.mean(axis=0)
        draw = np.random.default_rng(0).standard_normal((3, 64, 32))
        z = x @ draw / np.sqrt(64 * mean_square)
        h = np.where(z > 0, z, np.expm1(z))
        expected = np.sqrt(np.square(h.mean(axis=1)).mean(axis=-1) / h.var(axis=1).mean(axis=-1))
        found = shift_by_layer(["ELU"], layers=1, width=32, networks=3)
        np.testing.assert_allclose(found[0, 0], expected, rtol=0.01)

    def test_centring_takes_steps_away_and_most_of_them_from_relu(self):
        found, centred = ([steps_to_learn(f, centred=c) for f in (0.0, 0.3, "ELU")] for c in (False, True))
        assert found[0] > 1.5 * found[1] > 1.5 * found[2]
        assert centred[0] < found[0] / 2

    @pytest.mark.parametrize("centred", [False, True])
    def test_the_steps_to_learn_are_those_that_gradient_descent_takes(self, centred):
        x = load("digits").train_x - load("digits").train_x.mean(axis=0)
        h = leaky_relu(x @ np.random.default_rng(1).standard_normal((1, 64, 3))[0], 0.3)
        h = h - h.mean(axis=0) if centred else h
        scale = np.sqrt(2 / 1.09) / 8
        inputs = np.column_stack([scale * h, np.ones(len(h))])
        curvature = inputs.T @ inputs / len(inputs)
        rate = 1 / np.linalg.norm(curvature, ord=2)
        missing, steps = np.eye(4), 0
        while np.trace(missing @ curvature @ missing) > 0.01 * inputs.var(axis=0).sum():
            missing -= rate * curvature @ missing
            steps += 1
        assert steps_to_learn(0.3, width=3, networks=1, seed=1, centred=centred) == steps

    @pytest.mark.parametrize(
        ("settings", "named"),
        [({"functions": ["relu"]}, "'relu'"), ({"layers": 0}, "layers"), ({"networks": 0}, "networks")],
    )
    def test_what_cannot_be_is_named(self, settings, named):
        with pytest.raises(ValueError, match=named):
            shift_by_layer(**settings)


def small(**settings: object) -> Result:
    return divergence(**{"values": (0.5, 8.0), "alphas": (0.0, 0.3), "seeds": 8, "steps": 60, **settings})


class TestDivergence:
    def test_the_larger_slope_diverges_and_has_no_accuracy_then(self):
        result = small()
        assert result.count("diverged", value=0.5, alpha=0.3) == 0
        assert result.count("diverged", value=8, alpha=0.3) == 8
        stayed = 8 - result.count("diverged", value=8, alpha=0)
        assert stayed > 1
        assert result.mean("accuracy", value=8, alpha=0.3).networks == 0
        assert result.mean("accuracy", value=8, alpha=0).networks == stayed
        assert result.mean("accuracy", value=0.5, alpha=0.3).value > 0.85
        assert result.share("layer_never_positive", value=8, alpha=0).networks == stayed
        assert result.count("layer_never_positive", value=8, alpha=0) > 0
        assert describe_divergence(result) == (
            "More than half diverge: ReLU nowhere, Leaky ReLU 0.3 from 8 on."
        )

    @pytest.mark.parametrize("tamed_by", ["clipping", "normalising"])
    def test_what_is_tamed_does_not_run_off(self, tamed_by):
        assert small(values=(4.0,), tamed_by=tamed_by).values["diverged"].sum() == 0

    @pytest.mark.parametrize(("turned_up", "values"), [("gain", (1.4, 6.0)), ("depth", (2, 12))])
    def test_gain_and_depth_can_be_turned_up(self, turned_up, values):
        result = small(turned_up=turned_up, values=values, learning_rate=1.0, alphas=(0.3,))
        few, many = (result.count("diverged", value=value) for value in values)
        assert few < many

    def test_the_right_gain_is_that_of_the_slope(self):
        tamed = small(turned_up="gain", values=(1.0, 6.0), tamed_by="the right gain")
        np.testing.assert_array_equal(*tamed.values["accuracy"])

    def test_live_it_ends_at_the_same(self):
        looks = list(divergence.live(values=(0.5, 8.0), alphas=(0.0, 0.3), seeds=4, steps=60))
        progress = [look.progress for look in looks]
        assert progress == sorted(progress)
        assert progress[-2] < progress[-1] == 1
        assert np.isnan(looks[0].values["diverged"]).all()
        assert looks[0].share("diverged", value=0.5, alpha=0).networks == 0
        for measure, array in small(seeds=4).values.items():
            np.testing.assert_array_equal(looks[-1].values[measure], array)

    def test_a_network_whose_weights_are_finite_has_diverged_where_its_outputs_have(self):
        result = small(turned_up="gain", values=(1.0, 1e15), learning_rate=0.0, steps=1)
        np.testing.assert_array_equal(result.values["diverged"].mean(axis=(-2, -1)), [0, 1])

    @pytest.mark.parametrize(
        ("settings", "named"),
        [
            ({"turned_up": "width"}, "turned_up"),
            ({"tamed_by": "prayer"}, "tamed_by"),
            ({"values": ()}, "values"),
            ({"steps": 0}, "steps"),
            ({"seeds": 0}, "seeds"),
            ({"turned_up": "depth", "values": (0,)}, "depth"),
            ({"values": (-1.0,)}, "learning_rate"),
            ({"alphas": (np.nan,)}, "alpha"),
        ],
    )
    def test_what_cannot_be_is_named_at_the_call(self, settings, named):
        with pytest.raises(ValueError, match=named):
            divergence.live(**settings)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"values": 3}, r"values must be a sequence, \[3\] for one; got int"),
            ({"seeds": range(2)}, r"seeds must be a whole number; got range range\(0, 2\)"),
        ],
    )
    def test_what_is_of_another_kind_is_named_at_the_call(self, settings, message):
        with pytest.raises(TypeError, match=f"^{message}"):
            divergence.live(**settings)

    def test_values_are_turned_up_in_whatever_order_they_come(self):
        settings = {"alphas": (0.0, 0.3), "seeds": 3, "steps": 40}
        rising, other = (
            divergence(values=[0.25, 4.0, 8.0], **settings),
            divergence(values=(8, 0.25, 4, 8), **settings),
        )
        assert describe_divergence(rising) == describe_divergence(other)
        assert other.axes == rising.axes
        np.testing.assert_array_equal(other.values["accuracy"], rising.values["accuracy"])

    @pytest.mark.parametrize("depth", [2.7, np.inf, np.nan])
    def test_a_depth_between_whole_numbers_is_refused_and_not_cut_off(self, depth):
        with pytest.raises(TypeError, match="depth must be a whole number"):
            divergence.live("depth", [2, depth])

    def test_every_way_to_tame_it_is_one_that_runs(self):
        for tamed_by in TAMING:
            assert small(tamed_by=tamed_by, seeds=1, steps=2).progress == 1


PATIENTS = [patient(seed) for seed in range(30)]


class TestPatients:
    def test_the_same_number_is_the_same_patient_and_all_faults_come(self):
        assert patient(7) == PATIENTS[7]
        counts = Counter(one.fault for one in PATIENTS)
        assert set(counts) == set(FAULTS)
        assert min(counts.values()) >= 5

    def test_its_name_gives_nothing_away(self):
        for one in PATIENTS:
            assert one.fault not in repr(one)
            assert "alpha" not in repr(one)

    @pytest.mark.parametrize("one", PATIENTS[:12], ids=lambda one: f"{one.seed}-{one.fault}")
    def test_it_is_ill_as_its_fault_says_and_can_be_cured(self, one):
        rows = one.examine().rows
        diverged, never, straight = ([row[column] for row in rows] for column in (1, 2, 3))
        if one.fault == "diverging":
            assert "yes" in diverged
        else:
            assert set(diverged) == {"no"}
        layers = [
            len(shares.split(", ")) for shares, said in zip(never, diverged, strict=True) if said == "no"
        ]
        assert set(layers) <= {one.settings["depth"]}
        assert (one.settings["bias"] == 0) == (one.fault != "dead")
        assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
        if one.fault == "dead":
            assert all("100%" in shares for shares in never)
        if one.fault == "straight":
            assert set(straight) == {"100%"}
            assert not any("100%" in shares for shares in never)
        assert heal(one, {"depth": one.settings["depth"]}).value < CURED - 0.15
        cure = {
            "dead": {"bias": 0.0},
            "diverging": {"optimiser": "adam", "learning_rate": 0.01},
            "straight": {"alpha": 0.1},
        }[one.fault]
        assert heal(one, cure).value > CURED + 0.03

    @pytest.mark.parametrize(
        ("repair", "named"),
        [
            ({"colour": 1}, "colour"),
            ({"depth": 0}, "depth"),
            ({"depth": 9}, "depth must be at most 8"),
            ({"steps": 1001}, "steps must be at most 1000"),
            ({"width": 65}, "width must be at most 64"),
            ({"optimiser": "hope"}, "optimiser"),
            ({"learning_rate": -1.0}, "learning_rate"),
            ({"bias": np.inf}, "bias"),
        ],
    )
    def test_a_repair_that_cannot_be_is_named(self, repair, named):
        with pytest.raises(ValueError, match=named):
            heal(PATIENTS[0], repair)

    @pytest.mark.parametrize("most", [{"depth": 8}, {"width": 64}])
    def test_a_repair_may_take_the_most_there_is(self, most):
        assert heal(PATIENTS[0], {"steps": 1, **most}).networks == 20

    def test_every_setting_can_be_repaired(self):
        assert set(REPAIRABLE) == set(PATIENTS[0].settings)

    def test_a_number_that_is_none_is_named(self):
        with pytest.raises(ValueError, match="seed must be at least 0"):
            patient(-1)
        with pytest.raises(TypeError, match="seed must be a whole number"):
            patient(1.5)


def test_straightness_is_1_for_a_plane_and_for_nothing_and_0_for_what_no_plane_explains():
    x = np.random.default_rng(0).standard_normal((200, 2))
    assert straightness(x, x @ [[2.0], [1.0]] + 3) == pytest.approx(1)
    assert straightness(x, np.full((200, 1), 0.3)) == 1
    assert straightness(x, np.square(x[:, :1])) < 0.1
    linear = initialise([2, 8, 8, 2], alpha=1.0, bias=0.2)
    assert straightness(x, forward(linear, x).output[0]) == pytest.approx(1)
