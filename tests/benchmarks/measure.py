"""Measures everything, or the parts named, and writes the tables into `README.md` here.

python tests/benchmarks/measure.py                    all of it: 40 minutes on two quiet cores
python tests/benchmarks/measure.py function start     these parts

A part is a file of this folder; it runs in a process of its own. Needs, besides what the tests need:
``pip install torch jax numba plotly anywidget ipympl``.
"""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "README.md"
PARTS = ("function", "ensemble", "explorer_latency", "start", "notebooks", "classroom")


def with_part(text: str, part: str, table: str) -> str:
    """The README with one part's tables put in place of those that stood there."""
    marked = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end -->)", re.DOTALL)
    written, places = marked.subn(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)
    if places != 1:
        raise ValueError(f"README.md has {places} places for {part}")
    return written


def main(*parts: str) -> None:
    """Measure part after part; what is measured is written at once."""
    for part in parts or PARTS:
        with_part(README.read_text(encoding="utf-8"), part, "")  # fails before the long work, not after
        command = [sys.executable, "-X", "utf8", HERE / f"{part}.py"]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        table = run.stdout.strip()
        README.write_text(with_part(README.read_text(encoding="utf-8"), part, table), encoding="utf-8")
        print(f"{part}: written", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
