"""What an experiment found, and what makes an experiment of a generator."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import wraps
from inspect import signature
from itertools import product
from pathlib import Path

import numpy as np

from leaky_lib.intervals import Estimate
from leaky_lib.progress import last_of, with_progress
from leaky_lib.tables import Table, name_of, row_of

SHARES = ("constant", "solved", "layer_never_positive", "diverged")
"""Measures that are true or false of a network; of the others there is a mean."""

BOUNDED = ("never_positive", "stuck", "accuracy")
"""Measures whose mean lies between 0 and 1, and so does its interval."""

HEADS = {"alpha": "network", "depth": "hidden layers", "accuracy": "test accuracy"}


@dataclass(frozen=True)
class Result:
    """Numbers about networks, over named axes. Networks with one seed are twins: same start, same data.

    Attributes
    ----------
    axes : dict of tuple
        Name and values of every axis: ``{"step": (0, 20), "alpha": (0, 0.1), "seed": (0, 1, 2), ...}``.
    values : dict of ndarray
        By the name of the measure. Each has the first axes, as many as it has dimensions: up to ``"seed"``
        it is one number per network. NaN where nothing is known, as of a network that diverged.
    progress : float
        Share of the work that is done, 0 to 1.
    comparisons : int
        So many differences are read together; the intervals of `paired` hold for all of them at once.
    settings : dict
        The arguments that made it.
    """

    axes: dict[str, tuple]
    values: dict[str, np.ndarray]
    progress: float = 1.0
    comparisons: int = 1
    settings: dict[str, object] = field(default_factory=dict)

    def at(self, **where: object) -> "Result":
        """The part at these values of some axes, which are gone from it: ``at(alpha=0.1, step=400)``."""
        axes, values = dict(self.axes), dict(self.values)
        for name, value in where.items():
            if name not in axes:
                raise ValueError(f"a place is named by {', '.join(axes)}; got {name}={value!r}")
            axis, row = list(axes).index(name), row_of(axes.pop(name), value, name)
            values = {
                measure: array.take(row, axis) if array.ndim > axis else array
                for measure, array in values.items()
            }
        return replace(self, axes=axes, values=values)

    def of(self, measure: str, **where: object) -> np.ndarray:
        """A measure of every network at these values of some axes; at the last step by default.

        An axis of one value need not be named. What is known of single units is averaged over those of a
        network; NaN where it diverged.
        """
        if measure not in self.values:
            raise ValueError(f"measure must be one of {', '.join(self.values)}; got {measure!r}")
        only = {name: axis[0] for name, axis in self._of_networks().items() if len(axis) == 1}
        last = {"step": self.axes["step"][-1]} if "step" in self.axes else {}
        part = self.at(**{**only, **last, **where})
        network_axes = list(part.axes).index("seed") + 1
        values = part.values[measure]
        if values.ndim == network_axes:
            return values.astype(float)
        of_network = values.mean(axis=tuple(range(network_axes, values.ndim)), dtype=float)
        return np.where(part.values["diverged"], np.nan, of_network)

    def _of_networks(self) -> dict[str, tuple]:
        """The axes before the seeds, along which networks differ, without the steps."""
        names = list(self.axes)[: list(self.axes).index("seed")]
        return {name: self.axes[name] for name in names if name != "step"}

    def number(self, measure: str, **where: object) -> float:
        """A measure that is one for all networks, such as ``"learning_rate"`` of `at_best_rate`."""
        return self.at(**where).values[measure].item()

    def _known(self, measure: str, where: dict[str, object]) -> np.ndarray:
        values = self.of(measure, **where)
        return values[~np.isnan(values)]

    def count(self, measure: str, **where: object) -> int:
        """How many networks are, say, ``"diverged"``."""
        return int(self._known(measure, where).sum())

    def share(self, measure: str, **where: object) -> Estimate:
        """The share of networks that are, say, ``"constant"``, with Wilson's interval."""
        known = self._known(measure, where)
        return Estimate.of_share(int(known.sum()), known.size)

    def mean(self, measure: str, **where: object) -> Estimate:
        """Mean over networks, with its interval."""
        bounds = (0, 1) if measure in BOUNDED else (-np.inf, np.inf)
        return Estimate.of_mean(self._known(measure, where), within=bounds)

    @property
    def compared(self) -> str:
        """The axis along which networks are compared with the first on it."""
        return "course" if "course" in self.axes else "alpha"

    def paired(self, measure: str, **where: object) -> Estimate:
        """Mean difference of networks from their twins at the first slope, where neither diverged."""
        baseline = {**where, self.compared: self.axes[self.compared][0]}
        difference = self.of(measure, **where) - self.of(measure, **baseline)
        return Estimate.of_mean(difference[~np.isnan(difference)], comparisons=self.comparisons)

    def at_best_rate(self) -> "Result":
        """Every slope at its own learning rate: that with the least mean loss on held-out examples.

        Of those, that is, at which the fewest networks diverged. The loss tells learning rates apart where
        all answers are right, and the test set has no say. ``"learning_rate"`` becomes a measure.
        """
        axis = list(self.axes).index("learning_rate")
        loss, diverged = self.values["held_out_loss"], self.values["diverged"]
        mean = np.ma.array(loss, mask=np.isnan(loss)).mean(axis=-1).filled(np.inf)
        best = np.lexsort((mean, np.nansum(diverged, axis=-1)), axis=axis).take([0], axis)
        rates = np.take(self.axes["learning_rate"], best.squeeze(axis))
        values = {
            measure: np.take_along_axis(array, best[..., None], axis).squeeze(axis)
            for measure, array in self.values.items()
        }
        axes = {name: values for name, values in self.axes.items() if name != "learning_rate"}
        return replace(self, axes=axes, values={"learning_rate": rates, **values})

    def summary(self, *measures: str) -> Table:
        """One row per slope, every number with its 95 % interval.

        Parameters
        ----------
        *measures : str
            Of ``values``, and ``"minus its twin's"`` of the accuracy; by default all shares, and how they
            were got.
        """
        told = ("learning_rate", "never_positive", "stuck", *SHARES, "accuracy")
        offered = [measure for measure in told if measure in self.values]
        offered += ["minus its twin's"] if "accuracy" in self.values else []
        if wrong := [name for name in measures if name not in offered]:
            raise ValueError(f"measures must be among {', '.join(map(repr, offered))}; got {wrong[0]!r}")
        chosen = measures or offered
        networks = self._of_networks()
        shown = [name for name, axis in networks.items() if name == self.compared or len(axis) > 1]
        rows = []
        for place in product(*networks.values()):
            where = dict(zip(networks, place, strict=True))
            cells = (name_of(where[n]) if n == self.compared else f"{where[n]:g}" for n in shown)
            rows.append((*cells, *(self._cell(measure, where) for measure in chosen)))
        heads = (HEADS.get(name, name.replace("_", " ")) for name in (*shown, *chosen))
        return Table(tuple(heads), tuple(rows))

    def _cell(self, measure: str, where: dict[str, object]) -> str:
        if measure == "learning_rate":
            return f"{self.number(measure, **where):g}"
        if measure == "diverged":
            return f"{self.count(measure, **where)} of {self._known(measure, where).size}"
        if measure in SHARES:
            return f"{self.share(measure, **where):.0%}"
        if measure != "minus its twin's":
            return format(self.mean(measure, **where), ".3f" if measure == "accuracy" else ".2f")
        if where[self.compared] == self.axes[self.compared][0]:
            return "(the baseline)"
        return f"{self.paired('accuracy', **where):+.3f}"

    def to_csv(self, path: str | Path) -> Path:
        """Write one line per network, as it stood at the end, with the settings; returns the path."""
        path, networks = Path(path), self._of_networks()
        shape = [len(axis) for axis in (*networks.values(), self.axes["seed"])]
        per_network = {
            measure: self.of(measure).reshape(shape)
            for measure in self.values
            if measure in (*SHARES, *BOUNDED) or "loss" in measure
        }
        told = {name: value for name, value in self.settings.items() if name not in networks}
        with path.open("w", newline="", encoding="utf-8") as file:
            write = csv.writer(file).writerow
            write([*told, *networks, "seed_number", *per_network])
            for place in product(*map(enumerate, (*networks.values(), self.axes["seed"]))):
                at, names = zip(*place, strict=True)
                write([*told.values(), *names, *(values[at] for values in per_network.values())])
        return path


