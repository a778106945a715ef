"""Lets these tests import their neighbours, and gives them a machine that is slow by the clock."""

import sys
from itertools import count
from pathlib import Path

import pytest

# pytest's importlib mode leaves sys.path alone.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from leaky_lib import training


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which a single step of training takes longer than a run goes on without a breath."""
    monkeypatch.setattr(training, "monotonic", count(step=1000).__next__)
