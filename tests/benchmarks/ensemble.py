"""Measures a stacked run of 128 networks beside the other ways to train them: NumPy, PyTorch and JAX.

Run it as ``python tests/benchmarks/ensemble.py`` with torch and jax installed. All ways start from the
same weights, see the same 500 examples 300 times by plain gradient descent, and have to end at the same
weights. Loops train a few networks and are scaled up. PyTorch has all threads; its loop gets the better of
one and of all.
"""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import torch
from side_by_side import conditions, fastest, markdown, seconds
from torch import nn
from torch.nn import functional as tf

from leaky_lib import networks, optimisers, training

NETWORKS, SAMPLE, EXAMPLES, STEPS, ROUNDS = 128, 4, 500, 300, 2
ALPHA, RATE = 0.01, 0.05
CASES = {"2-32-32-32-1, squared error": [2, 32, 32, 32, 1], "64-32-32-10, cross-entropy": [64, 32, 32, 10]}
COUNTS = (8, 64, 512, 4096)
COUNT_STEPS = 20

Parameters = list[np.ndarray]


class Task:
    """Examples, and the networks that all ways start from."""

    def __init__(self, widths: list[int], count: int = NETWORKS) -> None:
        rng = np.random.default_rng(0)
        self.labelled = widths[-1] > 1
        self.widths = widths
        self.x = rng.standard_normal((EXAMPLES, widths[0]), dtype=np.float32)
        self.y = (
            rng.integers(0, widths[-1], EXAMPLES)
            if self.labelled
            else rng.standard_normal((EXAMPLES, 1), dtype=np.float32)
        )
        self.ensemble = networks.initialise(widths, seeds=count, alpha=ALPHA)

    @property
    def parameters(self) -> Parameters:
        """Weights, then biases."""
        return [*self.ensemble.weights, *self.ensemble.biases]


def ours(task: Task, steps: int = STEPS) -> Parameters:
    """Stacked, as this library does it."""
    for snapshot in training.train(
        task.ensemble, task.x, task.y, steps=steps, optimiser=optimisers.SGD(RATE), every=steps
    ):
        end = snapshot.ensemble
    return [*end.weights, *end.biases]


def numpy_loop(task: Task) -> Parameters:
    """One network after another, in the plain formulas."""
    ends = []
    for member in range(SAMPLE):
        parameters = [parameter[member].copy() for parameter in task.parameters]
        layers = len(parameters) // 2
        weights, biases = parameters[:layers], parameters[layers:]
        for _ in range(STEPS):
            h, inputs, sums = task.x, [], []
            for weight, bias in zip(weights, biases, strict=True):
                inputs.append(h)
                sums.append(h @ weight + bias)
                h = np.where(sums[-1] > 0, sums[-1], np.float32(ALPHA) * sums[-1])
            error = _numpy_error(sums[-1], task)
            for layer in reversed(range(layers)):
                step = inputs[layer].T @ error, error.sum(axis=0, keepdims=True)
                if layer:
                    slope = np.where(sums[layer - 1] > 0, np.float32(1), np.float32(ALPHA))
                    error = error @ weights[layer].T * slope
                weights[layer] -= np.float32(RATE) * step[0]
                biases[layer] -= np.float32(RATE) * step[1]
        ends.append(parameters)
    return [np.stack(arrays) for arrays in zip(*ends, strict=True)]


def _numpy_error(output: np.ndarray, task: Task) -> np.ndarray:
    if not task.labelled:
        return (output - task.y) / task.y.size
    likely = np.exp(output - output.max(axis=1, keepdims=True))
    return (likely / likely.sum(axis=1, keepdims=True) - np.eye(output.shape[1])[task.y]).astype(
        np.float32
    ) / len(output)


def torch_loop(task: Task) -> Parameters:
    """One network after another, as a PyTorch tutorial does."""
    x, y = torch.tensor(task.x), torch.tensor(task.y)
    loss_of = nn.CrossEntropyLoss() if task.labelled else lambda out, y: nn.functional.mse_loss(out, y) / 2
    ends = []
    for member in range(SAMPLE):
        model = _torch_model(task, member)
        optimiser = torch.optim.SGD(model.parameters(), RATE)
        for _ in range(STEPS):
            optimiser.zero_grad()
            loss_of(model(x), y).backward()
            optimiser.step()
        linear = [layer for layer in model if isinstance(layer, nn.Linear)]
        ends.append(
            [layer.weight.T.detach().numpy() for layer in linear]
            + [layer.bias[None].detach().numpy() for layer in linear]
        )
    return [np.stack(arrays) for arrays in zip(*ends, strict=True)]


