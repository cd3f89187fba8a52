find_program(CARGO cargo HINTS "$ENV{CARGO_HOME}/bin" "$ENV{HOME}/.cargo/bin")
if(NOT CARGO)
    message(FATAL_ERROR "uservoice requires Rust, see https://rustup.rs")
endif()
if(NOT HOST_TRIPLET MATCHES "^${VCPKG_TARGET_ARCHITECTURE}-linux")
    message(FATAL_ERROR "uservoice can be built only for the host architecture, on Linux")
endif()

# The checksum of GitHub's archive of the tag; vcpkg prints the right one if it differs.
vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO libuservoice/libuservoice
    REF "v${VERSION}"
    SHA512 0
    HEAD_REF main
)

# The C interface does not depend on the build type.
set(VCPKG_BUILD_TYPE release)
set(VCPKG_POLICY_MISMATCHED_NUMBER_OF_BINARIES enabled)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}")
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME UserVoice CONFIG_PATH lib/cmake/UserVoice)
vcpkg_fixup_pkgconfig()

# The CMake package uses whichever library is installed.
if(VCPKG_LIBRARY_LINKAGE STREQUAL "static")
    file(GLOB other "${CURRENT_PACKAGES_DIR}/lib/libuservoice.so*")
else()
    set(other "${CURRENT_PACKAGES_DIR}/lib/libuservoice.a")
endif()
file(REMOVE ${other})

vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CURRENT_PORT_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
