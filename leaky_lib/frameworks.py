"""What other libraries call Leaky ReLU, and what they answer where it has no derivative."""

from dataclasses import dataclass

from leaky_lib.tables import Table

__all__ = ["FRAMEWORKS", "Framework", "table"]


@dataclass(frozen=True)
class Framework:
    """One library's Leaky ReLU, as run in the version named; a test asks again where it is installed.

    Attributes
    ----------
    library, version : str
        Which library was asked.
    call : str
        How Leaky ReLU is called there; empty if there is none.
    slope_name : str
        What the slope on the negative side is called.
    default_slope : float or None
        Its value when nothing is said.
    derivative_at_zero : str
        ``"slope"``, ``"1"`` or why there is none.
    """

    library: str
    version: str
    call: str
    slope_name: str
    default_slope: float | None
    derivative_at_zero: str


FRAMEWORKS = (
    Framework("PyTorch", "2.13.0", "torch.nn.functional.leaky_relu", "negative_slope", 0.01, "slope"),
    Framework("TensorFlow", "2.21.0", "tf.nn.leaky_relu", "alpha", 0.2, "slope"),
    Framework("Keras", "3.15.1", "keras.layers.LeakyReLU", "negative_slope", 0.3, "slope"),
    Framework("Keras", "3.15.1", "keras.activations.leaky_relu", "negative_slope", 0.2, "slope"),
    Framework("JAX", "0.10.2", "jax.nn.leaky_relu", "negative_slope", 0.01, "1"),
    Framework("ONNX", "1.23.2", "LeakyRelu", "alpha", 0.01, "not defined: a format for inference"),
    Framework("scikit-learn", "1.9.1", "", "", None, "has no Leaky ReLU"),
)
"""Keras was run with its TensorFlow backend."""


def table() -> Table:
    """`FRAMEWORKS` as a notebook shows it."""
    columns = ("library", "call", "name of the slope", "default", "derivative at 0")
    return Table(
        columns,
        tuple(
            (
                f"{one.library} {one.version}",
                f"`{one.call}`" if one.call else "–",
                one.slope_name or "–",
                "–" if one.default_slope is None else f"{one.default_slope:g}",
                one.derivative_at_zero.replace("slope", "the slope α"),
            )
            for one in FRAMEWORKS
        ),
    )
