/// @file error.hpp
/// Status, Outcome, Error and SignatureVerificationError.
#ifndef USERVOICE_ERROR_HPP
#define USERVOICE_ERROR_HPP

#include "detail/config.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace uservoice {

class Error;

namespace detail {
Error invalid_argument(const char *argument, std::string_view message);
} // namespace detail

/// The category of an error: the status codes of uservoice.h. A newer library
/// may return a value that has no enumerator here.
enum class Status : std::int32_t {
    /// Success.
    ok = USERVOICE_OK,
    /// The caller's mistake; nothing was sent. See Error::argument().
    invalid_argument = USERVOICE_INVALID_ARGUMENT,
    /// The signature of a token or webhook is invalid, or a token has expired: thrown as a
    /// SignatureVerificationError.
    not_verified = USERVOICE_NOT_VERIFIED,
    /// UserVoice rejected the API key, the signature or the user.
    unauthorized = USERVOICE_UNAUTHORIZED,
    /// The record does not exist.
    not_found = USERVOICE_NOT_FOUND,
    /// HTTP 429 after all retries, or the rate limit's wait exceeds max_retry_wait.
    rate_limited = USERVOICE_RATE_LIMITED,
    /// HTTP 5xx.
    application_error = USERVOICE_APPLICATION_ERROR,
    /// Any other error response, such as "record_invalid" with HTTP 422.
    api_error = USERVOICE_API_ERROR,
    /// No complete response was received: name lookup, connection, TLS, reset.
    transport = USERVOICE_TRANSPORT,
    /// A timeout of the options expired.
    timeout = USERVOICE_TIMEOUT,
    /// Client::cancel() was called, or the function of with_interrupt() ended the call.
    cancelled = USERVOICE_CANCELLED,
    /// The response is malformed: not JSON, too large, not a list.
    bad_response = USERVOICE_BAD_RESPONSE,
    /// A file or directory of an export cannot be read or written.
    file_error = USERVOICE_FILE_ERROR,
    /// A bug in the library. Please report it with the message.
    internal = USERVOICE_INTERNAL,
};

/// Returns the name of a status, such as "NOT_FOUND"; "UNKNOWN" for any other value.
inline const char *status_name(Status status) noexcept
{
    return uservoice_status_name(static_cast<uservoice_status>(status));
}

/// Says whether a failed request may have reached the service, which decides
/// whether it is safe to send a write again.
enum class Outcome : std::int32_t {
    /// The request was not sent.
    not_sent = USERVOICE_OUTCOME_NOT_SENT,
    /// Sent at least in part, without a complete response: a write may have been done.
    unknown = USERVOICE_OUTCOME_UNKNOWN,
    /// The service responded. With Status::bad_response, a write may have been done.
    answered = USERVOICE_OUTCOME_ANSWERED,
};

/// The details of a failure: thrown, or contained in a Result. what() is one line
/// in English without secrets, such as "GET /api/v1/forums/9: HTTP 404: Forum not
/// found". Copies share the details and cannot fail.
class Error : public std::runtime_error {
  public:
    /// Creates an error of your own, for example in a test double of the service.
    Error(Status status, const std::string &message) : std::runtime_error(message), status_(status)
    {
    }

    /// Takes ownership of an error that a function of uservoice.h returned.
    static Error take(uservoice_error *error)
    {
        std::shared_ptr<const uservoice_error> details(error, free_details);
        Error result(static_cast<Status>(uservoice_error_status(error)),
                     uservoice_error_message(error));
        result.details_ = std::move(details);
        return result;
    }

    /// Returns the category of the error.
    Status status() const noexcept { return status_; }

    /// Returns the HTTP status code of the response, if there was one.
    std::optional<int> http_status() const noexcept
    {
        const int status = uservoice_error_http_status(details_.get());
        return status != 0 ? std::optional(status) : std::nullopt;
    }

    /// Returns UserVoice's name for the error, such as "record_not_found", if the
    /// response had one. Like all strings of an Error, it is valid as long as the
    /// Error or a copy of it exists.
    std::optional<std::string_view> type() const noexcept
    {
        return view(uservoice_error_type(details_.get()));
    }

    /// Returns the response body, if there was one.
    std::optional<std::string_view> body() const noexcept
    {
        return view(uservoice_error_body(details_.get()));
    }

    /// Returns a response header such as "X-Request-Id", if the response had it.
    /// Upper and lower case are the same.
    std::optional<std::string_view> header(std::string_view name) const
    {
        return view(uservoice_error_header(details_.get(), std::string(name).c_str()));
    }

    /// Returns the method and path of the request that failed, without the query:
    /// "GET /api/v1/forums/9".
    std::optional<std::string_view> request() const noexcept
    {
        return view(uservoice_error_request(details_.get()));
    }

    /// Returns the name of the invalid input as in uservoice.h, such as "path" or
    /// "options.timeout_ms"; "params" is the body of a POST or PUT. Set only for
    /// Status::invalid_argument.
    std::optional<std::string_view> argument() const noexcept
    {
        return view(argument_ != nullptr ? argument_ : uservoice_error_argument(details_.get()));
    }

    /// Returns how long the service asks to wait before the next attempt, if it did.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        const auto wait = uservoice_error_retry_after_ms(details_.get());
        return wait >= 0 ? std::optional(std::chrono::milliseconds(wait)) : std::nullopt;
    }

    /// Returns whether the request may have reached the service.
    Outcome outcome() const noexcept
    {
        return static_cast<Outcome>(uservoice_error_outcome(details_.get()));
    }

  private:
    friend Error detail::invalid_argument(const char *argument, std::string_view message);

    static void free_details(const uservoice_error *error) noexcept
    {
        uservoice_error_free(const_cast<uservoice_error *>(error));
    }

    static std::optional<std::string_view> view(const char *string) noexcept
    {
        return string != nullptr ? std::optional<std::string_view>(string) : std::nullopt;
    }

    Status status_;
    const char *argument_ = nullptr; // a string literal; set by detail::invalid_argument()
    std::shared_ptr<const uservoice_error> details_;
};

/// The Error that is thrown for Status::not_verified: the signature of a token or webhook is
/// invalid, or a token has expired.
class SignatureVerificationError : public Error {
  public:
    /// Creates an error with the details of another one.
    explicit SignatureVerificationError(const Error &error) noexcept : Error(error) {}
};

namespace detail {

/// Returns an Error with Status::invalid_argument.
///
/// @param argument The name of the argument, a string literal.
inline Error invalid_argument(const char *argument, std::string_view message)
{
    Error error(Status::invalid_argument, std::string(argument) + ": " + std::string(message));
    error.argument_ = argument;
    return error;
}

#if USERVOICE_EXCEPTIONS
/// Throws an Error, as its subclass if it has one.
[[noreturn]] inline void raise(const Error &error)
{
    if (error.status() == Status::not_verified)
        throw SignatureVerificationError(error);
    throw error;
}
#else
/// Not defined, so that a program without exceptions that calls a function that throws is
/// rejected: by GCC and Clang, else by the linker.
#if __has_cpp_attribute(gnu::error)
[[gnu::error("exceptions are disabled: call the function that begins with try_")]]
#endif
[[noreturn]] void raise(const Error &error);
#endif

} // namespace detail

} // namespace uservoice

#endif // USERVOICE_ERROR_HPP
