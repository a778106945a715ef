"""Results of large runs, kept beside the library so that a notebook shows them at once.

To make them anew: ``python tests/refresh_notebooks.py --anew``.
"""

import json
import os
from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256
from inspect import signature
from pathlib import Path
from typing import TypeVar

import numpy as np

from leaky_lib.experiments.choice import Sweep
from leaky_lib.experiments.death import Collapse, Rescue, TrainingDeath
from leaky_lib.experiments.limits import Divergence

__all__ = ["kept"]

Result = TypeVar("Result", TrainingDeath, Collapse, Rescue, Sweep, Divergence)

FOLDER = Path(__file__).parent / "kept"
KINDS = {kind.__name__: kind for kind in (TrainingDeath, Collapse, Rescue, Sweep, Divergence)}
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
    parts = {field.name: getattr(result, field.name) for field in fields(result)}
    arrays = {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
    rest = {name: part for name, part in parts.items() if name not in arrays}
    about = json.dumps({"kind": type(result).__name__, **rest}, default=_listed)
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, about=np.array(about), **arrays)


def load(path: Path) -> TrainingDeath | Collapse | Rescue | Sweep | Divergence:
    """Read a result that `save` wrote."""
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(arrays.pop("about").item())
    kind = KINDS[about.pop("kind")]
    return kind(**arrays, **{name: tuple(it) if isinstance(it, list) else it for name, it in about.items()})


def _listed(values: object) -> list:
    return np.asarray(values).tolist()
