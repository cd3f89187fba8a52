/// @file version.hpp
/// The version of the library that was loaded.
#ifndef USERVOICE_VERSION_HPP
#define USERVOICE_VERSION_HPP

#include "error.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace uservoice {

namespace detail {

/// Returns whether a library of this version has what this header uses. Within a major
/// version the ABI only grows, and a patch release adds nothing.
inline bool is_compatible(std::string_view version) noexcept
{
    int major = -1;
    int minor = -1;
    const char *end = version.data() + version.size();
    const auto dot = std::from_chars(version.data(), end, major);
    if (dot.ptr != end)
        std::from_chars(dot.ptr + 1, end, minor);
    return major == USERVOICE_VERSION_MAJOR && minor >= USERVOICE_VERSION_MINOR;
}

} // namespace detail

/// Returns the version of the library that was loaded, such as "0.1.0".
inline std::string_view version() noexcept
{
    return uservoice_version();
}

/// Returns an Error if the library that was loaded does not fit this header. Every
/// function checks this before it calls the library.
inline std::optional<Error> version_mismatch()
{
    static const bool compatible = detail::is_compatible(version());
    if (compatible)
        return std::nullopt;
    return Error(Status::invalid_argument,
                 "this program was compiled for libuservoice " USERVOICE_VERSION
                 " and found libuservoice "
                     + std::string(version()) + ": install libuservoice "
                     + std::to_string(USERVOICE_VERSION_MAJOR) + '.'
                     + std::to_string(USERVOICE_VERSION_MINOR) + " or a later version before "
                     + std::to_string(USERVOICE_VERSION_MAJOR + 1)
                     + ".0, or compile the program again");
}

} // namespace uservoice

#endif // USERVOICE_VERSION_HPP
