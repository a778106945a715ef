"""The small library behind the notebooks: it costs no more to import than NumPy does.

The mathematics is here at once. The figures, the explorers and the exercises need Matplotlib or
ipywidgets; they load when their name is first used.
"""

from importlib import import_module

from leaky_lib.activations import (
    leaky_relu,
    leaky_relu_derivative,
    leaky_relu_gain,
    leaky_relu_inverse,
    relu,
    relu_derivative,
)

__all__ = [
    "activations",
    "answers",
    "arguments",
    "convolutions",
    "data",
    "exercises",
    "experiments",
    "explorers",
    "family",
    "figures",
    "intervals",
    "kept",
    "leaky_relu",
    "leaky_relu_derivative",
    "leaky_relu_gain",
    "leaky_relu_inverse",
    "networks",
    "page",
    "parallel",
    "progress",
    "questions",
    "relu",
    "relu_derivative",
    "tables",
    "training",
    "units",
    "views",
]


def __getattr__(name: str) -> object:
    """Import a part of the library when it is first asked for."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
