/// @file uservoice.hpp
/// libuservoice for C++17 and later: move-only classes on top of uservoice.h.
///
/// - Every function that can fail has two forms: `get()` throws an Error,
///   `try_get()` returns a Result. The comment above `get()` describes both. With
///   -fno-exceptions, a program that calls the first form is not built.
/// - String parameters are std::string_view in UTF-8. A string that contains a
///   NUL character is rejected. Strings and JSON are returned as std::string.
/// - JSON parameters are of type Json: an object in braces, or a string that any
///   JSON library has written.
/// - Any number of threads may use an object at once, except to move, close or
///   destroy it.
/// - After fork() both processes may use the objects that exist, except that an
///   Export belongs to the process that opened it.
/// - Link with libuservoice: CMake's UserVoice::uservoice, or
///   `pkg-config --cflags --libs uservoice`.
///
/// Each of the headers below can be included alone: a program that only reads webhooks
/// needs `uservoice/webhook.hpp`. What is in `uservoice/detail/` is private.
///
/// ```cpp
/// uservoice::Client client("acme", key, secret);
/// for (auto &&json : client.collection("/api/v1/suggestions"))
///     std::cout << json << '\n';
/// ```
#ifndef USERVOICE_HPP
#define USERVOICE_HPP

#include "uservoice/body.hpp"           // Body
#include "uservoice/callbacks.hpp"      // LogLevel, Log, Interrupt
#include "uservoice/client.hpp"         // Client, AuthorizationRequest
#include "uservoice/collection.hpp"     // Collection
#include "uservoice/error.hpp"          // Status, Outcome, Error, SignatureVerificationError
#include "uservoice/export.hpp"         // Export, ExportOptions, ExportResource, ExportProgress
#include "uservoice/json.hpp"           // Value, Json
#include "uservoice/json_functions.hpp" // json_get(), json_quote()
#include "uservoice/options.hpp"        // Options
#include "uservoice/result.hpp"         // Result
#include "uservoice/sso.hpp"            // sso_jwt(), sso_token() and so on
#include "uservoice/token.hpp"          // Token
#include "uservoice/version.hpp"        // version(), version_mismatch()
#include "uservoice/webhook.hpp"        // Webhook, webhook_read() and so on

/// The API of this header.
namespace uservoice {
}

#endif // USERVOICE_HPP
