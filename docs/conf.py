"""How Sphinx builds the site; scripts/docs runs it."""
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS / "_ext"))
sys.path.insert(0, str(ROOT / "bindings/python/src"))

from repository_links import REPOSITORY  # noqa: E402

project = "libuservoice"
author = "The libuservoice authors"
copyright = author
release = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
html_title = f"libuservoice {release}"

extensions = [
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "breathe",
    "sphinx.ext.autodoc",
    "examples",
    "go_reference",
    "repository_links",
]
exclude_patterns = ["site", "_yard", "examples", "requirements.txt"]
nitpicky = True
# Links to the repository's files are looked up in the checkout, each time that the site is built.
linkcheck_ignore = [re.escape(REPOSITORY)]

myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_heading_anchors = 4
myst_substitutions = {"release": release}

breathe_projects = {"libuservoice": str(ROOT / "target/docs/doxygen/xml")}
breathe_default_project = "libuservoice"
breathe_domain_by_extension = {"h": "c", "hpp": "cpp"}
breathe_default_members = ("members",)
breathe_show_include = False
# Types of the C and C++ standard libraries and template parameters have no page here.
nitpick_ignore_regex = [
    (r"c:identifier", r"(int32_t|int64_t|size_t)"),
    (r"cpp:identifier", r"(uservoice|std(::.*)?|T|Held|Call|Next|Handle|detail(::.*)?|uint64_t|uservoice_\w+)"),
    (r"py:class", r"(uservoice\.)?_\w+.*|optional|Getter|Resource|Moment|Mapping|Iterable|datetime\..*|os\..*"),
]
c_id_attributes = ["USERVOICE_API", "USERVOICE_MUST_USE"]
cpp_id_attributes = c_id_attributes

# The module is documented from its sources, without the C library that it loads.
autodoc_mock_imports = ["uservoice._library"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True

html_theme = "furo"
html_baseurl = ""
html_static_path = ["_static"]
html_css_files = ["site.css"]
# The gem's own pages, below ruby/.
html_extra_path = [str(ROOT / "target/docs/extra")]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "source_repository": "https://github.com/libuservoice/libuservoice/",
    "source_branch": "main",
    "source_directory": "docs/",
}
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
pygments_style = "friendly"
pygments_dark_style = "monokai"
