"""Computations timed side by side on the reader's machine, as ratios.

`leaky_lib.experiments` hands them on under the same names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from leaky_lib.activations import leaky_relu
from leaky_lib.arguments import check_memory, whole_number
from leaky_lib.convolutions import patches_of

__all__ = ["ELSEWHERE", "LAYER_PARTS", "Race", "layer_cost_live"]

LAYER_PARTS = ("laying out the patches", "the matrix product", "Leaky ReLU", "ReLU")

TOLD_BY_ANY_CLOCK = 0.005
"""Seconds. In a browser the clock ticks once in a ten thousandth of a second, or only in a thousandth."""


@dataclass(frozen=True)
class Race:
    """Seconds that each computation takes for ``size`` numbers: the fastest of all rounds so far."""

    size: int
    seconds: dict[str, float]
    progress: float

    @property
    def ratios(self) -> dict[str, float]:
        """Time of each computation as a multiple of the fastest one."""
        fastest = min(self.seconds.values())
        return {form: seconds / fastest for form, seconds in self.seconds.items()}


ELSEWHERE = {
    "layer": Race(30_720, dict(zip(LAYER_PARTS, (1.1e-4, 5.2e-5, 1.4e-5, 1.3e-5), strict=True)), 1.0),
}
"""A run of the race on two cores in November 2026, for readers of a saved notebook: until somebody
presses Run there is nothing else to show."""


def layer_cost_live(*, channels: int = 8, images: int = 60, rounds: int = 60) -> Iterator[Race]:
    """Time the parts of one convolutional layer side by side, round after round.

    Parameters
    ----------
    channels : int
        Of the images that come in, and of those that go out.
    images : int
        Of 8 × 8 pixels.
    rounds : int
        How often each part runs, in turn; the fastest time counts.

    Yields
    ------
    Race
    """
    channels, images = (
        whole_number("channels", channels, minimum=1),
        whole_number("images", images, minimum=1),
    )
    needed = 4 * channels * (9 * channels + 64 * 16 * images)
    check_memory(needed, channels=channels, images=images)
    rng = np.random.default_rng(0)
    pictures = rng.standard_normal((images, 8, 8, channels), dtype=np.float32)
    weight = rng.standard_normal((9 * channels, channels), dtype=np.float32)
    padded = np.zeros((images, 10, 10, channels), np.float32)
    patches = patches_of(pictures, padded)
    z = patches @ weight
    h = np.empty_like(z)
    work = (
        lambda: patches_of(pictures, padded, patches),
        lambda: np.matmul(patches, weight, out=z),
        lambda: leaky_relu(z, 0.01, out=h),
        lambda: np.maximum(z, 0, out=h),
    )
    return _timed(dict(zip(LAYER_PARTS, work, strict=True)), z.size, rounds)


def _timed(work: Mapping[str, Callable[[], object]], size: int, rounds: int) -> Iterator[Race]:
    """Time every computation in turn, again and again; the fastest time of each counts."""
    rounds = whole_number("rounds", rounds, minimum=1)

    def results() -> Iterator[Race]:
        best = dict.fromkeys(work, np.inf)
        for done in range(1, rounds + 1):
            for name, compute in work.items():
                best[name] = min(best[name], _seconds(compute))
            yield Race(size, dict(best), done / rounds)

    return results()


def _seconds(compute: Callable[[], object]) -> float:
    """How long it takes, done as often in a row as the clock needs to tell."""
    times = 1
    while True:
        began = perf_counter()
        for _ in range(times):
            compute()
        took = perf_counter() - began
        if took >= TOLD_BY_ANY_CLOCK:
            return took / times
        times *= 2
