"""Conan 2 recipe for libuservoice; builds the checkout that contains it.

    conan create packaging/conan

Requires an installed Rust, because Conan has no recipe for it.
"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rm


class UserVoice(ConanFile):
    name = "uservoice"
    description = "Client library for UserVoice"
    license = "MIT"
    homepage = "https://github.com/libuservoice/libuservoice"
    topics = ("uservoice", "api-client", "sso")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": False}

    def set_version(self):
        manifest = load(self, os.path.join(self.recipe_folder, "..", "..", "Cargo.toml"))
        self.version = re.search(r'^version = "(.*)"', manifest, re.MULTILINE).group(1)

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for pattern in (
            "Cargo.*", "build.rs", "rust-toolchain.toml", "CMakeLists.txt", "LICENSE", "README.md",
            "benches/*.rs", "cli/*", "cmake/*", "include/*", "scripts/*", "src/*", "tests/*.rs", "sandbox/*", "soak/*",
        ):  # fmt: skip
            copy(self, pattern, root, self.export_sources_folder)

    def configure(self):
        # The ABI is that of C and does not depend on the C++ compiler or library.
        self.settings.rm_safe("compiler.cppstd")
        self.settings.rm_safe("compiler.libcxx")

    def validate(self):
        mingw = self.settings.os == "Windows" and self.settings.compiler in ("gcc", "clang")
        if self.settings.os != "Linux" and not mingw:
            raise ConanInvalidConfiguration("libuservoice supports Linux, and Windows with MinGW")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeToolchain(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        # One of the two libraries; that of Windows is in bin, with an import library in lib.
        others = ["libuservoice.a"] if self.options.shared else ["*.so*", "*.dll", "*.dll.a"]
        for pattern in others:
            rm(self, pattern, self.package_folder, recursive=True)

    def package_info(self):
        # CMake uses the package files that the library installs.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "UserVoice"))
        self.cpp_info.libs = ["uservoice"]
        if self.options.shared:
            self.cpp_info.defines = ["USERVOICE_SHARED"]
        else:
            pc = load(self, os.path.join(self.package_folder, "lib", "pkgconfig", "uservoice.pc"))
            private = re.search(r"^Libs\.private:(.*)", pc, re.MULTILINE).group(1)
            self.cpp_info.system_libs = re.findall(r"-l(\S+)", private)
