"""Explorers: controls and one picture, one line in a notebook.

The pattern is in `pattern`; every other file holds what one notebook shows, picture and controls side by
side.
"""

from leaky_lib.explorers.choosing import ends, signal, sweep
from leaky_lib.explorers.deep import channels, deep_death
from leaky_lib.explorers.definition import layer, shape
from leaky_lib.explorers.derivative import long_way, tangent
from leaky_lib.explorers.dying import kill, rescue, training_death
from leaky_lib.explorers.limits import divergence, family
from leaky_lib.explorers.pattern import Choice, Explorer, Listed, LiveExplorer, Number, Walk
from leaky_lib.explorers.start import one_number

__all__ = [
    "Choice",
    "Explorer",
    "Listed",
    "LiveExplorer",
    "Number",
    "Walk",
    "channels",
    "deep_death",
    "divergence",
    "ends",
    "family",
    "kill",
    "layer",
    "long_way",
    "one_number",
    "rescue",
    "shape",
    "signal",
    "sweep",
    "tangent",
    "training_death",
]
