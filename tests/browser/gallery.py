"""Pictures of pages: all of them for whoever looks them through, some for the documents."""

import shutil

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
MOST_BYTES = 150_000  # of a picture that is kept in the repository

STYLE = ("figure{display:inline-block;vertical-align:top;width:30em}"
         "img{width:100%;border:1px solid #999}")


def shoot_all(browser, address, pages, folder):
    """Every page at both widths and in both themes, and an index.html of them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cards = []
    for place, size in WIDTHS.items():
        for dark in (False, True):
            browser.look(*size, dark)
            for name, path in pages.items():
                browser.open(address + path)
                browser.wait("return document.readyState === 'complete'")
                file = f"{name}-{place}-{'dark' if dark else 'light'}.png"
                browser.screenshot(folder / file, whole=True)
                cards.append(f'<figure><img src="{file}" alt=""><figcaption>{file}</figcaption>'
                             "</figure>")
    browser.look(*WIDTHS["desk"], False)
    (folder / "index.html").write_text(
        f"<!doctype html><title>bisectd's pages</title><style>{STYLE}</style>" + "\n".join(cards))


def documents_pictures(browser, address, pages, folder):
    """What docs/browse.md shows: the first view of some pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, name, size, dark in (("list", "list", (1100, 420), False),
                                   ("found", "found", (1100, 980), False),
                                   ("attempt", "attempt", (1100, 760), False),
                                   ("log", "log", (1200, 640), False),
                                   ("phone", "found", (390, 760), True)):
        browser.look(*size, dark)
        browser.open(address + pages[name])
        browser.wait("return document.readyState === 'complete'")
        browser.screenshot(folder / f"{file}.png")
        size = (folder / f"{file}.png").stat().st_size
        assert size < MOST_BYTES, f"{file}.png has {size} bytes"
    browser.look(*WIDTHS["desk"], False)
