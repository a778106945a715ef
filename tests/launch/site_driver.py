"""Drives the built site in a headless Chromium that can reach nothing but this machine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import links
from lab import NOTEBOOKS, PATIENCE, SETTINGS, VIEWPORT, Explorer, Lab, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

ROOT = Path(__file__).resolve().parents[2]
JUPYTERLITE = ROOT / "binder" / "jupyterlite"
PYODIDE = "LEAKY_PYODIDE"
"""Names the folder with a Pyodide distribution."""

NOTHING_BUT_THIS_MACHINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def builder() -> str | None:
    """Path of a Python that the site can be built with: 3.12 or newer."""
    names = [f"python3.{minor}" for minor in range(14, 11, -1)]
    candidates = filter(None, [sys.executable, *map(shutil.which, names)])
    is_new_enough = "import sys; sys.exit(sys.version_info < (3, 12))"
    return next(
        (python for python in candidates if not subprocess.call([python, "-c", is_new_enough])), None
    )


def build_site(python: str, folder: Path) -> Path:
    """Build the site as the README says, in an environment of its own."""
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    ours = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    requirements = JUPYTERLITE / "requirements.txt"
    subprocess.run([ours, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    command = [ours, JUPYTERLITE / "build.py", folder / "site", "--pyodide", os.environ[PYODIDE]]
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return folder / "site"


@contextmanager
def served_as_pages_does(site: Path) -> Iterator[str]:
    """Serve the site in a folder of its name, as GitHub Pages does."""
    with served(site.parent) as address:
        yield f"{address}/{site.name}"


def browser_profile(browser: "Browser") -> "BrowserContext":
    """A profile of its own, in which the site opens with the settings of the tests."""
    context = browser.new_context(viewport=VIEWPORT)
    context.route("**/jupyter-lite.json", _add_settings)
    return context


def _add_settings(route: "Route") -> None:
    answer = route.fetch()
    values = json.loads(answer.text())
    values["jupyter-config-data"].update(settingsOverrides=SETTINGS, exposeAppInBrowser=True)
    route.fulfill(response=answer, json=values)


class LiteLab(Lab):
    """One notebook open on the site, in a tab of a browser profile; its Python runs in the page."""

    def __init__(self, address: str, context: "BrowserContext") -> None:
        self.address = address
        self.context = context
        self.notebook = ""
        self.cells: list[dict] = []
        self.explorers: list[Explorer] = []
        self.complaints: list[str] = []
        self.asked_elsewhere: list[str] = []
        self.context.on("request", lambda request: self._note(request.url))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, address: str) -> None:
        if urlsplit(address).hostname not in ("127.0.0.1", None, ""):
            self.asked_elsewhere.append(address)

    def open(self, notebook: str) -> None:
        """Open a notebook of the site, and wait for its kernel."""
        self.page.goto(f"{self.address}/{links.page_on_the_site(notebook)}")
        self._arrive(notebook)

    def enter(self, first: str) -> None:
        """Come in by the bare address, which leads to the first notebook, and wait for its kernel."""
        self.page.goto(f"{self.address}/")
        page = links.page_on_the_site(first)
        self.wait_until(lambda: self.page.url.endswith(page), f"the address of {first}")
        self._arrive(first)

    def _arrive(self, notebook: str) -> None:
        self.notebook = notebook
        self.cells = json.loads((NOTEBOOKS / notebook).read_text(encoding="utf-8"))["cells"]
        self.wait_until(self.is_idle, f"the kernel of {notebook} is there and idle")

    def run_all(self) -> None:
        """Run every cell in the kernel that has just started, and wait until all have run or one failed."""
        self.choose("Edit", "Clear Outputs of All Cells")  # the saved counts would look finished
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator('[data-command="runmenu:run-all"]').click()
        self.wait_until_run()

    def explorer_in_a_new_cell(self, call: str) -> Explorer:
        """Call an explorer in a cell of one's own below the first, where the imports stand."""
        before = len(self.explorers)
        self.page.locator(".jp-CodeCell .jp-InputArea-prompt").first.click()
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(call)
        self.page.keyboard.press("Control+Enter")
        shown = self.page.locator(".leaky-explorer")
        self.wait_until(lambda: shown.count() > before, f"{call} shows its explorer")
        return Explorer(self, shown.first)

    def in_another_tab(self, notebook: str) -> "LiteLab":
        """A notebook opened in a second tab of the same browser profile."""
        other = LiteLab(self.address, self.context)
        other.open(notebook)
        return other

    def documents(self) -> list[str]:
        """Names of the documents that the page has open."""
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel").all_inner_texts()

    def is_idle(self) -> bool:
        """Whether there is a kernel, and it has nothing to do, as the page sees it."""
        indicator = self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        # For a moment the page calls a notebook idle that has no kernel yet: cells run then are lost.
        without_kernel = self.page.locator(".jp-Toolbar-kernelName").filter(has_text="No Kernel")
        return indicator.count() > 0 and without_kernel.count() == 0

    def close(self) -> None:
        """Close the browser profile, and with it the pages and their kernels."""
        self.context.close()
