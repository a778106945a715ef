"""Holds the limits to closed forms and to what is known of them: shift, divergence, capstone."""

from collections import Counter

import numpy as np
import pytest

from leaky_lib.experiments.limits import (
    TAMING,
    divergence,
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
from leaky_lib.explorers.limits import describe_divergence
from leaky_lib.networks import forward, initialise


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
