"""What others have measured and chosen: published figures with their sources, for notebook 04.

A figure is *read* when a text that we could read states it: the paper's abstract, the authors' own results
page, or a public leaderboard's record. The others are as its authors' tables are remembered; they are drawn
hollow and said to be unconfirmed wherever they appear.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from leaky_lib.tables import Table

__all__ = ["DEFAULTS", "STUDIES", "Study", "defaults", "studies"]


@dataclass(frozen=True)
class Study:
    """Accuracies of networks that differ in their activation function, from one source.

    Attributes
    ----------
    source, setting, short : str
        ``short`` is the setting in a word or two.
    accuracy : dict of str to float
        On the test set, 0 to 1, by the slope: a number as text, ``"PReLU"``, ``"RReLU"``.
    read : frozenset of str
        Which of them were read in a text; see the module.
    """

    source: str
    setting: str
    short: str
    accuracy: Mapping[str, float]
    read: frozenset[str]

    def minus_relu(self, slope: str) -> float:
        """Accuracy minus that of ReLU, in percentage points."""
        return 100 * (self.accuracy[slope] - self.accuracy["0"])


XU = "Xu et al. 2015"
MISHKIN = "Mishkin et al. 2017"

STUDIES = (
    Study(
        XU,
        "CIFAR-10, convolutional",
        "CIFAR-10",
        {"0": 0.8755, "0.01": 0.8734, "0.18": 0.888, "PReLU": 0.8821, "RReLU": 0.8881},
        frozenset({"RReLU"}),
    ),
    Study(
        XU,
        "CIFAR-100, convolutional",
        "CIFAR-100",
        {"0": 0.571, "0.01": 0.5795, "0.18": 0.5958, "PReLU": 0.5837, "RReLU": 0.5975},
        frozenset({"RReLU"}),
    ),
    Study(
        "He et al. 2015",
        "ImageNet, 14 layers",
        "ImageNet",
        {"0": 0.6616, "PReLU": 0.6736},
        frozenset({"0", "PReLU"}),
    ),
    Study(
        MISHKIN,
        "ImageNet, 128 pixels",
        "ImageNet, small",
        {"0": 0.471, "0.33": 0.469, "PReLU": 0.485, "RReLU": 0.478, "1": 0.389},
        frozenset({"0", "0.33", "PReLU", "RReLU", "1"}),
    ),
    Study(
        MISHKIN,
        "the same, batch norm.",
        "with batch norm.",
        {"0": 0.499, "PReLU": 0.503, "RReLU": 0.500, "1": 0.384},
        frozenset({"0", "PReLU", "RReLU", "1"}),
    ),
)
"""Sources. Xu et al.: arXiv:1505.00853, tables 3 and 4; RReLU as on a public leaderboard (88.8 and 59.8 %).
He et al.: arXiv:1502.01852; the text gives PReLU's top-1 error, 32.64 %, and 1.2 points of gain on ReLU.
Mishkin et al.: doi:10.1016/j.cviu.2017.05.007, with the authors' results page; their "1" has no activation
function, but max-pooling, which still bends."""


def studies() -> Table:
    """All of `STUDIES`, one row each, in points of accuracy against the same network with ReLU."""
    slopes = ("0.01", "0.18", "0.33", "PReLU", "RReLU", "1")
    rows = []
    for study in STUDIES:
        cells = [
            f"{study.minus_relu(slope):+.1f}{'' if study.read >= {'0', slope} else ' *'}"
            if slope in study.accuracy
            else "–"
            for slope in slopes
        ]
        rows.append((study.source, study.setting, *cells))
    return Table(
        ("source", "data and network", *(f"α={s}" if s[0].isdigit() else s for s in slopes)), tuple(rows)
    )


DEFAULTS = (
    ("Maas et al. 2013, who proposed it", "0.01", "ICML workshop paper, section 2 *"),
    ("PyTorch, JAX, ONNX", "0.01", "their documentation; see notebook 02"),
    ("Darknet, the first YOLO networks", "0.1", "its source, activations.h"),
    ("TensorFlow `tf.nn.leaky_relu`", "0.2", "its documentation; see notebook 02"),
    ("DCGAN, a generator of images", "0.2", "Radford et al. 2015, section 4 (arXiv:1511.06434)"),
    ("Keras `LeakyReLU`", "0.3", "its documentation; see notebook 02"),
    ("very leaky ReLU", "1/3", "Mishkin et al. 2017"),
    ("PReLU, at the start", "0.25", "He et al. 2015, section 2.1; PyTorch 0.25, Keras 0"),
    ("RReLU, at test time", "0.18", "Xu et al. 2015: 2/11. PyTorch: 0.229"),
)


def defaults() -> Table:
    """Slopes that libraries and well-known networks use when nobody says otherwise."""
    return Table(("where", "α", "source"), DEFAULTS)