def experiment(generator: Callable[..., Iterator[Result | None]]) -> Callable[..., Result]:
    """Make an experiment of a generator: called, it returns the last result; ``.live`` yields them all.

    Up to a first ``yield`` of nothing the generator checks its settings, so that a bad one is said at the
    call. Afterwards it yields what is known so far, or None; a loop over it is progress, ``break`` a stop.
    An error then, also Ctrl + C, carries the last result as ``result``.
    """

    @wraps(generator)
    def live(*arguments: object, **settings: object) -> Iterator[Result | None]:
        run = generator(*arguments, **settings)
        next(run)
        bound = signature(generator).bind(*arguments, **settings)
        bound.apply_defaults()
        told = {name: value for name, value in bound.arguments.items() if name != "executor"}
        return _keeping(result and replace(result, settings=told) for result in run)

    @wraps(generator)
    def to_the_end(*arguments: object, **settings: object) -> Result:
        return last_of(with_progress(live(*arguments, **settings)))

    to_the_end.live = live
    to_the_end.__signature__ = signature(generator).replace(return_annotation=Result)
    return to_the_end


def _keeping(run: Iterator[Result | None]) -> Iterator[Result | None]:
    """``run``, whose errors carry its last result and say so."""
    latest = None
    try:
        for result in run:
            latest = result or latest
            yield result
    except GeneratorExit:
        raise
    except BaseException as error:
        kept = "Nothing was kept: it ended before the first result."
        if latest is not None:
            error.result = latest
            kept = f"Kept: {latest.progress:.0%} of the run. "
            kept += "To reach it: import sys; kept = sys.last_value.result"
        error.add_note(kept)
        raise
