"""Results of large runs, kept beside the library so that a notebook shows them at once.

To make them anew: ``python tests/refresh_notebooks.py --anew``.
"""

import json
import os
from collections.abc import Callable
from hashlib import sha256
from inspect import signature
from pathlib import Path

import numpy as np

from leaky_lib.experiments.result import Result

FOLDER = Path(__file__).parent / "kept"
ANEW = "LEAKY_KEEP_ANEW"
"""Where this environment variable is set, `kept` runs, and keeps the result."""


def kept(experiment: Callable[..., Result], **settings: object) -> Result:
    """What ``experiment(**settings)`` returns: kept if just this was run before, else run now."""
    path = file_of(experiment, settings)
    if not os.environ.get(ANEW):
        return load(path) if path.is_file() else experiment(**settings)
    result = experiment(**settings)
    save(result, path)
    return result


def file_of(experiment: Callable, settings: dict[str, object]) -> Path:
    """Where the result of an experiment with these settings, and its defaults for others, is kept."""
    bound = signature(experiment).bind(**settings)
    bound.apply_defaults()
    told = json.dumps(bound.arguments, sort_keys=True, default=_listed)
    return FOLDER / f"{experiment.__name__}-{sha256(told.encode()).hexdigest()[:12]}.npz"


def save(result: Result, path: Path) -> None:
    """Write a result: its arrays, and everything else as JSON beside them."""
    about = {"axes": result.axes, "comparisons": result.comparisons, "settings": result.settings}
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, about=np.array(json.dumps(about, default=_listed)), **result.values)


def load(path: Path) -> Result:
    """Read a result that `save` wrote."""
    with np.load(path) as file:
        values = dict(file)
    about = json.loads(values.pop("about").item())
    axes = {name: tuple(axis) for name, axis in about["axes"].items()}
    return Result(axes, values, 1.0, about["comparisons"], about["settings"])


def _listed(values: object) -> list:
    return np.asarray(values).tolist()
