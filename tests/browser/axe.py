"""axe-core, which finds what keeps people from using a page: fetched once by npm, into a cache."""

import os
import shutil
import subprocess
from pathlib import Path

VERSION = "4.10.3"
FETCH_S = 120
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Missing(Exception):
    """It is not here, and could not be fetched."""


def source():
    """Its text. Errors: Missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bisectd-test"
    file = cache / f"axe-{VERSION}" / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        if shutil.which("npm") is None:
            raise Missing(f"axe-core is not at {file}, and there is no npm to fetch it")
        file.parents[2].mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", file.parents[2],
                   f"axe-core@{VERSION}"]
        try:
            subprocess.run(command, check=True, text=True, timeout=FETCH_S,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.SubprocessError as error:
            raise Missing(f"npm did not fetch axe-core: {error}\n{error.output}") from None
    return file.read_text()


# The numbers of a log's lines are as high as the text beside them; WCAG 2.2 excepts targets whose
# size the line height of other text constrains (2.5.8, "Inline"), which axe cannot see in a list.
INLINE = "axe.configure({rules: [{id: 'target-size', selector: '*:not(ol.log a)'}]});"


def faults(browser, text):
    """What is wrong with the page that the browser shows: a line each."""
    browser.run(text + f"\n{INLINE}\nreturn 0;")
    found = browser.run_async(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}})"
        ".then((r) => done(r.violations), (e) => done([{id: String(e), nodes: []}]));", STANDARDS)
    return [f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
            for fault in found for node in (fault["nodes"] or [{"target": ""}])]


