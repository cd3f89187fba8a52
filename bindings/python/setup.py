"""Builds a wheel that carries the shared library, for every Python of a platform.

The library is built with cargo from the repository that this directory is part of, or
from the part of it that a source archive (sdist) has beside this file, unless the
environment variable USERVOICE_LIBRARY names one that is built already. The prototypes
are made from include/uservoice.h there.
"""
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
CARRIED = "libuservoice"
REPOSITORY = HERE / CARRIED if (HERE / CARRIED).exists() else HERE.parent.parent
#: What cargo wants to see of the repository before it builds the library. The members of
#: the workspace are among it, since Cargo.lock is theirs as well.
SOURCES = ["Cargo.toml", "Cargo.lock", "build.rs", "rust-toolchain.toml", "LICENSE", "README.md",
           "include", "src", "sandbox", "soak", "tests/fork.rs"]
HEADER = REPOSITORY / "include" / "uservoice.h"
LIBRARY_NAME = {"darwin": "libuservoice.dylib", "win32": "uservoice.dll"}.get(
    sys.platform, "libuservoice.so")


def header():
    if not HEADER.exists():
        sys.exit(f"{HEADER} is not there: build from a checkout of libuservoice")
    return HEADER.read_text(encoding="utf-8")


def library_version():
    return re.search(r'#define USERVOICE_VERSION "(.*)"', header()).group(1)


def declarations(text):
    """What cffi understands of a header: declarations and whole numbers."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
    numbers = re.findall(r"^#define \w+ -?\d+$", text, re.MULTILINE)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r'extern "C" \{|^\}\s*$|\bUSERVOICE_(API|MUST_USE)\b', "", text,
                  flags=re.MULTILINE)
    return text + "\n" + "\n".join(numbers)


def shared_library():
    given = os.environ.get("USERVOICE_LIBRARY")
    if given:
        return Path(given)
    command = ["cargo", "build", "--release", "--locked", "-p", "uservoice"]
    try:
        subprocess.run(command, cwd=REPOSITORY, check=True)
    except FileNotFoundError:
        sys.exit("cargo is not there. Install Rust (https://rustup.rs), or name a library "
                 "that is built already in USERVOICE_LIBRARY.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(command)} failed with status {error.returncode}")
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    return REPOSITORY / target / "release" / LIBRARY_NAME


class BuildPackage(build_py):
    """Puts the library and the prototypes beside the modules."""

    def run(self):
        super().run()
        package = Path("src" if self.editable_mode else self.build_lib, "uservoice")
        package.mkdir(parents=True, exist_ok=True)
        library = shared_library()
        if not library.exists():
            sys.exit(f"{library} is not there")
        shutil.copyfile(library, package / LIBRARY_NAME)
        interface = FFI()
        interface.cdef(declarations(header()))
        interface.set_source("uservoice._abi", None)
        interface.emit_python_code(str(package / "_abi.py"))


class SourceArchive(sdist):
    """Carries the library's sources along."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        for name in SOURCES:
            target = Path(base_dir, CARRIED, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if (REPOSITORY / name).is_dir():
                shutil.copytree(REPOSITORY / name, target)
            else:
                shutil.copyfile(REPOSITORY / name, target)


class PlatformWheel(bdist_wheel):
    """One wheel a platform: no module is compiled for one Python."""

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
