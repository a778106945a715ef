"""The named experiments: settings in, a result out.

The long ones come in two forms. ``training_death(...)`` runs to its end. ``training_death_live(...)``
yields the result so far again and again: a loop over it is a progress bar, ``break`` keeps what was
computed. Same arguments, same result.
"""

from leaky_lib.experiments.birth import born_dead_bounds
from leaky_lib.experiments.choice import ends, signal, sweep, sweep_live, worker_pool
from leaky_lib.experiments.death import (
    collapse,
    collapse_live,
    rescue,
    rescue_live,
    training_death,
    training_death_live,
)
from leaky_lib.experiments.limits import divergence, divergence_live, shift_by_layer, steps_to_learn
from leaky_lib.experiments.neuron import neuron_path
from leaky_lib.experiments.patients import CURED, dead_convolution, examination, heal, mysteries, patient

__all__ = [
    "CURED",
    "born_dead_bounds",
    "collapse",
    "collapse_live",
    "dead_convolution",
    "divergence",
    "divergence_live",
    "ends",
    "examination",
    "heal",
    "mysteries",
    "neuron_path",
    "patient",
    "rescue",
    "rescue_live",
    "shift_by_layer",
    "signal",
    "steps_to_learn",
    "sweep",
    "sweep_live",
    "training_death",
    "training_death_live",
    "worker_pool",
]
