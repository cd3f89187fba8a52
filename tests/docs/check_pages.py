"""Refuses code that is typed into a page of the site, unless the lines stand so in a file that
the tests run. Code is to be included from such files: tests/docs/run.sh and the scripts that it
names run all of docs/examples.

Usage: check_pages.py [PAGE...]; without arguments all pages, and what they include.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md",
         ROOT / "sandbox/README.md"]
CODE = {"c", "cpp", "c++", "go", "ruby", "python", "rust", "cmake", "sh", "bash", "shell", "console"}
# What the tests run, whole.
RUN = ["docs/examples", "examples", "tests/consumer", "bindings/python/tests/old_readme", "Makefile",
       "bindings/ruby/sig"]
# What is run by other files, in other words: the line, the file, and what has to stand there.
RUN_OTHERWISE = {
    "find_package(UserVoice 0.1 CONFIG REQUIRED COMPONENTS static)":
        ("tests/consumer/run.sh", ";COMPONENTS;shared;static"),
    "add_subdirectory(libuservoice)":
        ("tests/consumer/CMakeLists.txt", 'add_subdirectory("${USERVOICE_SOURCE}" uservoice)'),
    "target_link_libraries(program PRIVATE UserVoice::uservoice)":
        ("tests/consumer/CMakeLists.txt", "target_link_libraries(either PRIVATE UserVoice::uservoice)"),
    "cc program.c $(pkg-config --cflags --libs uservoice) -o program":
        ("tests/consumer/link.sh", 'pkg-config "${@:2}" --cflags --libs uservoice'),
    "cc program.c $(pkg-config --static --cflags --libs uservoice) -o program":
        ("tests/consumer/run.sh", "--static"),
    "mkdir -p .cargo": ("tests/consumer/run.sh", "CARGO_HOME=$work/offline"),
    "cargo vendor --locked --versioned-dirs vendor > .cargo/config.toml":
        ("tests/consumer/vendor.sh", "cargo vendor --locked --versioned-dirs"),
    "cmake -S . -B build && cmake --build build":
        ("tests/consumer/run.sh", "offline install_library"),
    "conan create packaging/conan -o '*:shared=True'":
        ("tests/packaging/run.sh", 'conan create packaging/conan -s build_type=Debug -o "*:shared=$shared"'),
    "cc sso.c $(pkg-config --cflags --libs uservoice) -o sso":
        ("tests/consumer/link.sh", "grep -o '^cc sso.c .*'"),
}
# tests/consumer/link.sh takes the program in C out of the README and runs it.
TAKEN_OUT = {("README.md", "c")}
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+|:::+)(?P<info>.*)$")


def lines_that_run():
    found = set()
    for name in RUN:
        path = ROOT / name
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file():
                try:
                    text = file.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue
                found.update(map(code_of, text.splitlines()))
    return found


def code_of(line):
    """A line without its indentation, and without a comment at its end."""
    return re.sub(r"\s+(#|//|/\*).*$", "", line).strip()


def blocks(text):
    """Line number, info string and lines of each block of backticks."""
    opened = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if opened is None:
            if fence and fence["fence"].startswith("`"):
                opened = (number, fence["info"].strip(), fence["fence"], [])
        elif fence and fence["fence"].startswith(opened[2]) and not fence["info"].strip():
            yield opened[0], opened[1], opened[3]
            opened = None
        else:
            opened[3].append(line)
    if opened is not None:
        yield opened[0], opened[1], opened[3]


def is_run_otherwise(line):
    target = re.fullmatch(r"make ([\w-]+)", line)
    if target:
        return f"\n{target[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    if re.fullmatch(r"cargo test -p uservoice(-sandbox)?", line):
        return f"\t{line}" in (ROOT / "Makefile").read_text(encoding="utf-8").replace("--quiet ", "")
    if line == "cargo bench":
        return "[[bench]]" in (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    file, text = RUN_OTHERWISE.get(line, (None, None))
    return file is not None and (ROOT / file).exists() and text in (ROOT / file).read_text(encoding="utf-8")


def mistakes(page, runs):
    for number, info, lines in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{number}"
        included = re.match(r"\{literalinclude\} (\S+)", info)
        if included:
            start = page.parent if not included[1].startswith("/") else ROOT / "docs"
            path = (start / included[1].lstrip("/")).resolve()
            if not any(path.is_relative_to(ROOT / name) for name in RUN):
                yield f"{where}: no test runs {path.relative_to(ROOT)}"
        elif info.startswith("{code-block}") or info.startswith("{code}"):
            yield f"{where}: code is to be included from docs/examples"
        elif info.lower() in CODE and (str(page.relative_to(ROOT)), info) not in TAKEN_OUT:
            for line in filter(None, map(code_of, lines)):
                if not (line in runs or line.startswith(("#", "//")) or is_run_otherwise(line)):
                    yield f"{where}: no file that the tests run has the line: {line}"


def main(pages):
    runs = lines_that_run()
    found = [mistake for page in pages for mistake in mistakes(page, runs)]
    for mistake in found:
        print(mistake, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main([Path(page).resolve() for page in sys.argv[1:]] or sorted(
        page for page in PAGES if "site" not in page.relative_to(ROOT).parts)))
