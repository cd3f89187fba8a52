/// @file detail/config.hpp
/// Checks the version of uservoice.h, and whether exceptions are enabled.
#ifndef USERVOICE_DETAIL_CONFIG_HPP
#define USERVOICE_DETAIL_CONFIG_HPP

#include "../../uservoice.h"

#if USERVOICE_VERSION_MAJOR != 0 || USERVOICE_VERSION_MINOR != 1
#error "uservoice.hpp of libuservoice 0.1 does not match uservoice.h: install both from one release"
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
/// 1 if exceptions are enabled, so that the functions that throw can be called.
#define USERVOICE_EXCEPTIONS 1
#else
#define USERVOICE_EXCEPTIONS 0
#endif

#endif // USERVOICE_DETAIL_CONFIG_HPP
