"""Optimisers: what turns a gradient into a step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.arguments import finite_number, name_among, whole_number


@dataclass(frozen=True)
class Optimiser:
    """A rule that turns a gradient into a step, with some arrays of memory per parameter.

    ``learning_rate`` is a number, one for each network (broadcastable to ``members``), or a function of
    the step.
    """

    learning_rate: ArrayLike | Callable[[int], ArrayLike] = 0.1
    memories: ClassVar[int] = 0

    def update(
        self,
        parameter: np.ndarray,
        gradient: np.ndarray,
        memory: list[np.ndarray],
        rate: ArrayLike,
        step: int,
    ) -> None:
        """Change ``parameter`` in place; ``gradient`` may be used as scratch space."""
        raise NotImplementedError


@dataclass(frozen=True)
class SGD(Optimiser):
    """Gradient descent: ``w -= learning_rate * g``."""

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        gradient *= rate
        parameter -= gradient


@dataclass(frozen=True)
class Momentum(Optimiser):
    """Gradient descent with momentum: ``v = beta * v + g``, then ``w -= learning_rate * v``."""

    beta: float = 0.9
    memories: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check_shares_kept(beta=self.beta)

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        (velocity,) = memory
        velocity *= self.beta
        velocity += gradient
        np.multiply(velocity, rate, out=gradient)
        parameter -= gradient


@dataclass(frozen=True)
class Adam(Optimiser):
    """Adam, with its bias correction (D. P. Kingma and J. Ba, 2015, algorithm 1; arXiv:1412.6980)."""

    learning_rate: ArrayLike | Callable[[int], ArrayLike] = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    memories: ClassVar[int] = 2

    def __post_init__(self) -> None:
        _check_shares_kept(beta1=self.beta1, beta2=self.beta2)
        finite_number("epsilon", self.epsilon, "of at least 0", lambda epsilon: epsilon >= 0)

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        mean, square = memory
        mean *= self.beta1
        mean += (1 - self.beta1) * gradient
        square *= self.beta2
        np.square(gradient, out=gradient)
        gradient *= 1 - self.beta2
        square += gradient
        np.divide(square, 1 - self.beta2 ** (step + 1), out=gradient)
        np.sqrt(gradient, out=gradient)
        gradient += self.epsilon
        np.divide(mean, gradient, out=gradient)
        gradient *= rate / (1 - self.beta1 ** (step + 1))
        parameter -= gradient


def _check_shares_kept(**shares: float) -> None:
    for name, value in shares.items():
        finite_number(name, value, "from 0 to below 1", lambda share: 0 <= share < 1)


OPTIMISERS = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def optimiser_called(name: str, learning_rate: float | np.ndarray, warm_up: int = 0) -> Optimiser:
    """SGD, Momentum or Adam by name; over ``warm_up`` steps the learning rate rises to its value."""
    if not isinstance(learning_rate, np.ndarray):
        learning_rate = finite_number("learning_rate", learning_rate, "of at least 0", lambda r: r >= 0)
    of_that_name = OPTIMISERS[name_among("optimiser", name, OPTIMISERS)]
    if whole_number("warm_up", warm_up, minimum=0) == 0:
        return of_that_name(learning_rate)
    return of_that_name(lambda step: learning_rate * min(1.0, (step + 1) / warm_up))
