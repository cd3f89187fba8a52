"""Opens every page of the documentation site with the screen of a phone. Fails if a page is wider than the
screen, or if a link to another page or to an anchor on it is broken.

Usage: site.py DIRECTORY-OF-THE-SITE
"""

import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

from chromium import start_browser

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
# Returns the layout width, the anchors and the links of a page.
INSPECT = """
return {
    width: document.documentElement.scrollWidth,
    anchors: [...document.querySelectorAll('[id], a[name]')].flatMap(e => [e.id, e.name]),
    links: [...document.links].map(a => a.href),
}"""


def inspect(site):
    pages = {}
    browser = start_browser()
    try:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        for path in sorted(site.rglob("*.html")):
            browser.get(path.as_uri())
            pages[path.as_uri()] = browser.execute_script(INSPECT)
    finally:
        browser.quit()
    return pages


def errors_in(site, pages):
    for name, page in pages.items():
        page_name = name.removeprefix(site.as_uri() + "/")
        if page["width"] > PHONE["width"]:
            yield f"{page_name}: {page['width']} pixels wide, the screen has {PHONE['width']}"
        for link in sorted(set(page["links"])):
            target, anchor = map(unquote, urldefrag(link))
            if not target.startswith("file://"):
                continue
            file = Path(target.removeprefix("file://"))
            if not (file.is_relative_to(site) and file.is_file()):
                yield f"{page_name}: broken link to {target}"
            elif anchor and target in pages and anchor not in pages[target]["anchors"]:
                yield f"{page_name}: {target} has no anchor {anchor}"


def main(site):
    pages = inspect(site)
    errors = list(errors_in(site, pages))
    for error in errors:
        print(error, file=sys.stderr)
    if errors or not pages:
        return 1
    print(f"site: {len(pages)} pages fit a phone's screen, and their internal links work")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
