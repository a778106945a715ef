"""Every explorer of the library, made small enough for tests; a new one is found by its name."""

from functools import cache

from leaky_lib import explorers
from leaky_lib.experiments import Result, divergence, rescue, sweep, training_death
from leaky_lib.explorers import Explorer, LiveExplorer

NAMES = [name for name in explorers.__all__ if name.islower()]
LIVE = [
    name for name in NAMES if getattr(explorers, name).__annotations__["return"] is explorers.LiveExplorer
]
INSTANT = [name for name in NAMES if name not in LIVE]


@cache
def small_death(**changes: object) -> Result:
    """A result of a few networks."""
    settings = {"seeds": 5, "steps": 20, "depth": 1, "width": 4, "snapshots": 4, "alphas": (0.0, 0.1)}
    return training_death(**{**settings, **changes})


@cache
def small_rescue() -> Result:
    """A result of a few networks."""
    return rescue(seeds=5, steps=30, swap=10, back=20, depth=1, width=4, snapshots=6)


@cache
def small_sweep() -> Result:
    """A result of a few networks."""
    return sweep(data="moons", alphas=(0.0, 0.1, "PReLU"), depths=(1, 2), seeds=6, steps=20, width=4)


@cache
def small_deep_death() -> Result:
    """A result of a few convolutional networks."""
    return training_death(
        **{"data": "digits", "network": "convolutional", "optimiser": "adam", "learning_rate": 0.01},
        **{"depth": 2, "width": 2, "alphas": (0.0, 0.1), "gain": None, "steps": 8, "batch": 20},
        **{"seeds": 2, "snapshots": 4, "look_at": 20},
    )


@cache
def small_divergence() -> Result:
    """A result of a few networks."""
    return divergence(values=(0.5, 8.0), alphas=(0.0, 0.3), seeds=10, steps=20)


FIRST = {
    "divergence": small_divergence,
    "deep_death": small_deep_death,
    "training_death": small_death,
    "rescue": small_rescue,
    "sweep": small_sweep,
}


def make(name: str) -> Explorer | LiveExplorer:
    """A fresh explorer."""
    return getattr(explorers, name)(*(result() for key, result in FIRST.items() if key == name))


_made_once = cache(make)


def at_start(name: str) -> Explorer | LiveExplorer:
    """The same explorer for all tests that leave its view as it is, reset: making one takes long."""
    explorer = _made_once(name)
    explorer._preset("Reset")
    return explorer
