"""What the page itself has to do for readers at a keyboard or with a screen reader.

ipywidgets has no say in either, so these are a few lines of JavaScript, run by the page when a hidden
widget is shown. Where a page runs no scripts, everything else works as before.
"""

import html

import ipywidgets as widgets

__all__ = ["arrows_kept", "handle_named"]

NAME_THE_HANDLE = """
const part = this.closest(".leaky-control");
const texts = this.dataset.texts.split("|");
const name = () => {
    const handle = part.querySelector(".noUi-handle");
    if (!handle) return setTimeout(name, 50);
    const sayValue = () => { handle.ariaValueText = texts[Math.round(handle.ariaValueNow)]; };
    new MutationObserver(sayValue).observe(handle, {attributeFilter: ["aria-valuenow"]});
    handle.ariaLabel = this.dataset.label;
    sayValue();
};
name();
"""

KEEP_ARROWS = """
if (!window.leakyArrows) {
    window.leakyArrows = true;
    window.addEventListener("keydown", (event) => {
        if (event.target.closest?.(".leaky-control, .leaky-question"))
            event.target.toggleAttribute("data-lm-suppress-shortcuts", event.key.startsWith("Arrow"));
    }, true);
}
"""


def handle_named(label: str, texts: list[str]) -> widgets.HTML:
    """Beside a slider of ipywidgets, which has no name and says the number of its place for a value."""
    return _script(NAME_THE_HANDLE, label=label, texts="|".join(texts))


def arrows_kept() -> widgets.HTML:
    """Anywhere: JupyterLab takes the arrow keys from lists and radio buttons, to go from cell to cell."""
    return _script(KEEP_ARROWS)


def _script(code: str, **data: str) -> widgets.HTML:
    known = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in data.items())
    style = f'<style onload="{html.escape(code)}" {known}></style>'
    return widgets.HTML(style, layout={"display": "none"})
