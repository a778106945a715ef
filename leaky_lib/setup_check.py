"""Says whether this machine is ready for the notebooks, and plainly what to do if it is not."""

import html
import sys
from importlib.metadata import PackageNotFoundError, requires, version

import ipywidgets as widgets
from packaging.requirements import Requirement

__all__ = ["check", "problems"]

PROJECT = "leaky-relu-by-hand"
OLDEST_PYTHON = (3, 11)
REMEDY = (
    f"In a terminal, in the folder of README.md, run: {sys.executable} -m pip install -r requirements.txt "
    "Then choose Kernel, Restart Kernel in the menu and run this cell again."
)
ALIVE = "The controls are alive. You are ready: go on to notebook 01."
NOT_ALIVE = (
    "If there is no button here, or nothing happens when you press it: save, reload the page, choose Run, "
    "Run All Cells. If that does not help, use JupyterLab 4 as the README starts it."
)


def problems() -> list[str]:
    """What is missing or too old here, in words; empty if all is well."""
    found = []
    if sys.version_info < OLDEST_PYTHON:
        found.append(f"Python {sys.version.split()[0]} is too old; 3.11 or newer is needed.")
    try:
        needed = [Requirement(line) for line in requires(PROJECT) or []]
    except PackageNotFoundError:
        return [*found, "leaky_lib is not installed in this kernel's Python."]
    for requirement in needed:
        if requirement.marker is None or requirement.marker.evaluate():
            found += _problem_with(requirement)
    return found


def _problem_with(requirement: Requirement) -> list[str]:
    try:
        here = version(requirement.name)
    except PackageNotFoundError:
        return [f"{requirement.name} is not installed."]
    if requirement.specifier.contains(here, prereleases=True):
        return []
    return [f"{requirement.name} {here} does not fit; needed is {requirement.specifier}."]


class _SetupCheck(widgets.VBox):
    def __init__(self) -> None:
        found = problems()
        self.verdict = "\n".join([*found, REMEDY] if found else ["Python and all packages: fine."])
        self.button = widgets.Button(
            description="Press me", button_style="primary", layout={"width": "10em"}
        )
        self.reply = widgets.HTML(_paragraph(NOT_ALIVE))
        self.button.on_click(lambda _: self.reply.set_trait("value", _paragraph(ALIVE)))
        lines = "".join(map(_paragraph, self.verdict.split("\n")))
        super().__init__([widgets.HTML(lines), self.button, self.reply])

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": f"{self.verdict}\n{NOT_ALIVE}"}


def _paragraph(text: str) -> str:
    return f'<div role="status" style="line-height: 1.4; max-width: 820px">{html.escape(text)}</div>'


def check() -> _SetupCheck:
    """Say how this machine stands, with a button that shows whether controls reach the kernel."""
    return _SetupCheck()