def _torch_model(task: Task, member: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for weight, bias in zip(task.ensemble.weights, task.ensemble.biases, strict=True):
        linear = nn.Linear(*weight.shape[-2:])
        linear.weight.data = torch.tensor(np.ascontiguousarray(weight[member].T))
        linear.bias.data = torch.tensor(bias[member, 0])
        layers += [linear, nn.LeakyReLU(ALPHA)]
    return nn.Sequential(*layers[:-1])


def _torch_losses(output: torch.Tensor, y: torch.Tensor, labelled: bool) -> torch.Tensor:
    """The mean loss of one network's output."""
    return tf.cross_entropy(output, y) if labelled else tf.mse_loss(output, y) / 2


def torch_stacked(task: Task) -> Parameters:
    """All networks in one graph of batched products."""
    x, y = torch.tensor(task.x), torch.tensor(task.y)
    parameters = [torch.tensor(parameter, requires_grad=True) for parameter in task.parameters]
    layers = len(parameters) // 2
    for _ in range(STEPS):
        h = x.expand(NETWORKS, *x.shape)
        for layer in range(layers):
            h = torch.baddbmm(parameters[layers + layer], h, parameters[layer])
            if layer < layers - 1:
                h = tf.leaky_relu(h, ALPHA)
        if task.labelled:
            loss = tf.cross_entropy(h.flatten(0, 1), y.repeat(NETWORKS), reduction="sum") / len(y)
        else:
            loss = ((h - y) ** 2).sum() / 2 / y.numel()
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-RATE)
    return [parameter.detach().numpy() for parameter in parameters]


def torch_func(task: Task) -> Parameters:
    """`torch.func`: the gradient of one network, mapped over all."""
    x, y = torch.tensor(task.x), torch.tensor(task.y)
    parameters = tuple(torch.tensor(parameter) for parameter in task.parameters)
    layers = len(parameters) // 2

    def loss(parameters: tuple[torch.Tensor, ...]) -> torch.Tensor:
        h = x
        for layer in range(layers):
            h = h @ parameters[layer] + parameters[layers + layer]
            if layer < layers - 1:
                h = tf.leaky_relu(h, ALPHA)
        return _torch_losses(h, y, task.labelled)

    gradient = torch.func.vmap(torch.func.grad(loss))
    for _ in range(STEPS):
        torch._foreach_add_(parameters, gradient(parameters), alpha=-RATE)
    return [parameter.numpy() for parameter in parameters]


def with_threads(threads: int, way: Callable[[Task], Parameters], task: Task) -> Parameters:
    """A way in PyTorch, on so many threads."""
    torch.set_num_threads(threads)
    return way(task)


def _jax_loss(parameters: list, x: jax.Array, y: jax.Array, labelled: bool) -> jax.Array:
    layers = len(parameters) // 2
    h = x
    for layer in range(layers):
        h = h @ parameters[layer] + parameters[layers + layer]
        if layer < layers - 1:
            h = jax.nn.leaky_relu(h, ALPHA)
    if labelled:
        return -jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], axis=1).mean()
    return ((h - y) ** 2).mean() / 2


def _jax_trained(parameters: list, x: jax.Array, y: jax.Array, labelled: bool) -> list:
    """One network after all steps."""

    def step(_: int, parameters: list) -> list:
        gradients = jax.grad(_jax_loss)(parameters, x, y, labelled)
        return jax.tree.map(lambda p, g: p - RATE * g, parameters, gradients)

    return jax.lax.fori_loop(0, STEPS, step, parameters)


@partial(jax.jit, static_argnums=3)
def _jax_vmap(parameters: list, x: jax.Array, y: jax.Array, labelled: bool) -> list:
    return jax.vmap(lambda one: _jax_trained(one, x, y, labelled))(parameters)


@partial(jax.jit, static_argnums=3)
def _jax_map(parameters: list, x: jax.Array, y: jax.Array, labelled: bool) -> list:
    return jax.lax.map(lambda one: _jax_trained(one, x, y, labelled), parameters)


@partial(jax.jit, static_argnums=3)
def _jax_by_hand(parameters: list, x: jax.Array, y: jax.Array, labelled: bool) -> list:
    """Features first, the backward pass written out, one network after another: they stay in cache."""
    layers = len(parameters) // 2
    x, target = x.T, jax.nn.one_hot(y, parameters[layers - 1].shape[-1]).T if labelled else y.T

    def step(_: int, parameters: list) -> list:
        weights, biases = parameters[:layers], parameters[layers:]
        h, inputs, sums = x, [], []
        for weight, bias in zip(weights, biases, strict=True):
            inputs.append(h)
            sums.append(weight @ h + bias)
            h = jnp.maximum(sums[-1], ALPHA * sums[-1])
        error = ((jax.nn.softmax(sums[-1], axis=0) if labelled else sums[-1]) - target) / x.shape[1]
        changed = [None] * 2 * layers
        for layer in reversed(range(layers)):
            changed[layer] = weights[layer] - RATE * (error @ inputs[layer].T)
            changed[layers + layer] = biases[layer] - RATE * error.sum(axis=1, keepdims=True)
            if layer:
                error = weights[layer].T @ error * jnp.where(sums[layer - 1] > 0, 1, ALPHA)
        return changed

    turned = [parameter.swapaxes(-1, -2) for parameter in parameters]
    ends = jax.lax.map(lambda one: jax.lax.fori_loop(0, STEPS, step, one), turned)
    return [parameter.swapaxes(-1, -2) for parameter in ends]


