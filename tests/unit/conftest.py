"""Lets these tests import their neighbours, and gives them machines that are slow or fast by the clock."""

import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# pytest's importlib mode leaves sys.path alone.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from leaky_lib import training

# No deadline: a test on a busy machine is slow, not wrong.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
def fast_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which nothing takes any time, on a busy machine either."""
    monkeypatch.setattr(training, "monotonic", lambda: 0.0)


@pytest.fixture
def slow_machine(fast_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which a single step of training takes longer than a run goes on without a breath."""
    monkeypatch.setattr(training, "monotonic", count(step=1000).__next__)
