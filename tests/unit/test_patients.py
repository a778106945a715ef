"""Holds the networks with a fault to what their exercises say of them."""

import numpy as np
import pytest

from leaky_lib.data import load, moons
from leaky_lib.exercises import EXERCISES
from leaky_lib.experiments import dead_convolution, examination, mysteries
from leaky_lib.networks import forward, outputs
from leaky_lib.training import gradients_of_loss
from leaky_lib.units import never_positive


def test_the_three_mysteries_are_what_their_answer_says():
    dataset = moons(noise=0.05)
    patients = mysteries()
    found = {}
    for name, patient in patients.items():
        _, trace = gradients_of_loss(patient, dataset.train_x, dataset.train_y)
        layer_dead = any(never_positive(z).all() for z in trace.pre_activations[:-1])
        no_gradient = max(np.abs(gradient).max() for gradient in trace.weight_gradients[:-1]) < 1e-8
        found[name] = "dead" if layer_dead else "saturated" if no_gradient else "fine"
    assert found == EXERCISES["diagnose"].answer
    assert all((slope == 0).all() for patient in patients.values() for slope in patient.alphas)
    table = str(examination(patients))
    assert all(f"\n{name} " in table for name in patients)


def test_the_shouting_network_says_a_thousand_times_what_the_healthy_one_says():
    x, patients = moons(noise=0.05).test_x, mysteries()
    np.testing.assert_allclose(outputs(patients["A"], x), 1000 * outputs(patients["C"], x), rtol=1e-4)


def test_an_examination_measures_every_hidden_layer_of_every_patient():
    dataset, patients = moons(noise=0.05), mysteries()
    rows = {row[0]: row[1:] for row in examination(patients).rows}
    assert list(rows) == list(patients)
    for name, patient in patients.items():
        _, trace = gradients_of_loss(patient, dataset.train_x, dataset.train_y)
        dead = [(z <= 0).all(axis=-2).mean() for z in trace.pre_activations[:2]]
        both = zip(trace.weight_gradients[:2], trace.bias_gradients[:2], strict=True)
        steepest = [np.sqrt(np.square(w).sum(axis=-2) + np.square(b)).max() for w, b in both]
        never, gradients, largest = rows[name]
        assert never == ", ".join(f"{share:.0%}" for share in dead)
        assert [float(norm) for norm in gradients.split(", ")] == pytest.approx(
            steepest, rel=0.5, abs=1e-30
        )
        assert float(largest) == pytest.approx(np.abs(outputs(patient, dataset.train_x)).max(), abs=0.06)


def test_the_dead_convolution_is_dead_from_its_fourth_layer_on():
    patient = dead_convolution()
    trace = forward(patient, load("digits").train_x[:50])
    dead = [bool(never_positive(z).all()) for z in trace.pre_activations[:-1]]
    assert dead == [False] * 3 + [True] * 5
