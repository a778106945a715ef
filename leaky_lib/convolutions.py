"""Convolution as a dense layer on patches: how a layer's inputs are laid out before its matrix product.

A 3 × 3 convolution looks at every pixel and its eight neighbours with the same weights. Write the nine
neighbours of every pixel side by side, as one row, and it is a matrix product like any other: rows are
(example, pixel), columns (neighbour, channel). Shapes: images are rows of ``(*members, examples * side *
side, channels)``, patches ``(*members, examples * side * side, 9 * channels)``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

__all__ = ["Convolution", "Dense", "Flattened", "patches_of"]


def patches_of(
    images: np.ndarray, padded: np.ndarray | None = None, out: np.ndarray | None = None
) -> np.ndarray:
    """Every pixel's 3 × 3 neighbourhood as a row; zeros beyond the border.

    Parameters
    ----------
    images : ndarray, shape (..., examples, side, side, channels)
    padded : ndarray, shape (..., examples, side + 2, side + 2, channels), optional
        C-contiguous; where to put the images with a border. Its border must be zero.
    out : ndarray, shape (..., examples * side * side, 9 * channels), optional
        C-contiguous; where to put the rows.

    Returns
    -------
    ndarray, shape (..., examples * side * side, 9 * channels)
        Neighbours from the upper left to the lower right, and the channels of each.

    Raises
    ------
    ValueError
        If the images have too few axes, or are not square, or if an array does not fit.
    """
    if images.ndim < 4 or images.shape[-3] != images.shape[-2]:
        raise ValueError(
            f"images must have shape (..., examples, side, side, channels); got {images.shape}"
        )
    *lead, examples, side, _, channels = images.shape
    with_border = (*lead, examples, side + 2, side + 2, channels)
    rows_of_all = (*lead, examples * side * side, 9 * channels)
    padded = (
        np.zeros(with_border, images.dtype) if padded is None else _fitting("padded", padded, with_border)
    )
    out = np.empty(rows_of_all, images.dtype) if out is None else _fitting("out", out, rows_of_all)
    padded[..., 1:-1, 1:-1, :] = images
    *outer, down, right, item = padded.strides
    # Three neighbours in a row of the image lie next to each other in memory: three runs per patch.
    rows = as_strided(
        padded,
        (*lead, examples, side, side, 3, 3 * channels),
        (*outer, down, right, down, item),
        writeable=False,
    )
    np.copyto(out.reshape(rows.shape), rows)
    return out


def _fitting(name: str, array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if not (array.shape == shape and array.flags.c_contiguous):
        raise ValueError(f"{name} must be C-contiguous and have shape {shape}; got {array.shape}")
    return array


@dataclass(frozen=True)
class Dense:
    """The inputs as they are."""

    def rows(self, examples: int) -> int:
        """Rows of the matrix product."""
        return examples

    def buffers(self, members: tuple[int, ...], examples: int, fan_out: int, dtype: np.dtype) -> None:
        """Nothing to keep."""

    def forward(self, h: np.ndarray, buffers: None) -> np.ndarray:
        """The left factor of the matrix product."""
        return h

    def backward(self, error: np.ndarray, weight: np.ndarray, buffers: None, out: np.ndarray) -> np.ndarray:
        """From dLoss/dz to dLoss/dh."""
        return _times_transposed(error, weight, out)


def _times_transposed(error: np.ndarray, weight: np.ndarray, out: np.ndarray) -> np.ndarray:
    """``error @ weight.T`` for every network: a quarter faster from a copy than from a view."""
    transposed = np.ascontiguousarray(weight.swapaxes(-1, -2))
    # A column times a row is no sum; NumPy's product is slow there.
    product = np.multiply if error.shape[-1] == 1 else np.matmul
    return product(error, transposed, out=out)


@dataclass(frozen=True)
class Flattened:
    """All pixels and channels of an example as one row, for the last, dense layer."""

    side: int
    channels: int

    def rows(self, examples: int) -> int:
        """Rows of the matrix product."""
        return examples

    def buffers(self, members: tuple[int, ...], examples: int, fan_out: int, dtype: np.dtype) -> None:
        """Nothing to keep."""

    def forward(self, h: np.ndarray, buffers: None) -> np.ndarray:
        """The left factor of the matrix product."""
        return h.reshape(*h.shape[:-2], -1, self.side * self.side * self.channels)

    def backward(self, error: np.ndarray, weight: np.ndarray, buffers: None, out: np.ndarray) -> np.ndarray:
        """From dLoss/dz to dLoss/dh."""
        _times_transposed(error, weight, self.forward(out, None))
        return out


@dataclass(frozen=True)
class Convolution:
    """The 3 × 3 neighbourhood of every pixel; with ``pooled``, of the means of 2 × 2 pixels.

    Attributes
    ----------
    side : int
        Pixels along a side, after pooling.
    channels : int
        Of the images that come in.
    pooled : bool
    """

    side: int
    channels: int
    pooled: bool = False

    def rows(self, examples: int) -> int:
        """Rows of the matrix product."""
        return examples * self.side * self.side

    def buffers(
        self, members: tuple[int, ...], examples: int, fan_out: int, dtype: np.dtype
    ) -> tuple[np.ndarray, ...]:
        """Arrays for the pass forward and for the pass back: with a border, and as patches."""
        bordered = (*members, examples, self.side + 2, self.side + 2)
        rows = (*members, self.rows(examples))
        return (
            np.zeros((*bordered, self.channels), dtype),
            np.empty((*rows, 9 * self.channels), dtype),
            np.zeros((*bordered, fan_out), dtype),
            np.empty((*rows, 9 * fan_out), dtype),
        )

    def _images(self, h: np.ndarray, side: int) -> np.ndarray:
        return h.reshape(*h.shape[:-2], -1, side, side, h.shape[-1])

    def forward(self, h: np.ndarray, buffers: tuple[np.ndarray, ...]) -> np.ndarray:
        """The left factor of the matrix product."""
        padded, patches, *_ = buffers
        if self.pooled:
            images = self._images(h, 2 * self.side)
            quarters = (images[..., i::2, j::2, :] for i in (0, 1) for j in (0, 1))
            return patches_of(sum(quarters) / 4, padded, patches)
        return patches_of(self._images(h, self.side), padded, patches)

    def backward(
        self, error: np.ndarray, weight: np.ndarray, buffers: tuple[np.ndarray, ...], out: np.ndarray
    ) -> np.ndarray:
        """From dLoss/dz to dLoss/dh: the error, convolved with the same weights turned by half a turn."""
        *_, padded, patches = buffers
        fan_in, fan_out = weight.shape[-2:]
        turned = weight.reshape(*weight.shape[:-2], 9, fan_in // 9, fan_out)[..., ::-1, :, :]
        turned = turned.swapaxes(-1, -2).reshape(*weight.shape[:-2], 9 * fan_out, fan_in // 9)
        arranged = patches_of(self._images(error, self.side), padded, patches)
        if not self.pooled:
            return np.matmul(arranged, turned, out=out)
        share = self._images(np.matmul(arranged, turned) / 4, self.side)
        images = self._images(out, 2 * self.side)
        for i in (0, 1):
            for j in (0, 1):
                images[..., i::2, j::2, :] = share
        return out
