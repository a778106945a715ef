"""The named experiments: settings in, a `Result` out.

``training_death(...)`` runs to its end. ``training_death.live(...)`` yields the result so far again and
again: a loop over it is a progress bar, ``break`` keeps what was computed.
"""

from leaky_lib.experiments.birth import born_dead_bounds
from leaky_lib.experiments.choice import sweep, worker_pool
from leaky_lib.experiments.death import collapse, rescue, training_death
from leaky_lib.experiments.limits import divergence
from leaky_lib.experiments.neuron import neuron_path
from leaky_lib.experiments.patients import CURED, dead_convolution, examination, heal, mysteries, patient
from leaky_lib.experiments.result import Result
from leaky_lib.experiments.signal import signal
