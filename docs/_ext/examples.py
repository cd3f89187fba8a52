"""Directives that show snippets of the programs in docs/examples, which the tests run.

A snippet lies between a comment with its names in brackets and a comment [end]:

    /* [uservoice_get get] */
    ...
    /* [end] */
"""
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).parent.parent
HEADER = DOCS.parent / "include/uservoice.h"
# The directory of each language, its title on tabs, and its Pygments lexer.
LANGUAGES = {
    "c": ("C", "c"),
    "cpp": ("C++", "cpp"),
    "go": ("Go", "go"),
    "ruby": ("Ruby", "ruby"),
    "python": ("Python", "python"),
}
# What pages show besides, in lines for each call of the API: the command-line tool.
TABS = {**LANGUAGES, "shell": ("Shell", "shell")}
MARKER = re.compile(r"^\s*(?://|/\*|#) \[((?:[\w-]+\s*)+)(\]?)")


class Snippet:
    def __init__(self, path, first, last, names, text):
        self.path, self.first, self.last, self.names, self.text = path, first, last, names, text

    def literalinclude(self, language):
        """Returns the MyST lines that show the snippet."""
        return ["```{literalinclude} /" + str(self.path.relative_to(DOCS)),
                f":language: {LANGUAGES[language][1]}", f":lines: {self.first}-{self.last}",
                ":dedent:", "```"]


def snippets_in(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    names, first = None, 0
    for number, line in enumerate(lines, 1):
        marker = MARKER.match(line)
        if marker and marker[1] == "end":
            if not names:
                raise ValueError(f"{path}:{number}: [end] without a beginning")
            yield Snippet(path, first, number - 1, names, "\n".join(lines[first - 1:number - 1]))
            names = None
        elif marker:
            if names:
                raise ValueError(f"{path}:{number}: {names} has no [end]")
            names, first = marker[1].split(), number + 1
            while not marker[2]:  # names that take several lines
                line = lines[first - 1]
                names += re.findall(r"[\w-]+", line.split("]")[0])
                first += 1
                if "]" in line:
                    break
    if names:
        raise ValueError(f"{path}: {names} has no [end]")


@cache
def snippets():
    """Returns all snippets by language and name."""
    found = {}
    for language in LANGUAGES:
        for path in sorted((DOCS / "examples" / language).rglob("*.*")):
            if path.suffix not in (".c", ".cpp", ".go", ".rb", ".py"):
                continue
            for snippet in snippets_in(path):
                for name in snippet.names:
                    if (language, name) in found:
                        raise ValueError(f"{path}: there is another snippet named {name}")
                    found[language, name] = snippet
    return found


class MystDirective(SphinxDirective):
    """A directive that expands to MyST."""

    def parse(self, lines):
        container = nodes.Element()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, container)
        return container.children


class Example(MystDirective):
    """Shows the snippet of a name in one tab per language: {example} NAME."""

    required_arguments = 1
    option_spec = {"languages": directives.unchanged}

    def run(self):
        name = self.arguments[0]
        languages = self.options.get("languages", " ".join(LANGUAGES)).split()
        lines = ["::::{tab-set}", ":sync-group: language"]
        for language in languages:
            snippet = snippets().get((language, name))
            if snippet is None:
                raise self.error(f"docs/examples/{language} has no snippet named {name}")
            self.env.note_dependency(str(snippet.path))
            lines += [f":::{{tab-item}} {LANGUAGES[language][0]}", f":sync: {language}",
                      *snippet.literalinclude(language), ":::"]
        return self.parse([*lines, "::::"])


class Languages(MystDirective):
    """Shows each code block of its content in the tab of its language."""

    has_content = True

    def run(self):
        lines = ["::::{tab-set}", ":sync-group: language", ":class: long-lines"]
        for language, code in re.findall(r"^```(\w+)\n(.*?)\n```$", "\n".join(self.content), re.MULTILINE | re.DOTALL):
            title, lexer = TABS[language]
            lines += [f":::{{tab-item}} {title}", f":sync: {language}", f"```{lexer}", code, "```", ":::"]
        return self.parse("\n".join([*lines, "::::"]).splitlines())


class Functions(MystDirective):
    """Shows functions of uservoice.h with one snippet that calls them all: {functions} NAME..."""

    required_arguments = 1
    optional_arguments = 100

    def run(self):
        lines = []
        snippet = snippets().get(("c", self.arguments[0]))
        for name in self.arguments:
            if snippet is None or name not in snippet.names or f"{name}(" not in snippet.text:
                raise self.error(f"docs/examples/c has no snippet that is named {name} and calls it")
            lines += [f"```{{doxygenfunction}} {name}", "```", ""]
        self.env.note_dependency(str(snippet.path))
        self.env.note_dependency(str(HEADER))
        documented = getattr(self.env, "documented_functions", set())
        self.env.documented_functions = documented | set(self.arguments)
        return self.parse([*lines, *snippet.literalinclude("c")])


class HeaderConventions(MystDirective):
    """Shows the list of conventions in the first comment of uservoice.h."""

    def run(self):
        comment = re.search(r"/\*(.*?)\*/", HEADER.read_text(encoding="utf-8"), re.DOTALL)[1]
        items = re.search(r"^ \* +- .*", comment, re.MULTILINE | re.DOTALL)
        if items is None:
            raise self.error("the first comment of uservoice.h has no list of conventions")
        self.env.note_dependency(str(HEADER))
        lines = [line.strip().removeprefix("*") for line in items[0].splitlines()]
        indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        # Names in the header become code, as on the other pages.
        return self.parse([re.sub(r"(?<!`)\b(_?\w*_\w*\(\)|USERVOICE_\w+|uservoice_\w+)", r"`\1`", line[indent:])
                           for line in lines])


def declared_functions():
    """Returns the names of the functions that uservoice.h declares."""
    declarations = re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\b(uservoice_\w+)\(", declarations)) - {"uservoice_log_callback"}


def check_all_functions_are_documented(app, env):
    missing = declared_functions() - getattr(env, "documented_functions", set())
    if missing:
        logging.getLogger(__name__).warning(
            "functions of uservoice.h that appear on no page: %s", ", ".join(sorted(missing)))


def setup(app):
    app.add_directive("example", Example)
    app.add_directive("functions", Functions)
    app.add_directive("languages", Languages)
    app.add_directive("header-conventions", HeaderConventions)
    app.connect("env-check-consistency", check_all_functions_are_documented)
    return {"parallel_read_safe": False}
