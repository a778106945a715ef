"""Measures a stacked run of 100 networks against a loop over PyTorch models, side by side.

Run it as ``python tests/benchmarks/ensemble.py``, with PyTorch installed; it prints a Markdown table.
Rounds are interleaved and the fastest counts. The PyTorch loop trains four networks and is scaled up;
it gets the better of one and of all threads.
"""

import os
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter

import numpy as np
import torch
from torch import nn

from leaky_lib import data, networks, training

NETWORKS, SAMPLE, STEPS, ROUNDS = 100, 4, 300, 5
CASES = {"moons": ([2, 16, 16, 16, 2], None), "digits": ([64, 32, 32, 32, 10], 100)}


def seconds(work: Callable[[], None]) -> float:
    """How long a call takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def stacked(dataset: data.Dataset, widths: list[int], batch: int | None) -> None:
    """Train all networks with this library."""
    ensemble = networks.initialise(widths, seeds=NETWORKS)
    for _ in training.train(
        ensemble, dataset.train_x, dataset.train_y, steps=STEPS, batch=batch, every=STEPS
    ):
        pass


def torch_loop(dataset: data.Dataset, widths: list[int], batch: int | None) -> None:
    """Train a few networks one after another, as a PyTorch tutorial does."""
    x, y = torch.tensor(dataset.train_x), torch.tensor(dataset.train_y.astype(np.int64))
    for seed in range(SAMPLE):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(widths[:-1]):
            layers += [nn.Linear(fan_in, fan_out), nn.LeakyReLU(0.01)]
        model = nn.Sequential(*layers, nn.Linear(*widths[-2:]))
        optimiser, loss = torch.optim.SGD(model.parameters(), 0.1), nn.CrossEntropyLoss()
        for _ in range(STEPS):
            chosen = slice(None) if batch is None else torch.randint(len(x), (batch,))
            optimiser.zero_grad()
            loss(model(x[chosen]), y[chosen]).backward()
            optimiser.step()


def torch_loop_with(threads: int, *arguments: object) -> float:
    """Seconds that the loop would take for all networks."""
    torch.set_num_threads(threads)
    return seconds(lambda: torch_loop(*arguments)) * NETWORKS / SAMPLE


def main() -> None:
    """Print the table."""
    cores = os.cpu_count()
    versions = f"NumPy {np.__version__}, torch {torch.__version__}"
    print(f"{NETWORKS} networks, {STEPS} steps; {versions}, {cores} cores\n")
    print("| data, widths | stacked, s | PyTorch loop, s | ratio |\n|---|---|---|---|")
    for name, (widths, batch) in CASES.items():
        arguments = data.load(name), widths, batch
        rounds = [
            (
                seconds(lambda arguments=arguments: stacked(*arguments)),
                min(torch_loop_with(threads, *arguments) for threads in {1, cores}),
            )
            for _ in range(ROUNDS)
        ]
        ours, theirs = map(min, zip(*rounds, strict=True))
        print(f"| {name} {'-'.join(map(str, widths))} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.1f} |")


if __name__ == "__main__":
    main()
