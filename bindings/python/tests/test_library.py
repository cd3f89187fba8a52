"""The shared library, and what the binding uses of its header."""
import inspect
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import uservoice
from uservoice import errors
from uservoice._library import lib, to_str
from uservoice._options import ClientOptions, NewClientOptions

REPOSITORY = Path(__file__).parents[3]
OPTIONS = (REPOSITORY / "docs" / "reference" / "options.md").read_text(encoding="utf-8")
README = (REPOSITORY / "bindings" / "python" / "README.md").read_text(encoding="utf-8")
HEADER = (REPOSITORY / "include" / "uservoice.h").read_text(encoding="utf-8")
PACKAGE = Path(uservoice.__file__).parent
# These are for C programs: Python has the module json.
NOT_MAPPED = {"uservoice_json_get", "uservoice_json_quote"}


def import_with(library):
    """Imports the package with a library; returns the exit status and the last error line."""
    environment = {**os.environ, "USERVOICE_LIBRARY": str(library)}
    process = subprocess.run([sys.executable, "-c", "import uservoice"], env=environment,
                             capture_output=True, text=True)
    return process.returncode, process.stderr.strip().split("\n")[-1]


def constants():
    """Returns the names of the integer constants of the header, without USERVOICE_."""
    return re.findall(r"^#define USERVOICE_(\w+) \d+$", HEADER, re.MULTILINE)


class Library(unittest.TestCase):
    def test_uses_every_function_of_the_header(self):
        functions = set(re.findall(r"\b(uservoice_\w+)\(", re.sub(r"/\*.*?\*/", "", HEADER,
                                                                  flags=re.DOTALL)))
        self.assertGreater(len(functions), 30)
        sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")
                          if path.name != "_abi.py")
        used = set(re.findall(r"\blib\.(uservoice_\w+)", sources))
        self.assertEqual(functions - NOT_MAPPED, used)

    def test_has_an_exception_for_every_status_of_the_header(self):
        names = {name for name in constants() if not name.startswith(("VERSION", "LOG", "OUTCOME"))}
        for name in names:
            number = getattr(lib, f"USERVOICE_{name}")
            self.assertEqual(to_str(lib.uservoice_status_name(number)), name)
        self.assertEqual(names - {"OK"}, set(errors.BY_STATUS))

    def test_readme_lists_every_exception(self):
        table = README.split("| exception |")[1].split("\n\n")[0]
        first_column = " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
        self.assertEqual(set(re.findall(r"`(\w+)`", first_column)),
                         {exception.__name__ for exception in
                          (*errors.BY_STATUS.values(), errors.UnknownLength)})

    def test_has_a_name_for_every_outcome_of_the_header(self):
        names = {name for name in constants() if name.startswith("OUTCOME_")}
        self.assertEqual(names, {"OUTCOME_" + name.upper().replace(" ", "_")
                                 for name in errors.OUTCOMES.values()})
        self.assertEqual(len(errors.OUTCOMES), len(names))

    def test_has_every_option_of_the_table_with_its_default(self):
        table = re.search(r"(?:^\|.*\n)+", OPTIONS, re.MULTILINE).group()
        rows = re.findall(r"^\| `(\w+)` +\| (.*?) +\|", table, re.MULTILINE)
        expected = {name: default.strip("`") for name, default in rows}
        self.assertGreater(len(expected), 15)
        del expected["whole_pages"]  # iter_whole_pages()
        del expected["language"]  # always "python"
        for name, name_in_library in uservoice._options.MILLISECONDS.items():
            expected[name] = str(int(expected.pop(name_in_library)) // 1000)
        expected["allow_insecure"] = str(expected["allow_insecure"] == "true")

        entries = re.findall(r"^    (\w+): (.*?)(?=^    \w|\n\n)",
                             inspect.getdoc(uservoice.Client), re.MULTILINE | re.DOTALL)
        documented = {name: default[1].strip("`") for name, text in entries
                      if (default := re.search(r"\(default\s+(.*?)\)", text))}
        self.assertEqual(documented, expected)
        parameters = list(inspect.signature(uservoice.Client).parameters)
        self.assertEqual(set(parameters[5:]), set(expected))
        self.assertEqual(set(parameters[3:]), set(NewClientOptions.__annotations__))
        # Each is passed to the library under its name.
        client = uservoice.Client("acme", "key")
        for name in ClientOptions.__annotations__:
            with self.assertRaises((TypeError, ValueError), msg=name) as raised:
                client.with_options(**{name: "\0"})
            self.assertIn(name, str(raised.exception))

    def test_modules_of_earlier_pickles_have_their_classes(self):
        for name in ["Client", "Response", "AuthorizationRequest"]:
            self.assertIs(getattr(uservoice.client, name), getattr(uservoice, name))

    def test_accepts_newer_libraries_of_the_same_major_version(self):
        self.assertIn(f'#define USERVOICE_VERSION "{uservoice.__version__}"', HEADER)
        for required, version, expected in [
                ((1, 2, 3), "1.2.3", True), ((1, 2, 3), "1.2.4", True), ((1, 2, 3), "1.9.0", True),
                ((1, 2, 3), "1.2.2", False), ((1, 2, 3), "2.2.3", False),
                ((0, 3, 1), "0.3.1", True), ((0, 3, 1), "0.3.9", True), ((0, 3, 1), "0.4.0", True),
                ((0, 3, 1), "0.3.0", False), ((0, 3, 1), "1.0.0", False)]:
            self.assertEqual(uservoice._library._is_compatible(version, required), expected,
                             (version, required))

    def test_import_error_if_the_library_is_missing(self):
        status, message = import_with("/nowhere/libuservoice.so")
        self.assertEqual(status, 1)
        self.assertIn("ImportError: cannot load libuservoice", message)
        self.assertIn("/nowhere/libuservoice.so", message)
        self.assertIn("set USERVOICE_LIBRARY", message)

    def test_import_error_if_the_library_is_incompatible(self):
        for source, expected in [('const char *uservoice_version(void) { return "0.0.9"; }',
                                  "libuservoice 0.0.9"), ("int other;", "cannot load")]:
            with tempfile.TemporaryDirectory() as directory:
                library = Path(directory, "libuservoice.so")
                subprocess.run(["gcc", "-shared", "-x", "c", "-", "-o", library], input=source,
                               text=True, check=True)
                status, message = import_with(library)
            self.assertEqual(status, 1)
            self.assertIn("ImportError", message)
            self.assertIn(expected, message)
            self.assertIn("set USERVOICE_LIBRARY", message)


if __name__ == "__main__":
    unittest.main()
