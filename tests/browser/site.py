"""Opens every page of the documentation's site as a phone does: none may be wider than the
screen, and every link to another page, or to a place on it, must lead there.

Usage: site.py DIRECTORY-OF-THE-SITE
"""

import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

from chromium import start_browser

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
# What a page has, when it has been laid out.
LOOK = """
return {
    width: document.documentElement.scrollWidth,
    places: [...document.querySelectorAll('[id], a[name]')].flatMap(e => [e.id, e.name]),
    links: [...document.links].map(a => a.href),
}"""


def look_at(site):
    pages = {}
    browser = start_browser()
    try:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        for path in sorted(site.rglob("*.html")):
            browser.get(path.as_uri())
            pages[path.as_uri()] = browser.execute_script(LOOK)
    finally:
        browser.quit()
    return pages


def mistakes(site, pages):
    for name, page in pages.items():
        shown = name.removeprefix(site.as_uri() + "/")
        if page["width"] > PHONE["width"]:
            yield f"{shown}: {page['width']} pixels wide on a phone of {PHONE['width']}"
        for link in sorted(set(page["links"])):
            target, place = map(unquote, urldefrag(link))
            if not target.startswith("file://"):
                continue
            file = Path(target.removeprefix("file://"))
            if not (file.is_relative_to(site) and file.is_file()):
                yield f"{shown}: the site has no {target}"
            elif place and target in pages and place not in pages[target]["places"]:
                yield f"{shown}: {target} has no place {place}"


def main(site):
    pages = look_at(site)
    found = list(mistakes(site, pages))
    for mistake in found:
        print(mistake, file=sys.stderr)
    if found or not pages:
        return 1
    print(f"site: {len(pages)} pages fit a phone, and their links lead somewhere")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
