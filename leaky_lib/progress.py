"""How far a plain call of an experiment is, shown under its cell while it runs.

It shows nothing where nobody can watch: outside a notebook, and where a program runs one (nbclient,
nbval), which cannot be asked for input.
"""

import builtins
from collections import deque
from collections.abc import Callable, Iterator
from operator import attrgetter
from time import monotonic
from typing import TypeVar

Result = TypeVar("Result")

QUIET_SECONDS, UPDATE_SECONDS = 2.0, 0.3
"""A run that takes no longer shows nothing; the bar moves so often."""


def last_of(run: Iterator[Result]) -> Result:
    """The last result of a run; none of the others is kept."""
    (result,) = deque(run, maxlen=1)
    return result


def with_progress(
    run: Iterator[Result], share_done: Callable[[Result], float] = attrgetter("progress")
) -> Iterator[Result]:
    """``run``, of results or None; after two seconds a bar under the cell, of which nothing is left."""
    if not _somebody_watches():
        yield from run
        return
    from IPython.display import display

    bar, due = None, monotonic() + QUIET_SECONDS
    try:
        for result in run:
            yield result
            if monotonic() < due:
                continue
            share, due = 0.0 if result is None else share_done(result), monotonic() + UPDATE_SECONDS
            html = f'<progress value="{share:.3f}" aria-label="progress"></progress> {share:.0%} done'
            bundle = {"text/plain": f"{share:.0%} done", "text/html": html}
            if bar is None:
                bar = display(bundle, raw=True, display_id=True)
            else:
                bar.update(bundle, raw=True)
    finally:
        if bar is not None:
            bar.update({}, raw=True)


def _somebody_watches() -> bool:
    """Whether this runs in the kernel of a notebook whose reader can be asked for input."""
    shell = getattr(builtins, "get_ipython", lambda: None)()  # IPython puts it there for a cell
    kernel = getattr(shell, "kernel", None)
    return kernel is not None and getattr(kernel, "_allow_stdin", True)  # the browser's kernel does not say
