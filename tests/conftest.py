"""Lets tests run side by side: one thread for each, and its kernels; the longest files first."""

import os

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST_FIRST = ("test_notebooks.py", "05_going_deep.ipynb", "test_site.py", "04_choosing_alpha.ipynb")
"""A file is run by one process. Were one of these the last, the other process would have nothing to do."""


def pytest_configure(config: pytest.Config) -> None:
    """Have xdist, if it is there, keep the order of files below, not sort them by their number of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, which the processes begin in this order; be patient with notebooks."""
    for item in items:
        if hasattr(item, "output_timeout"):  # nbval's: a cell's output within five seconds, on any machine
            item.output_timeout = 1800
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))
