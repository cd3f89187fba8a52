"""The shared library, and what the binding uses of its header."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import uservoice
from uservoice import errors
from uservoice._library import lib

REPOSITORY = Path(__file__).parents[3]
HEADER = (REPOSITORY / "include" / "uservoice.h").read_text(encoding="utf-8")
PACKAGE = Path(uservoice.__file__).parent


def import_with(library):
    """Imports the package with a library; returns the exit status and the last error line."""
    environment = {**os.environ, "USERVOICE_LIBRARY": str(library)}
    process = subprocess.run([sys.executable, "-c", "import uservoice"], env=environment,
                             capture_output=True, text=True)
    return process.returncode, process.stderr.strip().split("\n")[-1]


class Library(unittest.TestCase):
    def test_uses_every_function_of_the_header(self):
        functions = set(re.findall(r"\b(uservoice_\w+)\(", re.sub(r"/\*.*?\*/", "", HEADER,
                                                                  flags=re.DOTALL)))
        self.assertGreater(len(functions), 30)
        sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")
                          if path.name != "_abi.py")
        used = set(re.findall(r"\blib\.(uservoice_\w+)", sources))
        self.assertEqual(functions, used)

    def test_has_an_exception_for_every_status_of_the_header(self):
        constants = dict(re.findall(r"#define USERVOICE_(\w+) (\d+)$", HEADER, re.MULTILINE))
        names = {lib.uservoice_status_name(int(number)): name for name, number in constants.items()
                 if not name.startswith(("VERSION", "LOG"))}
        self.assertEqual({uservoice._library.to_str(name) for name in names}, set(names.values()))
        self.assertEqual(set(names.values()) - {"OK"}, set(errors.BY_STATUS))

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
        self.assertIn("pip install uservoice", message)

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
            self.assertIn("pip install uservoice", message)


if __name__ == "__main__":
    unittest.main()
