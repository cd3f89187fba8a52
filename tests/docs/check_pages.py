"""Checks the pages of the site:

- every line of code must be in a file that the tests run. Pages should include code from docs/examples, which
  tests/docs/run.sh runs, rather than contain it;
- files of the source tree that a page mentions must exist;
- docs/reference/names.md must list every function of the header.

Usage: check_pages.py [PAGE...]; without arguments, checks all pages and the files that they include.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md",
         ROOT / "sandbox/README.md"]
CODE = {"c", "cpp", "c++", "go", "ruby", "python", "rust", "cmake", "sh", "bash", "shell", "console"}
# Files and directories that the tests run.
TESTED = ["docs/examples", "examples", "tests/consumer", "bindings/python/tests/old_readme", "Makefile",
       "bindings/ruby/sig"]
# Lines that the tests run in another form: the line, the file that runs it, and a string in that file.
TESTED_OTHERWISE = {
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
    "cc -static program.c $(pkg-config --static --cflags --libs uservoice) -o program":
        ("tests/consumer/link.sh", "for option in -static -static-pie"),
    "go build -tags uservoice_static -ldflags '-extldflags -static'":
        ("tests/go/run.sh", "-extldflags -static"),
    "mkdir -p .cargo": ("tests/consumer/run.sh", "CARGO_HOME=$work/offline"),
    "cargo vendor --locked --versioned-dirs vendor > .cargo/config.toml":
        ("tests/consumer/vendor.sh", "cargo vendor --locked --versioned-dirs"),
    "cmake -S . -B build && cmake --build build":
        ("tests/consumer/run.sh", "offline install_library"),
    "conan create packaging/conan -o '*:shared=True'":
        ("tests/packaging/conan.sh", 'conan create packaging/conan -s build_type=Debug -o "*:shared=$shared"'),
    "dpkg-source --extract libuservoice_*.dsc libuservoice":
        ("scripts/dist", 'dpkg-source --extract "$work"/debian-source/*.dsc "$work/libuservoice"'),
    "cd libuservoice": ("scripts/dist", 'cd "$work/libuservoice"'),
    "dpkg-buildpackage --build=binary --no-sign --build-profiles=pkg.libuservoice.rustup":
        ("scripts/dist", "dpkg-buildpackage --build=binary --no-sign --build-profiles=pkg.libuservoice.rustup"),
    "cc sso.c $(pkg-config --cflags --libs uservoice) -o sso":
        ("tests/consumer/link.sh", "grep -o '^cc sso.c .*'"),
}
# tests/consumer/link.sh extracts this program from the README and runs it.
EXTRACTED = {("README.md", "c")}
# tests/calls runs the lines of these pages.
REFERENCE = ROOT / "docs/reference/api"
# A path of a source file or directory in code font.
PATH = re.compile(r"`((?:src|include|bindings|sandbox|tests|fuzz|soak|benches|scripts|packaging|abi)/[\w./-]*)`")
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+|:::+)(?P<info>.*)$")


def tested_lines():
    lines = set()
    for name in TESTED:
        path = ROOT / name
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file():
                try:
                    text = file.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue
                lines.update(map(code_of, text.splitlines()))
    return lines


def code_of(line):
    """Returns a line without indentation and trailing comment."""
    return re.sub(r"\s+(#|//|/\*).*$", "", line).strip()


def blocks(text):
    """Yields line number, info string and lines of each fenced block."""
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


def is_run(page, info):
    return page.is_relative_to(REFERENCE) or (str(page.relative_to(ROOT)), info) in EXTRACTED


def is_tested_otherwise(line):
    target = re.fullmatch(r"make ([\w-]+)", line)
    if target:
        return f"\n{target[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    if re.fullmatch(r"cargo test -p uservoice(-sandbox|-cli)?", line):
        return f"\t{line}" in (ROOT / "Makefile").read_text(encoding="utf-8").replace("--locked --quiet ", "")
    if line == "cargo bench":
        return "[[bench]]" in (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    file, text = TESTED_OTHERWISE.get(line, (None, None))
    return file is not None and (ROOT / file).exists() and text in (ROOT / file).read_text(encoding="utf-8")


def errors_in(page, tested):
    for number, info, lines in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{number}"
        included = re.match(r"\{literalinclude\} (\S+)", info)
        if included:
            start = page.parent if not included[1].startswith("/") else ROOT / "docs"
            path = (start / included[1].lstrip("/")).resolve()
            if not any(path.is_relative_to(ROOT / name) for name in TESTED):
                yield f"{where}: no test runs {path.relative_to(ROOT)}"
        elif info.startswith("{code-block}") or info.startswith("{code}"):
            yield f"{where}: include the code from docs/examples instead"
        elif info.lower() in CODE and not is_run(page, info):
            for line in filter(None, map(code_of, lines)):
                if not (line in tested or line.startswith(("#", "//")) or is_tested_otherwise(line)):
                    yield f"{where}: no tested file contains the line: {line}"


def missing_files(page):
    for path in sorted(set(PATH.findall(page.read_text(encoding="utf-8")))):
        if not (ROOT / path).exists():
            yield f"{page.relative_to(ROOT)}: there is no {path}"


def missing_names():
    header = re.sub(r"/\*.*?\*/", "", (ROOT / "include/uservoice.h").read_text(encoding="utf-8"), flags=re.DOTALL)
    declared = set(re.findall(r"\buservoice_(\w+)\(", header)) - {"log_callback"}
    page = "docs/reference/names.md"
    rows = re.findall(r"^\| (.*?) \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    listed = set(re.findall(r"`(\w+)`", " ".join(rows)))
    for name in sorted(declared - listed):
        yield f"{page}: uservoice_{name} is missing"


def main(pages):
    tested = tested_lines()
    errors = [error for page in pages for check in (lambda p: errors_in(p, tested), missing_files)
              for error in check(page)]
    errors += missing_names()
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main([Path(page).resolve() for page in sys.argv[1:]] or sorted(
        page for page in PAGES if "site" not in page.relative_to(ROOT).parts)))
