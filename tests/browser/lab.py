"""Drives JupyterLab in a headless Chromium: for the browser tests, the screenshots and the benchmark.

Playwright is imported only where a browser is started, so that this file can be imported, and the
tests can say why they skip, where it is missing.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOKS = Path(os.environ.get("LEAKY_NOTEBOOKS", REPOSITORY / "notebooks"))
"""The folder under test; another one can be named to try notebooks that are still being written."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 600
"""Seconds to wait for what should come at once: a busy machine is slow, not wrong."""

VIEWPORT = {"width": 1280, "height": 800}

# Nothing that asks the network or the reader; all else is as a learner has it.
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
}
WIDGET_TROUBLE = re.compile(r"widget|model not found|model id|javascript error", re.IGNORECASE)

# What is ours on the page. JupyterLab drops the alternative text that a still picture carries
# (jupyter/enhancement-proposals#120), so our pictures have their words in an output of their own.
OURS = {
    "include": [[".jp-RenderedMarkdown"], [".jp-OutputArea-output"]],
    "exclude": [[".jp-RenderedImage > img"]],
}

# Asked of the program: a cell whose code is collapsed shows no count.
HAS_RUN = """() => jupyterapp.shell.currentWidget.content.widgets
    .map(cell => cell.model)
    .filter(model => model.type === "code" && model.sharedModel.getSource().trim())
    .map(model => model.executionState === "running" ? "*" : model.executionCount)"""
IS_LOADED = "image => image.complete && image.naturalWidth > 0"
FINGERPRINT = """async image => {
    try {
        const bytes = await (await fetch(image.src)).arrayBuffer();
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        return [...hash].map(byte => byte.toString(16).padStart(2, "0")).join("");
    } catch {
        return "";  // replaced while it was read
    }
}"""
SCROLLED_SIDEWAYS = """root => [root, ...root.querySelectorAll("*")]
    .filter(part => part.scrollWidth > part.clientWidth
        && ["auto", "scroll"].includes(getComputedStyle(part).overflowX))
    .map(part => part.className)"""
STICKS_OUT = """root => [...root.querySelectorAll(".leaky-control, .leaky-list, button, .noUi-base")]
    .filter(part => part.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
    .map(part => part.textContent || part.className)"""
BOX_WITHIN = """image => {
    const inner = image.getBoundingClientRect();
    const outer = image.closest(".leaky-explorer").getBoundingClientRect();
    return [inner.x - outer.x, inner.y - outer.y, inner.width, inner.height].map(Math.round);
}"""
HANDLE = ".noUi-handle, select"
PLACE = """handle => handle.tagName === "SELECT" ? handle.value : handle.getAttribute("aria-valuenow")"""

# In one go, because it is asked again and again, and every question to the page costs some 10 ms.
LOOK = f"""async root => {{
    const image = root.querySelector("img.leaky-picture");
    const all = (selector) => [...root.querySelectorAll(selector)];
    return {{
        picture: await ({FINGERPRINT})(image),
        caption: root.querySelector(".leaky-caption").textContent.trim(),
        places: [
            ...all(".leaky-control").map(part => part.querySelector("{HANDLE}")).map({PLACE}),
            ...all(".leaky-list input").map(field => field.value),
        ],
        box: ({BOX_WITHIN})(image),
    }};
}}"""


def what_is_missing() -> str | None:
    """Say why no browser can be driven here, or None if one can."""
    if find_spec("playwright") is None:
        return "playwright is not installed; install it: pip install -r tests/requirements.txt"
    if chromium() is None:
        return "no Chromium on this machine; install one, for example: apt install chromium"
    return None


def chromium() -> str | None:
    """Path of a browser that is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass(frozen=True)
class Server:
    """A JupyterLab server: where it listens, its password, and the folder it serves."""

    address: str
    token: str
    root: Path

    def ask(self, path: str, method: str = "GET") -> object:
        """Ask the server's REST interface."""
        headers = {"Authorization": f"token {self.token}"}
        with urlopen(
            Request(self.address + path, method=method, headers=headers), timeout=PATIENCE
        ) as answer:
            return json.loads(answer.read() or "null")

    def session(self, notebook: str) -> dict | None:
        """The session of an open notebook, its kernel's state included."""
        return next((s for s in self.ask("/api/sessions") if s["path"] == notebook), None)