def on_jax(way: Callable, task: Task) -> Parameters:
    """A way in JAX, compiled by an earlier call."""
    x, y = jnp.asarray(task.x), jnp.asarray(task.y)
    ends = way([jnp.asarray(parameter) for parameter in task.parameters], x, y, task.labelled)
    return [np.asarray(end) for end in ends]


def ways(task: Task) -> dict[str, Callable[[], Parameters]]:
    """Every way by its name."""
    cores = os.cpu_count()
    return {
        "ours": lambda: ours(task),
        "NumPy, a loop": lambda: numpy_loop(task),
        "PyTorch, a loop, 1": partial(with_threads, 1, torch_loop, task),
        "PyTorch, a loop": partial(with_threads, cores, torch_loop, task),
        "PyTorch, stacked": partial(with_threads, cores, torch_stacked, task),
        "`torch.func`": partial(with_threads, cores, torch_func, task),
        "JAX, vmap": lambda: on_jax(_jax_vmap, task),
        "JAX, lax.map": lambda: on_jax(_jax_map, task),
        "JAX, laid out by hand": lambda: on_jax(_jax_by_hand, task),
    }


def check_that_all_end_alike(of_task: dict[str, Callable[[], Parameters]]) -> None:
    """All ways did the same work, or none is timed; rounding at a bend may move single units apart."""
    expected = of_task["ours"]()
    for name, way in of_task.items():
        apart = [np.abs(end - right[: len(end)]).mean() for end, right in zip(way(), expected, strict=True)]
        if not max(apart) < 1e-4:
            raise AssertionError(f"{name} ends elsewhere: {max(apart):.2g} away")


def compared() -> str:
    """The table of all ways."""
    found: dict[str, list[float]] = {}
    for widths in CASES.values():
        of_task = ways(Task(widths))
        check_that_all_end_alike(of_task)
        times = fastest(of_task, ROUNDS)
        scaled = {
            name: time * (NETWORKS / SAMPLE if "a loop" in name else 1) for name, time in times.items()
        }
        better: dict[str, float] = {}
        for name, time in scaled.items():
            plain = name.removesuffix(", 1")
            better[plain] = min(time, better.get(plain, time))
        for name, time in better.items():
            found.setdefault(name, []).extend((time, time / better["ours"]))
    header = ["way", *(cell for case in CASES for cell in (f"{case}: s", "relative to ours"))]
    return markdown(header, [[name, *(f"{cell:.2f}" for cell in cells)] for name, cells in found.items()])


def of_one_size(count: int, widths: list[int]) -> tuple[float, float]:
    """Seconds for some steps of so many networks, and what the arrays of a run take at most, in MB."""
    task = Task(widths, count)
    ours(task, 2)
    time = min(seconds(lambda: ours(task, COUNT_STEPS)) for _ in range(ROUNDS))
    tracemalloc.start()
    ours(task, 2)
    return time, tracemalloc.get_traced_memory()[1] / 1e6


def sizes() -> str:
    """Time and memory per network, from few networks to thousands, each in a process of its own."""
    rows = []
    for case, widths in CASES.items():
        for count in COUNTS:
            line = subprocess.run(
                [sys.executable, __file__, str(count), *map(str, widths)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            time, memory = map(float, line.split())
            each = sum(parameter[0].nbytes for parameter in Task(widths, 1).parameters)
            rows.append(
                [
                    case,
                    f"{count:,}",
                    f"{1e6 * time / count / COUNT_STEPS:.0f}",
                    f"{memory:.0f}",
                    f"{count * each / 1e6:.1f}",
                ]
            )
    header = [
        "networks",
        "how many",
        "µs per network and step",
        "arrays of the run, MB",
        "their parameters, MB",
    ]
    return markdown(header, rows)


def report() -> str:
    """The two tables, with their conditions."""
    about = f"{NETWORKS} networks, {EXAMPLES} examples, {STEPS} full-batch steps"
    about += f"; {conditions('numpy', 'torch', 'jax')}"
    return "\n\n".join([f"{about}.", compared(), sizes()])


if __name__ == "__main__":
    if sys.argv[1:]:
        count, *widths = map(int, sys.argv[1:])
        print(*of_one_size(count, widths))
    else:
        print(report())
