"""Takes a picture of every cell of the notebooks in JupyterLab, after Restart & Run All, to be looked at.

Run it as ``python tests/browser/screenshots.py FOLDER [NOTEBOOK ...]``.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import lab


def main(folder: Path, names: list[str]) -> None:
    """Write FOLDER/NOTEBOOK_CELL.png for every cell of the named notebooks, or of all."""
    folder.mkdir(parents=True, exist_ok=True)
    names = names or sorted(path.stem for path in lab.NOTEBOOKS.glob("*.ipynb"))
    with (
        TemporaryDirectory() as root,
        TemporaryDirectory() as home,
        lab.serve(Path(root), Path(home)) as server,
        lab.browse() as browser,
    ):
        for name in names:
            page = lab.Lab(server, browser)
            page.open(f"notebooks/{name}.ipynb")
            page.restart_and_run_all()
            for number, cell in enumerate(page.page.locator(".jp-Notebook .jp-Cell").all()):
                cell.scroll_into_view_if_needed()
                cell.screenshot(path=folder / f"{name}_{number:02d}.png")
            print(name, *page.cell_errors(), *page.widget_errors(), sep="\n  ")
            page.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
