"""Holds the progress of a plain call to what its reader sees, and to leaving nothing behind."""

import builtins
import subprocess
import sys
from contextlib import nullcontext
from itertools import count
from types import SimpleNamespace

import pytest

from leaky_lib import progress
from leaky_lib.progress import last_of, with_progress


@pytest.fixture
def shown(monkeypatch) -> list[dict]:
    """What a reader sees under a cell, in order; each step of a run takes half a second."""
    seen = []

    def display(bundle, raw, display_id):
        assert raw
        assert display_id is True
        seen.append(bundle)
        return SimpleNamespace(update=lambda bundle, raw: seen.append(bundle))

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(progress, "monotonic", count(step=0.5).__next__)
    in_a_kernel(monkeypatch, SimpleNamespace(_allow_stdin=True))
    return seen


def in_a_kernel(monkeypatch, kernel: object) -> None:
    shell = SimpleNamespace(kernel=kernel)
    monkeypatch.setattr(builtins, "get_ipython", lambda: shell, raising=False)


def a_run(steps: int):
    yield None
    for step in range(1, steps + 1):
        yield SimpleNamespace(progress=step / steps)


def test_a_short_run_shows_nothing(shown):
    assert last_of(with_progress(a_run(2))).progress == 1
    assert shown == []


@pytest.mark.parametrize("error", [None, ValueError("no"), KeyboardInterrupt()])
def test_a_long_run_says_how_far_it_is_and_leaves_nothing_in_an_error_either(shown, error):
    def run():
        yield from [None] * 5
        yield from a_run(10)
        if error:
            raise error

    with pytest.raises(type(error)) if error else nullcontext():
        last_of(with_progress(run()))
    *bundles, left = shown
    said = [bundle["text/plain"] for bundle in bundles]
    assert said[0] == "0% done", "before the first result"
    assert said[-1] == "100% done"
    assert said == sorted(said, key=lambda text: int(text.split("%")[0]))
    assert all('<progress value="' in bundle["text/html"] for bundle in bundles)
    assert left == {}


@pytest.mark.parametrize("kernel", [None, SimpleNamespace(_allow_stdin=False)])
def test_it_is_silent_where_nobody_watches(shown, monkeypatch, kernel):
    in_a_kernel(monkeypatch, kernel)
    last_of(with_progress(a_run(10)))
    monkeypatch.delattr(builtins, "get_ipython")
    last_of(with_progress(a_run(10)))
    assert shown == []


def test_the_browsers_kernel_which_does_not_say_is_watched(shown, monkeypatch):
    in_a_kernel(monkeypatch, SimpleNamespace())
    last_of(with_progress(a_run(10)))
    assert shown


def test_the_experiments_do_not_import_ipython():
    program = "import sys, leaky_lib.experiments; sys.exit('IPython' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
