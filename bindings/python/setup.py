"""Builds a wheel that contains the shared library: one per platform for all Pythons.

The library is built with cargo, unless the environment variable USERVOICE_LIBRARY names an
existing one. Its sources are in the repository that contains this directory; in a source
archive (sdist), they are in the directory libuservoice. The prototypes for cffi are
generated from include/uservoice.h.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cffi import FFI
from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
IN_ARCHIVE = "libuservoice"
REPOSITORY = HERE / IN_ARCHIVE if (HERE / IN_ARCHIVE).exists() else HERE.parent.parent
HEADER = REPOSITORY / "include" / "uservoice.h"
LIBRARY_NAME = {"darwin": "libuservoice.dylib", "win32": "uservoice.dll"}.get(
    sys.platform, "libuservoice.so")


def header():
    if not HEADER.exists():
        sys.exit(f"{HEADER} does not exist: build from a clone of libuservoice")
    return HEADER.read_text(encoding="utf-8")


def library_version():
    return re.search(r'#define USERVOICE_VERSION "(.*)"', header()).group(1)


def declarations(text):
    """Extracts what cffi can parse from a C header: declarations and integer constants."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
    constants = re.findall(r"^#define \w+ -?\d+$", text, re.MULTILINE)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r'extern "C" \{|^\}\s*$|\bUSERVOICE_(API|MUST_USE)\b', "", text,
                  flags=re.MULTILINE)
    return text + "\n" + "\n".join(constants)


def sources():
    """Returns the files of the repository that cargo requires to build the library.

    They include the other members of the workspace, because they share Cargo.lock, and the
    targets that Cargo.toml names.
    """
    manifest = (REPOSITORY / "Cargo.toml").read_text(encoding="utf-8")
    members = re.search(r"^members = (\[.*\])$", manifest, re.MULTILINE).group(1)
    return ["Cargo.toml", "Cargo.lock", "build.rs", "rust-toolchain.toml", "LICENSE", "README.md",
            "include", "src", "benches/inner.rs", "tests/fork.rs", "tests/torture",
            *json.loads(members)]


def shared_library():
    """Returns the path of the shared library, after building it if necessary."""
    existing = os.environ.get("USERVOICE_LIBRARY")
    if existing:
        return Path(existing)
    command = ["cargo", "build", "--release", "--locked", "-p", "uservoice"]
    try:
        subprocess.run(command, cwd=REPOSITORY, check=True)
    except FileNotFoundError:
        sys.exit("cargo not found. Install Rust (https://rustup.rs), or set USERVOICE_LIBRARY "
                 "to the file name of an existing library.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(command)} failed with status {error.returncode}")
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    return REPOSITORY / target / "release" / LIBRARY_NAME


class BuildPackage(build_py):
    """Adds the library and the prototypes to the package."""

    def run(self):
        super().run()
        package = Path("src" if self.editable_mode else self.build_lib, "uservoice")
        package.mkdir(parents=True, exist_ok=True)
        library = shared_library()
        if not library.exists():
            sys.exit(f"{library} does not exist")
        shutil.copyfile(library, package / LIBRARY_NAME)
        interface = FFI()
        interface.cdef(declarations(header()))
        interface.set_source("uservoice._abi", None)
        interface.emit_python_code(str(package / "_abi.py"))


class SourceArchive(sdist):
    """Adds the sources of the library to the archive."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        for name in sources():
            target = Path(base_dir, IN_ARCHIVE, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if (REPOSITORY / name).is_dir():
                shutil.copytree(REPOSITORY / name, target)
            else:
                shutil.copyfile(REPOSITORY / name, target)


class PlatformWheel(bdist_wheel):
    """Tags the wheel for any Python of the platform, since no module is compiled."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


setup(
    version=library_version(),
    cmdclass={"build_py": BuildPackage, "bdist_wheel": PlatformWheel, "sdist": SourceArchive},
    distclass=PlatformDistribution,
)
