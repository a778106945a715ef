"""Runs notebooks without network on a read-only checkout: `python tests/notebooks/seal.py [NOTEBOOK …]`."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import refresh_notebooks

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def sealed(checkout: Path = ROOT) -> Iterator[Path]:
    """Seal the kernels that start meanwhile; gives the file that notes what they try on the network."""
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes.txt"
        seal = str(Path(__file__).parent / "sealed")
        path = os.pathsep.join(filter(None, (seal, str(ROOT), os.environ.get("PYTHONPATH"))))
        outside = {"IPYTHONDIR": folder, "MPLCONFIGDIR": folder}
        with mock.patch.dict(
            os.environ,
            {"PYTHONPATH": path, "SEALED_CHECKOUT": str(checkout), "SEALED_NOTES": str(notes), **outside},
        ):
            yield notes


def problems(notebook: Path, checkout: Path = ROOT) -> list[str]:
    """What a sealed notebook stumbles over, and what it tries on the network."""
    with sealed(checkout) as notes:
        found = []
        try:
            refresh_notebooks.execute(notebook)
        except refresh_notebooks.CellFailedError as error:
            found.append(str(error))
        if not notes.exists():
            found.append("the kernel was not sealed")
            return found
        return found + notes.read_text(encoding="utf-8").splitlines()


def main(*names: str) -> int:
    """Run the notebooks named, or all; print a line for each."""
    wrong = 0
    for path in map(Path, names) if names else sorted((ROOT / "notebooks").glob("*.ipynb")):
        found = problems(path.resolve())
        wrong += bool(found)
        print(f"{path.name}: {'; '.join(found) or 'runs sealed'}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:]), 1))
