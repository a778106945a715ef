"""Keeps tests that run side by side from fighting for the cores: one thread for each, and its kernels."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
