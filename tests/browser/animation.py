"""Films an explorer in JupyterLab, for the README: ``python tests/browser/animation.py``.

A hand on the slider of notebook 01's first explorer, and one picture for each place it passes.
"""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import lab
from PIL import Image

FILM = lab.REPOSITORY / ".github" / "images" / "explorer.webp"
NOTEBOOK = "01_definition"
KEYS = ["PageUp"] * 8 + ["PageDown"] * 8
MILLISECONDS, STAY = 220, 1200


def frame(explorer: lab.Explorer) -> Image.Image:
    """What the explorer shows now."""
    return Image.open(BytesIO(explorer.root.screenshot())).convert("RGB")


def frames() -> list[Image.Image]:
    """One picture for each key."""
    with (
        TemporaryDirectory() as root,
        TemporaryDirectory() as home,
        lab.serve(Path(root), Path(home)) as server,
        lab.browse() as browser,
    ):
        page = lab.Lab(server, browser)
        page.open(f"notebooks/{NOTEBOOK}.ipynb")
        page.restart_and_run_all()
        explorer = page.explorers[0]
        explorer.root.scroll_into_view_if_needed()
        taken = [frame(explorer)]
        for key in KEYS:
            explorer.controls[0].press(key)
            explorer.wait_for_rest()
            taken.append(frame(explorer))
        page.close()
    return taken


if __name__ == "__main__":
    first, *rest = frames()
    stays = [STAY if place in (0, len(KEYS) // 2) else MILLISECONDS for place in range(len(KEYS) + 1)]
    first.save(FILM, save_all=True, append_images=rest, duration=stays, loop=3, quality=80, method=6)
    print(f"{FILM.relative_to(lab.REPOSITORY)}: {FILM.stat().st_size / 1000:.0f} kB")
