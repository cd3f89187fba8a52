"""Rewrites relative links in pages, and in files that pages include: a link to another page becomes
absolute within the site, a link to any other file leads to the repository on GitHub."""
import re
from pathlib import Path

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
REPOSITORY = "https://github.com/libuservoice/libuservoice/blob/main/"
LINK = re.compile(r"\]\((\.\.?/[^()#\s]*|\w[^():#\s]*)(#[^)\s]*)?\)")


def resolve_links(page, text):
    def link(match):
        target = (page.parent / match[1]).resolve()
        if target.is_relative_to(DOCS) and target.suffix == ".md" and target.exists():
            return f"](/{target.relative_to(DOCS)}{match[2] or ''})"
        if not target.is_relative_to(ROOT) or not target.exists():
            raise FileNotFoundError(f"{page}: link to {match[1]}, which does not exist")
        return f"]({REPOSITORY}{target.relative_to(ROOT)}{match[2] or ''})"

    return LINK.sub(link, text)


def source_read(app, name, content):
    content[0] = resolve_links(Path(app.env.doc2path(name)), content[0])


def include_read(app, path, _parent, content):
    content[0] = resolve_links(app.srcdir / path if not path.is_absolute() else path, content[0])


def setup(app):
    app.connect("source-read", source_read)
    app.connect("include-read", include_read)
    return {"parallel_read_safe": True}
