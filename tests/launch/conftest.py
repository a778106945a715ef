"""Lets these tests import their neighbours: pytest's importlib mode leaves sys.path alone."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

sys.path[:0] = [str(HERE), str(HERE.parent / "browser"), str(HERE.parents[1] / "binder")]
