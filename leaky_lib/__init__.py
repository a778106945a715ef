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
    "leaky_relu",
    "leaky_relu_derivative",
    "leaky_relu_gain",
    "leaky_relu_inverse",
    "relu",
    "relu_derivative",
]


def __dir__() -> list[str]:
    from pkgutil import iter_modules  # no part of what importing costs

    return sorted([*__all__, *(module.name for module in iter_modules(__path__))])


def __getattr__(name: str) -> object:
    """Import a part of the library when it is first asked for."""
    if name in __dir__():
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
