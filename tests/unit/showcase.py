"""Every explorer of the library, made small enough for tests; a new one is found by its name."""

from functools import cache

from leaky_lib import explorers
from leaky_lib.experiments import TrainingDeath, training_death
from leaky_lib.explorers import Explorer, LiveExplorer

NAMES = [name for name in explorers.__all__ if name.islower()]
LIVE = [
    name for name in NAMES if getattr(explorers, name).__annotations__["return"] is explorers.LiveExplorer
]
INSTANT = [name for name in NAMES if name not in LIVE]


@cache
def small_death() -> TrainingDeath:
    """A result of a few networks."""
    return training_death(seeds=5, steps=20, depth=1, width=4, snapshots=4, alphas=(0.0, 0.1))


def make(name: str) -> Explorer | LiveExplorer:
    """A fresh explorer."""
    if name == "training_death":
        return explorers.training_death(small_death())
    return getattr(explorers, name)()
