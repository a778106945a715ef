"""Measures Leaky ReLU of this library beside `np.where`, PyTorch, JAX and numba.

Run it as ``python tests/benchmarks/function.py`` with torch, jax and numba installed. Signs are random, and
each call gets other numbers than the one before: on the same ones again the processor learns the signs.
PyTorch and numba have one thread, JAX those it takes.
"""

from collections.abc import Callable
from functools import partial
from itertools import cycle

import jax
import numba
import numpy as np
import torch
from side_by_side import conditions, fastest, markdown

from leaky_lib import leaky_relu

ALPHA = 0.01
SIZES = (10**4, 10**6, 10**8)
DTYPES = (np.float32, np.float64)
NUMBERS = 2 * 10**7
"""A way is timed over about so many numbers a round; the largest size is more in one call."""

HEADER = (
    *("numbers", "dtype", "`np.where`, ns", "ours, ns", "`np.where` / ours"),
    *("PyTorch / ours", "JAX / ours", "numba / ours"),
)


@numba.njit
def numba_leaky_relu(x: np.ndarray, alpha: float) -> np.ndarray:
    """The loop that a compiled language would have."""
    result = np.empty_like(x)
    for i in range(x.size):
        result[i] = x[i] if x[i] >= 0 else alpha * x[i]
    return result


jax_leaky_relu = jax.jit(partial(jax.nn.leaky_relu, negative_slope=ALPHA))


def again(work: Callable[[object], object], arrays: list, times: int) -> Callable[[], None]:
    """A call on one array after another."""
    turn = cycle(arrays)

    def all_of_them() -> None:
        for _ in range(times):
            work(next(turn))

    return all_of_them


def ways(size: int, dtype: type) -> tuple[dict[str, Callable[[], None]], int]:
    """Each way, and how many numbers it goes through in a call."""
    times = max(1, NUMBERS // size)
    count = 1 if size > NUMBERS else min(times, 64)
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(size, dtype=dtype) for _ in range(count)]
    alpha = dtype(ALPHA)
    tensors = [torch.from_numpy(array) for array in arrays]
    on_jax = [jax.numpy.asarray(array) for array in arrays]
    of = {
        "np.where": (lambda x: np.where(x >= 0, x, alpha * x), arrays),
        "ours": (lambda x: leaky_relu(x, ALPHA), arrays),
        "PyTorch": (lambda x: torch.nn.functional.leaky_relu(x, ALPHA), tensors),
        "JAX": (lambda x: jax_leaky_relu(x).block_until_ready(), on_jax),
        "numba": (lambda x: numba_leaky_relu(x, alpha), arrays),
    }
    return {name: again(work, given, times) for name, (work, given) in of.items()}, times * size


def report() -> str:
    """The table, with its conditions."""
    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)
    rows = []
    for size in SIZES:
        for dtype in DTYPES:
            of_size, numbers = ways(size, dtype)
            found = fastest(of_size, rounds=9)
            ours = found["ours"]
            each = [f"{1e9 * found[name] / numbers:.2f}" for name in ("np.where", "ours")]
            ratios = [f"{found[name] / ours:.1f}" for name in ("np.where", "PyTorch", "JAX", "numba")]
            rows.append([f"{size:,}", dtype.__name__, *each, *ratios])
    packages = conditions("numpy", "torch", "jax", "numba")
    return f"{packages}; nanoseconds per number, fastest of 9 rounds.\n\n{markdown(HEADER, rows)}"


if __name__ == "__main__":
    print(report())