@contextmanager
def serve(root: Path, home: Path) -> Iterator[Server]:
    """Run JupyterLab on a copy of the notebooks in ``root``, with its own settings in ``home``."""
    if not (root / "notebooks").exists():
        shutil.copytree(NOTEBOOKS, root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name, values in SETTINGS.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    server = Server(f"http://127.0.0.1:{_free_port()}", secrets.token_hex(16), root)
    log = home / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(server), env=_environment(home, server), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_up(server, process, log)
        yield server
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _command(server: Server) -> list[str]:
    root_user = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser"),
        *(["--allow-root"] if root_user else []),
        f"--ServerApp.port={server.address.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={server.root}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]


def _environment(home: Path, server: Server) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    own = {name: str(home / folder) for name, folder in folders.items()}
    return {**os.environ, **own, "JUPYTER_TOKEN": server.token}


def _wait_until_up(server: Server, process: subprocess.Popen, log: Path) -> None:
    deadline = monotonic() + PATIENCE
    while process.poll() is None and monotonic() < deadline:
        try:
            server.ask("/api/status")
        except OSError:
            sleep(0.05)
        else:
            return
    raise RuntimeError(
        f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
    )


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the files of a folder to this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def browse(*flags: str) -> Iterator[Browser]:
    """Run a Chromium, with these flags besides the usual ones.

    Leave it before anything calls ``asyncio.run``: while Playwright lives, its event loop counts as
    running in this thread.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*BROWSER_FLAGS, *flags], timeout=PATIENCE * 1000
        )
        try:
            yield browser
        finally:
            browser.close()


class Lab:
    """One notebook open in JupyterLab, in a page of its own."""

    def __init__(self, server: Server, browser: Browser) -> None:
        self.server = server
        self.notebook = ""
        self.cells: list[dict] = []
        self.explorers: list[Explorer] = []
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport=VIEWPORT)
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and WIDGET_TROUBLE.search(message.text):
            self.complaints.append(message.text)

    def wait_until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait for a condition; ``what`` says what was waited for if it never comes."""
        deadline = monotonic() + seconds
        while not condition():
            if monotonic() > deadline:
                raise AssertionError(f"not within {seconds:g} s: {what}")
            self.page.wait_for_timeout(15)

    def open(self, notebook: str) -> None:
        """Open a notebook, by its path under the server's root, and wait for its kernel."""
        self.notebook = notebook
        self.read_cells()  # before the page is there: later JupyterLab may be just saving the file
        workspace = quote(Path(notebook).stem)
        self.page.goto(
            f"{self.server.address}/lab/workspaces/{workspace}/tree/{quote(notebook)}"
            f"?reset&token={self.server.token}"
        )
        self.wait_until(self._is_connected, f"the kernel of {notebook} is connected and idle")

    def read_cells(self) -> None:
        """Read the cells from the saved file."""
        self.cells = json.loads((self.server.root / self.notebook).read_text(encoding="utf-8"))["cells"]

    def _is_connected(self) -> bool:
        session = self.server.session(self.notebook)
        connected = session is not None and session["kernel"]["connections"] > 0
        return connected and self.is_idle()

    def is_idle(self) -> bool:
        """Whether the kernel has nothing to do, as the server and the page see it."""
        session = self.server.session(self.notebook)
        indicator = self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        return bool(session) and session["kernel"]["execution_state"] == "idle" and indicator.count() > 0

    def choose(self, menu: str, command: str) -> None:
        """Choose a command from the menu bar."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(".lm-Menu-item").filter(has_text=command).click()

    def restart_and_run_all(self) -> None:
        """Restart the kernel, run every cell, and wait until all have run or one has failed."""
        self.choose("Edit", "Clear Outputs of All Cells")  # counts of an earlier run would look finished
        self.choose("Kernel", "Restart Kernel and Run All Cells…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.wait_until_run()

    def wait_until_run(self) -> None:
        """Wait until all cells have run or one has failed."""
        self.wait_until(self._is_finished, f"{self.notebook} has run", 6 * PATIENCE)
        self.explorers = [Explorer(self, root) for root in self.page.locator(".leaky-explorer").all()]

    def _is_finished(self) -> bool:
        counts = self.page.evaluate(HAS_RUN)
        all_have_run = all(counts) or any(self.cell_errors())
        return all_have_run and "*" not in counts and self.is_idle()

    def run_again(self, part: Locator) -> None:
        """Run the cell once more that shows a part of the page."""
        cell = part.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' jp-CodeCell ')]")
        cell.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Control+Enter")

    def cell_errors(self) -> list[str]:
        """The texts of error outputs, cells that are to raise (``raises-exception``) left out."""
        shown = self.page.locator(".jp-Notebook .jp-Cell")
        errors = self.page.locator('[data-mime-type="application/vnd.jupyter.stderr"]')
        if errors.count() == 0:
            return []
        return [
            f"cell {index}: {text}"
            for index, cell in enumerate(self.cells)
            if "raises-exception" not in cell["metadata"].get("tags", [])
            for text in shown.nth(index).locator(errors).all_text_contents()
        ]

    def widget_errors(self) -> list[str]:
        """What the page and the console say of widgets that are not shown."""
        broken = self.page.locator(".jupyter-widgets-error-widget")
        outputs = self.page.get_by_text(re.compile("Error displaying widget|model not found"))
        return [*self.complaints, *broken.all_text_contents(), *outputs.all_text_contents()]

    def barriers(self) -> list[str]:
        """What axe-core finds in our part of the page that keeps somebody from using it."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, OURS).response["violations"]
        return [
            f"{rule['id']}: {part['html']}\n{part['failureSummary']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for part in rule["nodes"]
        ]

    def pictures_without_words(self) -> int:
        """How many still pictures are not followed by their words."""
        pictures = self.page.locator(".jp-OutputArea-child:has(.jp-RenderedImage)")
        words = self.page.locator(
            ".jp-OutputArea-child:has(.jp-RenderedImage) + .jp-OutputArea-child .jp-RenderedMarkdown"
        )
        return pictures.count() - sum(bool(text.strip()) for text in words.all_text_contents())

    def screenshot(self, path: Path) -> None:
        """Save what the window shows."""
        self.page.screenshot(path=path)

    def grow(self, most: int = 16_000) -> None:
        """Make the window as high as the notebook, up to what Chromium can take a picture of."""
        area = self.page.locator(".jp-WindowedPanel-outer").first
        hidden = area.evaluate("area => area.scrollHeight - area.clientHeight")
        height = min(most, VIEWPORT["height"] + hidden)
        self.page.set_viewport_size({"width": VIEWPORT["width"], "height": height})

    def close(self) -> None:
        """Close the page and shut the kernel down."""
        self.page.close()
        session = self.server.session(self.notebook)
        if session:
            self.server.ask(f"/api/sessions/{session['id']}", "DELETE")


@dataclass(frozen=True)
class Look:
    """What an explorer shows at one moment.

    The picture is a fingerprint of its bytes, empty while it is being replaced.
    """

    picture: str
    caption: str
    places: list[str]
    box: list[int]


class Explorer:
    """An explorer on the page, as it stands after its cell has run."""

    def __init__(self, lab: Lab, root: Locator) -> None:
        self.lab = lab
        self.root = root
        self.image = root.locator("img.leaky-picture")
        self.controls = [Control(part) for part in root.locator(".leaky-control").all()]
        self.lists = root.locator(".leaky-list input").all()
        self.has_run = self.button("Run").count() > 0
        self.first = self.look() if self.has_picture() else None

    def has_picture(self) -> bool:
        """Whether there is a picture at all."""
        try:
            self.lab.wait_until(lambda: self.image.count() == 1 and self.image.evaluate(IS_LOADED), "")
        except AssertionError:
            return False
        return True

    def caption(self) -> str:
        """The words under the picture."""
        return self.root.locator(".leaky-caption").text_content().strip()

    def message(self) -> str:
        """The error message; empty when all is well."""
        return self.root.locator(".leaky-message").inner_text().strip()

    def look(self) -> Look:
        """What it shows now."""
        return Look(**self.root.evaluate(LOOK))

    def shows_other(self, before: Look) -> bool:
        """Whether picture and caption have both changed; where the picture waits for Run, the caption."""
        now = self.look()
        other_picture = self.has_run or now.picture not in ("", before.picture)
        return other_picture and now.caption != before.caption

    def scroll_bars(self) -> list[str]:
        """The classes of what is wider than its place and so has a scroll bar under it."""
        return self.root.evaluate(SCROLLED_SIDEWAYS)

    def what_sticks_out(self) -> list[str]:
        """The texts or classes of controls and buttons that end to the right of the explorer's own edge."""
        return self.root.evaluate(STICKS_OUT)

    def wait_for_other(self, before: Look, what: str) -> None:
        """Wait for another picture and another caption."""
        self.lab.wait_until(lambda: self.shows_other(before), f"another picture and caption after {what}")

    def wait_for_rest(self) -> None:
        """Wait until nothing has changed for a while, and the kernel has nothing left to do."""

        def rests() -> bool:
            before = self.look()
            self.lab.page.wait_for_timeout(300)
            return self.lab.is_idle() and self.look() == before

        self.lab.wait_until(rests, "the explorer comes to rest")

    def values(self) -> list[str]:
        """What controls and lists are set to, to the last digit."""
        return [control.value() for control in self.controls] + [f.input_value() for f in self.lists]

    def set(self, values: list[str]) -> None:
        """Set controls and lists, one after the other."""
        for control, value in zip(self.controls, values, strict=False):
            control.set(value)
        for field, value in zip(self.lists, values[len(self.controls) :], strict=True):
            field.fill(value)
            field.press("Enter")

    def halt(self) -> None:
        """Stop what goes on by itself: a run, or a walk."""
        for text in ("Stop", "Pause"):
            if self.button(text).count():
                self.button(text).click(force=True)
        if self.has_run:
            self.lab.wait_until(self.button("Stop").is_disabled, "the run stops")

    def says(self) -> str:
        """What it says of its run."""
        return self.root.locator(".leaky-time-left").text_content()

    def start(self) -> None:
        """Press Run, and wait until the run is under way."""
        self.button("Run").click()
        self.lab.wait_until(lambda: "left" in self.says(), "progress in a run")

    def stop(self) -> None:
        """Press Stop, and wait until the run has stopped, before it was done."""
        self.button("Stop").click()
        self.lab.wait_until(self.button("Run").is_enabled, "Run can be pressed again")
        self.lab.wait_until(lambda: re.search("stopped|done", self.says()), "the end of a run")
        assert "stopped" in self.says()

    def finish(self) -> None:
        """Press Run, and wait until the run is done."""
        self.button("Run").click()
        self.lab.wait_until(lambda: "done" in self.says(), "the run ends")
        self.wait_for_rest()

    def button(self, text: str) -> Locator:
        """The button with this text."""
        return self.root.get_by_role("button", name=text, exact=True)

    def buttons(self) -> list[str]:
        """The texts of all buttons."""
        return self.root.get_by_role("button").all_text_contents()

    def reset(self) -> None:
        """Press Reset, and wait until all is as it was at first."""
        self.button("Reset").click()
        self.lab.wait_until(lambda: self.look() == self.first, "picture, words and controls after Reset")

    def send_all(self, key: str) -> None:
        """Send every control to one end."""
        for control in self.controls:
            self.send(control, key)

    def send(self, control: Control, key: str) -> None:
        """Send one control to an end, and wait until the picture has followed."""
        if not control.stands_at(key):
            before = self.look()
            control.press(key)
            self.wait_for_other(before, f"{control.label}: {key}")
            self.lab.wait_until(lambda: control.stands_at(key), f"{control.label} stands at its {key}")


class Control:
    """A control of an explorer: a number field with a slider, or a drop-down list."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.label = root.locator("label.widget-label").first.text_content().strip()
        self.field = root.locator("input[type=number]")
        self.handle = root.locator(HANDLE)
        self.is_number = self.field.count() > 0

    def press(self, key: str) -> None:
        """Press a key on the slider's handle, or on the list."""
        self.handle.press(key)

    def stands_at(self, key: str) -> bool:
        """Whether it already stands where Home or End would send it."""
        return self.handle.evaluate(
            """(handle, key) => {
                if (handle.tagName === "SELECT")
                    return handle.selectedIndex === (key === "Home" ? 0 : handle.options.length - 1);
                const end = key === "Home" ? "aria-valuemin" : "aria-valuemax";
                return handle.getAttribute("aria-valuenow") === handle.getAttribute(end);
            }""",
            key,
        )

    def has_name(self) -> bool:
        """Whether its visible label is what a screen reader calls it, and each part of it."""
        roles = ("spinbutton", "slider") if self.is_number else ("combobox",)
        named = [self.root.get_by_role(role, name=self.label, exact=True).count() for role in roles]
        return bool(self.label) and set(named) == {1}

    def says(self) -> str:
        """The value that a screen reader reads from the slider."""
        return self.handle.get_attribute("aria-valuetext")

    def type(self, value: float) -> None:
        """Type a number into the field, and leave it with Enter."""
        self.set(f"{value:.15g}")

    def value(self) -> str:
        """What it is set to, to the last digit."""
        return (self.field if self.is_number else self.handle).input_value()

    def set(self, value: str) -> None:
        """Type a value, or choose it."""
        if self.is_number:
            self.field.fill(value)
            self.field.press("Enter")
        else:
            self.handle.select_option(value)

    def range(self) -> tuple[float, float]:
        """The lowest and the highest place of the slider."""
        texts = self.root.locator("style[data-texts]").get_attribute("data-texts").split("|")
        return float(texts[0]), float(texts[-1])

    def is_whole(self) -> bool:
        """Whether the field takes whole numbers only."""
        return self.field.get_attribute("step") != "any"

    def ends(self, explorer: Explorer) -> tuple[float, float]:
        """The lowest and the highest number it takes, read off the field at both ends of the slider."""
        found = []
        for key in ("Home", "End"):
            explorer.send(self, key)
            found.append(float(self.field.input_value()))
        return found[0], found[1]
