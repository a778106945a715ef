"""Makes a slide show of notebooks, turns every page in a headless browser, and says what does not fit.

Run it as ``python tests/browser/deck.py FOLDER PACKAGES [NOTEBOOK ...]``, where PACKAGES is the folder that
``npm install reveal.js@4 mathjax@2 requirejs@2 jquery@2`` has filled: nothing is asked of the network.
FOLDER/NOTEBOOK_01_1.png is the first page of a notebook.
"""

import re
import shutil
import sys
from pathlib import Path

import lab

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import slides

GET_HOLD = "url => new Promise(done => require([url], it => { window.Reveal = it; done(it.isReady()); }))"
TOO_MUCH = """() => {
    const slide = Reveal.getCurrentSlide();
    const {width, height} = Reveal.getConfig();
    const inside = [...slide.querySelectorAll("pre, table, img, .jp-InputArea-editor")];
    const padding = 16;
    const cut = inside.map(part => part.scrollWidth - part.parentElement.clientWidth - padding);
    return [Math.max(slide.scrollWidth - width, ...cut), slide.scrollHeight - height];
}"""
SETTLED = "() => MathJax.Hub && MathJax.Hub.queue.pending === 0"


def main(folder: Path, packages: Path, names: list[str]) -> int:
    """Write a picture of every page; return 1 if something does not fit."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(packages, folder / "node_modules", dirs_exist_ok=True)
    names = names or sorted(path.stem for path in lab.NOTEBOOKS.glob("*.ipynb"))
    troubles = 0
    with lab.served(folder) as address, lab.browse() as browser:
        packages = f"{address}/node_modules"
        slides.write(
            folder,
            names,
            reveal_url_prefix=f"{packages}/reveal.js",
            mathjax_url=f"{packages}/mathjax/MathJax.js?config=TeX-AMS_CHTML-full,Safe",
            require_js_url=f"{packages}/requirejs/require.js",
            jquery_url=f"{packages}/jquery/dist/jquery.min.js",
        )
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.route(re.compile(f"^(?!{re.escape(address)})"), lambda route: route.abort())
        for name in names:
            page.goto(f"{address}/{name}.slides.html")
            page.evaluate(GET_HOLD, f"{packages}/reveal.js/dist/reveal.js")
            page.wait_for_timeout(1000)
            page.wait_for_function(SETTLED)
            while True:
                page.wait_for_timeout(700)  # the slide moves in
                page.wait_for_function(SETTLED)
                place = page.evaluate("() => Reveal.getIndices()")
                label = f"{name}_{place['h'] + 1:02d}_{place['v'] + 1}"
                page.screenshot(path=folder / f"{label}.png")
                wide, high = page.evaluate(TOO_MUCH)
                if max(wide, high) > 0:
                    troubles += 1
                    print(f"{label}: {wide} pixels too wide, {high} too high")
                if page.evaluate("() => Reveal.isLastSlide()"):
                    break
                page.evaluate("() => Reveal.next()")
    return int(troubles > 0)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*map(Path, sys.argv[1:3]), sys.argv[3:]))
