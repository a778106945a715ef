"""Convolution as a matrix product: every pixel's 3 × 3 neighbourhood as one row.

A 3 × 3 convolution looks at every pixel and its eight neighbours with the same weights. Write the nine
neighbours of every pixel side by side, as one row, and it is a matrix product like any other: rows are
(example, pixel), columns (neighbour, channel).
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["Convolution", "patches_of"]


def patches_of(images: np.ndarray) -> np.ndarray:
    """Every pixel's 3 × 3 neighbourhood as a row; zeros beyond the border.

    Parameters
    ----------
    images : ndarray, shape (..., examples, side, side, channels)

    Returns
    -------
    ndarray, shape (..., examples * side * side, 9 * channels)
        Neighbours from the upper left to the lower right, and the channels of each.
    """
    if images.ndim < 4 or images.shape[-3] != images.shape[-2]:
        raise ValueError(
            f"images must have shape (..., examples, side, side, channels); got {images.shape}"
        )
    *lead, examples, side, _, channels = images.shape
    padded = np.zeros((*lead, examples, side + 2, side + 2, channels), images.dtype)
    padded[..., 1:-1, 1:-1, :] = images
    windows = sliding_window_view(padded, (3, 3), axis=(-3, -2))
    return np.moveaxis(windows, -3, -1).reshape(*lead, examples * side * side, 9 * channels)


@dataclass(frozen=True)
class Convolution:
    """A layer that sees the neighbourhood of every pixel; with ``pooled``, of the means of 2 × 2 pixels.

    Attributes
    ----------
    side : int
        Pixels along a side, after pooling.
    pooled : bool
    """

    side: int
    pooled: bool = False

    def forward(self, h: np.ndarray) -> np.ndarray:
        """From what the layer before says, (..., pixels, channels), to the rows of the matrix product."""
        if not self.pooled:
            return patches_of(_images(h, self.side))
        images = _images(h, 2 * self.side)
        return patches_of(sum(images[quarter] for quarter in QUARTERS) / 4)

    def backward(self, error: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """From dLoss/dz to dLoss/dh: the error, convolved with the same weights turned by half a turn."""
        *members, rows, fan_out = weight.shape
        turned = weight.reshape(*members, 9, rows // 9, fan_out)[..., ::-1, :, :]
        turned = turned.swapaxes(-1, -2).reshape(*members, 9 * fan_out, rows // 9)
        back = patches_of(_images(error, self.side)) @ turned
        if not self.pooled:
            return back
        share = _images(back / 4, self.side)
        images = np.empty((*share.shape[:-3], 2 * self.side, 2 * self.side, share.shape[-1]), share.dtype)
        for quarter in QUARTERS:
            images[quarter] = share
        return images.reshape(*members, -1, share.shape[-1])


QUARTERS = [(..., slice(i, None, 2), slice(j, None, 2), slice(None)) for i in (0, 1) for j in (0, 1)]
"""The upper left pixel of every 2 × 2, the upper right, and so on."""


def _images(h: np.ndarray, side: int) -> np.ndarray:
    return h.reshape(*h.shape[:-2], -1, side, side, h.shape[-1])
