/// @file callbacks.hpp
/// The functions that a Client calls: Log and Interrupt.
#ifndef USERVOICE_CALLBACKS_HPP
#define USERVOICE_CALLBACKS_HPP

#include "detail/config.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace uservoice {

/// Which lines a Log receives.
enum class LogLevel : std::int32_t {
    /// None.
    off = USERVOICE_LOG_OFF,
    /// Attempts without a response (unless cancelled), with status 429, or with 500 and above.
    warning = USERVOICE_LOG_WARNING,
    /// All attempts.
    info = USERVOICE_LOG_INFO,
};

/// Receives one line for each attempt of a request, without a newline, valid during
/// the call; the level is warning or info. An exception that leaves it calls
/// std::terminate().
using Log = std::function<void(LogLevel level, std::string_view line)>;

/// Returns true to end the call that waits. An exception that leaves it calls
/// std::terminate().
using Interrupt = std::function<bool()>;

} // namespace uservoice

#endif // USERVOICE_CALLBACKS_HPP
