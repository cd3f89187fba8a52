/// @file uservoice.hpp
/// libuservoice for C++17 and later: move-only classes on top of uservoice.h.
///
/// - Every function that can fail has two forms: `get()` throws an Error,
///   `try_get()` returns a Result. With -fno-exceptions only the second form is
///   declared.
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
/// Contents: Status, Outcome, Error, Result; the JSON input types Value and Json;
/// Options, Body, LogLevel and Log; namespace detail (private); version; Token; Collection;
/// Export; Client; single sign-on, webhooks and JSON (free functions). Each class
/// declares the functions that throw first, with their documentation, and then the
/// `try_` forms.
///
/// ```cpp
/// uservoice::Client client("acme", key, secret);
/// for (auto &&json : client.collection("/api/v1/suggestions"))
///     std::cout << json << '\n';
/// ```
#ifndef USERVOICE_HPP
#define USERVOICE_HPP

#include "uservoice.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <istream>
#include <iterator>
#include <limits>
#include <locale>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#if USERVOICE_VERSION_MAJOR != 0 || USERVOICE_VERSION_MINOR != 1
#error "uservoice.hpp of libuservoice 0.1 does not match uservoice.h: install both from one release"
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
/// 1 if exceptions are enabled and the functions that throw are declared.
#define USERVOICE_EXCEPTIONS 1
#else
#define USERVOICE_EXCEPTIONS 0
#endif

/// The API of this header.
namespace uservoice {

class Error;
class Json;

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
    /// The signature of a token or webhook is invalid, or a token has expired.
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

/// A value or an Error.
///
/// ```cpp
/// if (auto response = client.try_get("/api/v1/users/current"))
///     use(*response);
/// else
///     report(response.error().what());
/// ```
template <class T> class [[nodiscard]] Result {
  public:
    /// Creates a successful result.
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}

    /// Creates a failed result.
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    /// Returns whether there is a value.
    bool has_value() const noexcept { return content_.index() == 0; }

    /// Returns whether there is a value.
    explicit operator bool() const noexcept { return has_value(); }

    /// Returns the value; calls std::abort() for a failed result.
    T &operator*() & { return *get_or_abort(std::get_if<0>(&content_)); }
    /// Returns the value; calls std::abort() for a failed result.
    const T &operator*() const & { return *get_or_abort(std::get_if<0>(&content_)); }
    /// Moves the value out; calls std::abort() for a failed result.
    T operator*() && { return std::move(*get_or_abort(std::get_if<0>(&content_))); }

    /// Accesses a member of the value; calls std::abort() for a failed result.
    T *operator->() { return get_or_abort(std::get_if<0>(&content_)); }
    /// Accesses a member of the value; calls std::abort() for a failed result.
    const T *operator->() const { return get_or_abort(std::get_if<0>(&content_)); }

    /// Returns the error; calls std::abort() for a successful result.
    const Error &error() const { return *get_or_abort(std::get_if<1>(&content_)); }

#if USERVOICE_EXCEPTIONS
    /// Moves the value out, or throws the error.
    T value() &&
    {
        if (!has_value())
            throw error();
        return *std::move(*this);
    }
    /// Returns the value, or throws the error.
    const T &value() const &
    {
        if (!has_value())
            throw error();
        return **this;
    }
#endif

  private:
    template <class Content> static Content *get_or_abort(Content *content)
    {
        if (content == nullptr)
            std::abort();
        return content;
    }

    std::variant<T, Error> content_;
};

/// One value of a Json object: a string, a number, a bool, nullptr, an object in braces,
/// or another Json.
class Value {
  public:
    /// Creates null.
    Value(std::nullptr_t) : text_("null") {}

    /// Creates true or false.
    template <class T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
    Value(T value) : text_(value ? "true" : "false")
    {
    }

    /// Creates an integer.
    template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>
                                            && !std::is_same_v<T, char>,
                                        int> = 0>
    Value(T number) : text_(std::to_string(number))
    {
    }

    /// Creates a number, with as many digits as identify it. JSON has no infinity and no NaN:
    /// the library rejects them when the JSON is used.
    template <class T, std::enable_if_t<std::is_floating_point_v<T>, int> = 0>
    Value(T number) : text_(decimal(number))
    {
    }

    /// Deleted: a pointer would become a bool, and a char or an enum a number.
    template <class T,
              std::enable_if_t<std::is_enum_v<T> || std::is_same_v<T, char>
                                   || (std::is_pointer_v<T>
                                       && !std::is_convertible_v<T, std::string_view>),
                               int> = 0>
    Value(const T &neither_string_nor_number) = delete;

    /// Creates an object with these members.
    Value(std::initializer_list<std::pair<std::string_view, Value>> members);

    /// Creates a string, quoted and escaped.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Value(const T &string) : text_(quoted(string))
    {
    }

    /// Creates an object, or any other value that was written as JSON.
    Value(const Json &json);

    /// Creates an array: `Value::array({1, 2, 3})`.
    static Value array(const std::vector<Value> &values)
    {
        Value array(nullptr);
        array.text_ = "[";
        for (const Value &value : values) {
            if (array.text_.size() > 1)
                array.text_ += ',';
            array.text_ += value.text_;
        }
        array.text_ += ']';
        return array;
    }

    /// Returns the value as JSON text.
    const std::string &text() const noexcept { return text_; }

  private:
    friend class Json;

    // Not uservoice_json_quote(), which can fail and takes no NUL character. The library
    // rejects invalid UTF-8 when the JSON is used.
    static std::string quoted(std::string_view string)
    {
        static constexpr char digits[] = "0123456789abcdef";
        std::string json = "\"";
        for (const char c : string) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                json += '\\';
                json += c;
            } else if (byte < 0x20) {
                json += "\\u00";
                json += digits[byte >> 4];
                json += digits[byte & 15];
            } else {
                json += c;
            }
        }
        json += '"';
        return json;
    }

    // Not std::to_chars(), which GCC has for numbers with a fraction since version 11.
    template <class T> static std::string decimal(T number)
    {
        using Limits = std::numeric_limits<T>;
        std::string text;
        for (const int digits : {Limits::digits10, Limits::max_digits10}) {
            std::ostringstream out;
            out.imbue(std::locale::classic());
            out.precision(digits);
            out << number;
            text = out.str();
            std::istringstream in(text);
            in.imbue(std::locale::classic());
            T read = 0;
            if (in >> read && read == number)
                break;
        }
        return text;
    }

    std::string text_;
};

/// Query parameters, a request body, headers or a user, as JSON: an object in
/// braces, or JSON text. `{}` means none.
///
/// ```cpp
/// client.get("/api/v1/users", {{"per_page", 5}});
/// client.post(path, {{"suggestion", {{"title", title}, {"votes", 1}}}});
/// client.post(path, nlohmann_json.dump());
/// ```
class Json {
  public:
    /// Creates an empty value, which is passed to the library as NULL.
    Json() = default;

    /// Creates an object with these members.
    Json(std::initializer_list<std::pair<std::string_view, Value>> members)
    {
        for (const auto &[key, value] : members)
            set(key, value);
    }

    /// Takes JSON text as it is; the library checks it when it is used. A template, so that
    /// braces around a value of another type, such as an enum, never call a constructor of
    /// std::string.
    template <class T, std::enable_if_t<std::is_same_v<T, std::string>, int> = 0>
    Json(T &&text) noexcept : text_(std::move(text))
    {
    }

    /// Takes JSON text as it is; the library checks it when it is used.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Json(const T &text) : text_(std::string_view(text))
    {
    }

    /// Deleted: pass `{}` for none.
    Json(std::nullptr_t) = delete;

    /// Appends a member to the object. If a key is repeated, the last value is used.
    Json &set(std::string_view key, const Value &value)
    {
        if (text_.empty())
            text_ = "{}";
        const auto end = text_.find_last_not_of(white_space);
        if (end == std::string::npos || end == 0 || text_[end] != '}')
            return *this; // not an object: the library reports it when it is used
        const auto last = text_.find_last_not_of(white_space, end - 1);
        std::string member = Value::quoted(key) + ':' + value.text_;
        if (last != std::string::npos && text_[last] != '{')
            member.insert(0, 1, ',');
        text_.insert(end, member);
        return *this;
    }

    /// Returns the JSON text, or an empty string for none.
    const std::string &text() const noexcept { return text_; }

  private:
    static constexpr const char *white_space = " \t\r\n";
    std::string text_;
};

inline Value::Value(const Json &json) : text_(json.text().empty() ? "{}" : json.text()) {}

inline Value::Value(std::initializer_list<std::pair<std::string_view, Value>> members)
    : Value(Json(members))
{
}

/// The options of a Client: set one by one, or written as JSON with the keys that
/// uservoice_client_new() lists.
///
/// ```cpp
/// uservoice::Client client("acme", key, secret, uservoice::Options().timeout(5s).max_retries(0));
/// ```
class Options {
  public:
    /// Creates the default options.
    Options() = default;

    /// Creates options from JSON text. More can be set.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Options(const T &json) : json_(json)
    {
    }

    /// "https" (the default), or "http" for loopback hosts.
    Options &protocol(std::string_view value) { return set("protocol", value); }
    /// The site is SUBDOMAIN.uservoice_domain. Default: "uservoice.com".
    Options &uservoice_domain(std::string_view value) { return set("uservoice_domain", value); }
    /// The whole origin, such as the sandbox's URL. Replaces the two above.
    Options &base_url(std::string_view value) { return set("base_url", value); }
    /// Where UserVoice redirects a user after "Allow". Default: "oob", which shows a verifier.
    Options &callback(std::string_view value) { return set("callback", value); }
    /// One attempt, from connecting to the last byte. Default: 30 s.
    Options &timeout(std::chrono::milliseconds value) { return set("timeout_ms", value.count()); }
    /// Name lookup, connection and TLS. Default: 10 s.
    Options &connect_timeout(std::chrono::milliseconds value)
    {
        return set("connect_timeout_ms", value.count());
    }
    /// 0 to 100. Default: 2.
    Options &max_retries(int value) { return set("max_retries", value); }
    /// A longer wait is returned as an error. Default: 60 s.
    Options &max_retry_wait(std::chrono::milliseconds value)
    {
        return set("max_retry_wait_ms", value.count());
    }
    /// Idle connections kept open, 1 to 1024. Default: 16.
    Options &max_idle_connections(int value) { return set("max_idle_connections", value); }
    /// Pages that a collection loads ahead of its reader, 0 to 64. Default: 4.
    Options &prefetch_pages(int value) { return set("prefetch_pages", value); }
    /// Records per page of a collection, 1 to 100. Default: 100.
    Options &per_page(int value) { return set("per_page", value); }
    /// A larger request body fails with Status::invalid_argument, and a stream is not read
    /// further. Default: 64 MiB.
    Options &max_request_bytes(std::uint64_t value) { return set("max_request_bytes", value); }
    /// A larger response fails with Status::bad_response. Default: 64 MiB.
    Options &max_response_bytes(std::uint64_t value) { return set("max_response_bytes", value); }
    /// PEM file of certificate authorities to trust instead of the system's.
    Options &ca_file(std::string_view value) { return set("ca_file", value); }
    /// "http://[user:password@]host:port", or "" for none. Default: HTTPS_PROXY and so on.
    Options &proxy(std::string_view value) { return set("proxy", value); }
    /// Prefix of the User-Agent header, such as "MyApp/1.0".
    Options &user_agent(std::string_view value) { return set("user_agent", value); }
    /// Collection::next_page() returns complete responses. Default: false.
    Options &whole_pages(bool value) { return set("whole_pages", value); }
    /// Permit plain http to hosts other than loopback. Default: false.
    Options &allow_insecure(bool value) { return set("allow_insecure", value); }

    /// Returns the options as JSON; empty if none was set.
    const Json &json() const noexcept { return json_; }

  private:
    Options &set(std::string_view key, const Value &value)
    {
        json_.set(key, value);
        return *this;
    }

    Json json_;
};

/// What Client::send() and Client::upload() send: bytes, which are not copied, or what a
/// stream has left, which is read into memory (open a file with std::ios::binary). Valid
/// as long as they are.
class Body {
  public:
    /// Bytes: a std::string, a std::string_view or a string literal.
    template <class T, class = std::enable_if_t<std::is_convertible_v<const T &, std::string_view>>>
    Body(const T &bytes) : bytes_(bytes)
    {
    }

    /// A stream, from its current position to its end.
    Body(std::istream &stream) : stream_(&stream) {}

  private:
    friend class Client;

    // Returns the bytes, for which `buffer` is the memory.
    Result<std::string_view> read(const char *argument, std::uint64_t max_bytes,
                                  std::string &buffer) const
    {
        if (stream_ == nullptr)
            return bytes_;
        char piece[4096];
        while (*stream_ && buffer.size() <= max_bytes) {
            stream_->read(piece, sizeof piece);
            buffer.append(piece, static_cast<std::size_t>(stream_->gcount()));
        }
        if (stream_->bad())
            return detail::invalid_argument(argument, "the stream cannot be read");
        if (buffer.size() > max_bytes)
            return detail::invalid_argument(argument, "the stream is longer than max_request_bytes");
        return std::string_view(buffer);
    }

    std::string_view bytes_;
    std::istream *stream_ = nullptr;
};

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

/// Shared by the functions of this header; not part of the API.
namespace detail {

/// Returns an Error with Status::invalid_argument.
///
/// @param argument The name of the argument, a string literal.
inline Error invalid_argument(const char *argument, std::string_view message)
{
    Error error(Status::invalid_argument,
                std::string(argument) + ": " + std::string(message));
    error.argument_ = argument;
    return error;
}

/// A string argument: a copy that ends with NUL, or no string (NULL). The copy is wiped,
/// since it may be a secret.
class CString {
  public:
    CString(const char *name, std::string_view string) : name_(name), present_(true), string_(string)
    {
    }

    CString(const char *name, const std::optional<std::string_view> &string)
        : name_(name), present_(string.has_value()), string_(string.value_or(std::string_view()))
    {
    }

    CString(const char *name, const Json &json)
        : name_(name), present_(!json.text().empty()), string_(json.text())
    {
    }

    CString(const CString &) = delete;
    CString &operator=(const CString &) = delete;

    ~CString()
    {
        volatile char *bytes = string_.data(); // volatile: the compiler keeps the writes
        for (std::size_t i = 0; i < string_.size(); i++)
            bytes[i] = '\0';
    }

    const char *raw() const noexcept { return present_ ? string_.c_str() : nullptr; }

    std::optional<Error> check() const
    {
        if (string_.find('\0') == std::string::npos)
            return std::nullopt;
        return invalid_argument(name_, "must not contain a NUL character");
    }

  private:
    const char *name_;
    bool present_;
    std::string string_;
};

/// A handle argument, which must not be closed.
template <class T> class Handle {
  public:
    Handle(const char *name, T *handle) noexcept : name_(name), handle_(handle) {}

    T *raw() const noexcept { return handle_; }

    std::optional<Error> check() const
    {
        if (handle_ != nullptr)
            return std::nullopt;
        return invalid_argument(name_, "was closed or moved from");
    }

  private:
    const char *name_;
    T *handle_;
};

// Any other argument is passed on as it is: a number, an optional token, an out-parameter.
inline const char *raw(const CString &argument) noexcept { return argument.raw(); }
template <class T> T *raw(const Handle<T> &argument) noexcept { return argument.raw(); }
template <class T> T raw(const T &argument) noexcept { return argument; }
inline std::optional<Error> check(const CString &argument) { return argument.check(); }
template <class T> std::optional<Error> check(const Handle<T> &argument) { return argument.check(); }
template <class T> std::optional<Error> check(const T &) { return std::nullopt; }

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

namespace detail {

struct FreeString {
    void operator()(char *string) const noexcept { uservoice_string_free(string); }
};
struct FreeToken {
    void operator()(uservoice_token *token) const noexcept { uservoice_token_free(token); }
};
// A deleter owns the callbacks of its handle, so that they are destroyed after the handle.
struct Callbacks {
    std::shared_ptr<Log> log;
    std::shared_ptr<Interrupt> interrupt;
};
struct FreeClient {
    void operator()(uservoice_client *client) const noexcept { uservoice_client_free(client); }
    Callbacks callbacks;
};
struct FreeCollection {
    void operator()(uservoice_collection *collection) const noexcept
    {
        uservoice_collection_free(collection);
    }
    Callbacks callbacks;
};
struct FreeExport {
    void operator()(uservoice_export *handle) const noexcept { uservoice_export_free(handle); }
    Callbacks callbacks;
};

/// Checks the arguments and calls a function of uservoice.h with them and a
/// `uservoice_error **`.
template <class Function, class... Arguments>
std::optional<Error> call(Function function, const Arguments &...arguments)
{
    auto error = version_mismatch();
    (void)(error.has_value() || ... || (error = check(arguments)).has_value());
    if (error)
        return error;
    uservoice_error *details = nullptr;
    if (function(raw(arguments)..., &details) != USERVOICE_OK)
        return Error::take(details);
    return std::nullopt;
}

/// Calls a function that returns a handle or a string.
template <class Owner, class Function, class... Arguments>
Result<Owner> call_owner(Function function, const Arguments &...arguments)
{
    typename Owner::pointer out = nullptr;
    if (auto error = call(function, arguments..., &out))
        return *std::move(error);
    return Owner(out);
}

/// Calls a function that returns a string, or NULL for none.
template <class Function, class... Arguments>
Result<std::optional<std::string>> call_optional_string(Function function,
                                                        const Arguments &...arguments)
{
    const auto string = call_owner<std::unique_ptr<char, FreeString>>(function, arguments...);
    if (!string)
        return string.error();
    if (*string == nullptr)
        return std::optional<std::string>();
    return std::optional<std::string>(string->get());
}

/// Calls a function that returns a string.
template <class Function, class... Arguments>
Result<std::string> call_string(Function function, const Arguments &...arguments)
{
    auto string = call_optional_string(function, arguments...);
    if (!string)
        return string.error();
    return **std::move(string);
}

/// Returns a number of a JSON object that the library has written, unless it is null.
inline std::optional<double> number(const std::string &json, const char *pointer)
{
    const auto value = call_optional_string(uservoice_json_get, json.c_str(), pointer);
    if (!value || !*value)
        return std::nullopt;
    std::istringstream stream(**value);
    stream.imbue(std::locale::classic()); // the decimal point is '.' in any locale
    double number = 0;
    return stream >> number ? std::optional(number) : std::nullopt;
}

/// Returns the value of the query parameter "state" of a URL that
/// uservoice_authorize_code_url() created. It needs no decoding.
inline std::string_view generated_state(std::string_view url)
{
    constexpr std::string_view key = "&state=";
    const auto start = url.find(key);
    const auto state = start == url.npos ? "" : url.substr(start + key.size());
    return state.substr(0, state.find('&'));
}

/// Returns the first byte; never NULL, which the library rejects.
inline const char *not_null(std::string_view bytes) noexcept
{
    return bytes.empty() ? "" : bytes.data();
}

/// The callback of uservoice_client_set_log().
inline void write_log(std::int32_t level, const char *line, void *log) noexcept
{
    (*static_cast<const Log *>(log))(static_cast<LogLevel>(level), line);
}

/// The callback of uservoice_client_set_interrupt().
inline std::int32_t is_interrupted(void *interrupt) noexcept
{
    return (*static_cast<const Interrupt *>(interrupt))() ? 1 : 0;
}

} // namespace detail

/// An access token: an OAuth 1.0a token with its secret, or an OAuth 2 bearer token.
/// Store it like a password. It is wiped from memory when it and all clients that use
/// it are gone.
class Token {
  public:
#if USERVOICE_EXCEPTIONS
    /// Creates an OAuth 1.0a token from its two parts.
    Token(std::string_view value, std::string_view secret)
        : Token(try_create(value, secret).value())
    {
    }

    /// Restores a token from the result of json().
    static Token from_json(std::string_view json) { return try_from_json(json).value(); }

    /// Returns what is needed to restore the token later. A token that the library
    /// has refreshed is returned in its current state. The API secret is not included.
    std::string json() const { return try_json().value(); }
#endif

    /// The constructor as a Result.
    static Result<Token> try_create(std::string_view value, std::string_view secret)
    {
        return create(uservoice_token_new, detail::CString("token", value),
                      detail::CString("secret", secret));
    }

    /// from_json() as a Result.
    static Result<Token> try_from_json(std::string_view json)
    {
        return create(uservoice_token_from_json, detail::CString("json", json));
    }

    /// json() as a Result.
    Result<std::string> try_json() const
    {
        return detail::call_string(uservoice_token_json, handle("token"));
    }

    Token(Token &&) noexcept = default;
    Token &operator=(Token &&) noexcept = default;
    Token(const Token &) = delete;
    Token &operator=(const Token &) = delete;
    ~Token() = default;

    /// Returns the token string, valid as long as this object. After a refresh it is
    /// still the first one: use json(). Empty after close().
    std::string_view value() const & noexcept { return view(uservoice_token_value(handle_.get())); }
    std::string_view value() && = delete;

    /// Returns the token secret, valid as long as this object; empty for a bearer token
    /// and after close().
    std::string_view secret() const & noexcept
    {
        return view(uservoice_token_secret(handle_.get()));
    }
    std::string_view secret() && = delete;

    /// Frees the token. Using it afterwards fails with Status::invalid_argument.
    void close() noexcept { handle_.reset(); }

  private:
    friend class Client;

    using Shared = std::shared_ptr<const uservoice_token>;

    explicit Token(Shared handle) noexcept : handle_(std::move(handle)) {}

    template <class Function, class... Arguments>
    static Result<Token> create(Function function, const Arguments &...arguments)
    {
        using Owner = std::unique_ptr<uservoice_token, detail::FreeToken>;
        auto handle = detail::call_owner<Owner>(function, arguments...);
        if (!handle)
            return handle.error();
        return Token(Shared(*std::move(handle)));
    }

    detail::Handle<const uservoice_token> handle(const char *name) const noexcept
    {
        return {name, handle_.get()};
    }

    static std::string_view view(const char *string) noexcept
    {
        return string != nullptr ? std::string_view(string) : std::string_view();
    }

    Shared handle_; // shared with the clients that use the token
};

/// A list of records, loaded page by page as it is read, with the next pages prefetched.
/// Outlives the client that created it. Records are JSON.
///
/// Read it with range-for, with an algorithm that takes input iterators, or with next().
/// All iterators and threads share one position, so each record is returned once.
class Collection {
  public:
#if USERVOICE_EXCEPTIONS
    /// An input iterator over the records that have not been read. `++` throws an Error
    /// if the next record cannot be loaded, and may be repeated. An iterator is valid
    /// until the collection is closed or destroyed; the collection may be moved.
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag; ///< for std::iterator_traits
        using value_type = std::string;                    ///< a record
        using difference_type = std::ptrdiff_t;            ///< for std::iterator_traits
        using pointer = const std::string *;               ///< for std::iterator_traits
        using reference = const std::string &;             ///< for std::iterator_traits

        /// Creates an end iterator.
        iterator() = default;

        /// Returns the record.
        reference operator*() const noexcept { return record_; }
        /// Accesses a member of the record.
        pointer operator->() const noexcept { return &record_; }

        /// Reads the next record.
        iterator &operator++()
        {
            auto record = read(collection_, uservoice_collection_next).value();
            if (record)
                record_ = std::move(*record);
            else
                *this = iterator();
            return *this;
        }

        /// Reads the next record and returns an iterator with the previous one.
        iterator operator++(int)
        {
            iterator previous = *this;
            ++*this;
            return previous;
        }

        /// Returns whether both are at the end, or both read the same collection.
        friend bool operator==(const iterator &a, const iterator &b) noexcept
        {
            return a.collection_ == b.collection_;
        }
        /// Returns whether a == b is false.
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return !(a == b); }

      private:
        friend class Collection;

        explicit iterator(uservoice_collection *collection) : collection_(collection) { ++*this; }

        uservoice_collection *collection_ = nullptr;
        std::string record_;
    };

    /// Reads the next record and returns an iterator with it. Call rewind() to start at
    /// the first record.
    iterator begin() { return iterator(handle_.get()); }

    /// Returns the end iterator of every collection.
    iterator end() noexcept { return {}; }

    /// Returns the next record, or nothing at the end. After an error the next call
    /// resumes at the same record. If the list shrinks while it is read, it ends early
    /// without an error; if it grows, it is read as far as the first length().
    std::optional<std::string> next() { return try_next().value(); }

    /// Returns the unread records of the current page, or the next page, as a JSON array;
    /// nothing at the end. With the option whole_pages, returns the complete response
    /// with everything in it, such as the records of "includes".
    std::optional<std::string> next_page() { return try_next_page().value(); }

    /// Returns the record at an index from 0. Loads its page if necessary. An index past
    /// the end fails with Status::invalid_argument.
    std::string at(std::size_t index) { return try_at(index).value(); }

    /// Returns the number of records: the smaller of the limit and the total that the
    /// service reports with the first page. Loads that page if necessary. Without a
    /// reported total it fails with Status::bad_response.
    std::size_t length() { return try_length().value(); }

    /// Returns the paging object of the page that was loaded last, as JSON; "null" if the
    /// response has none. Loads the first page if no page was loaded.
    std::string info() { return try_info().value(); }
#endif

    /// next() as a Result.
    Result<std::optional<std::string>> try_next()
    {
        return read(handle_.get(), uservoice_collection_next);
    }

    /// next_page() as a Result.
    Result<std::optional<std::string>> try_next_page()
    {
        return read(handle_.get(), uservoice_collection_next_page);
    }

    /// at() as a Result.
    Result<std::string> try_at(std::size_t index)
    {
        return detail::call_string(uservoice_collection_get, handle(handle_.get()), index);
    }

    /// length() as a Result.
    Result<std::size_t> try_length()
    {
        std::size_t length = 0;
        if (auto error = detail::call(uservoice_collection_len, handle(handle_.get()), &length))
            return *std::move(error);
        return length;
    }

    /// info() as a Result.
    Result<std::string> try_info()
    {
        return detail::call_string(uservoice_collection_info, handle(handle_.get()));
    }

    /// Starts again at the first record. Every page is loaded again, and the length too.
    void rewind() noexcept { uservoice_collection_rewind(handle_.get()); }

    /// Frees the collection and stops its prefetching. Using it afterwards fails with
    /// Status::invalid_argument. No other thread may be using it.
    void close() noexcept { handle_ = Owner(); }

  private:
    friend class Client;

    using Owner = std::unique_ptr<uservoice_collection, detail::FreeCollection>;

    explicit Collection(Owner handle) noexcept : handle_(std::move(handle)) {}

    static detail::Handle<uservoice_collection> handle(uservoice_collection *collection) noexcept
    {
        return {"collection", collection};
    }

    template <class Function>
    static Result<std::optional<std::string>> read(uservoice_collection *collection,
                                                   Function function)
    {
        return detail::call_optional_string(function, handle(collection));
    }

    Owner handle_;
};

/// One list of an export.
struct ExportResource {
    std::string name;      ///< file name without extension: letters, digits, '-' and '_'
    std::string path = {}; ///< path of the list; empty: /api/v2/admin/NAME
    Json params = {};      ///< more query parameters, as in Client::get()
    /// The columns of a CSV file; empty: those of the first page's records.
    std::vector<std::string> columns = {};
    /// false: every run writes the whole list, not only what has changed. The default is
    /// true for API v2; a list of API v1 is always written whole.
    std::optional<bool> incremental = {};
};

/// What Client::open_export() writes, and how.
///
/// ```cpp
/// uservoice::ExportOptions().resource("suggestions").resource("users").format("csv")
/// ```
class ExportOptions {
  public:
    /// Adds a list of the Admin API by name, such as "suggestions".
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    ExportOptions &resource(const T &name)
    {
        resources_.emplace_back(name);
        return *this;
    }

    /// Adds a list.
    ExportOptions &resource(const ExportResource &resource)
    {
        Json json{{"name", resource.name}};
        if (!resource.path.empty())
            json.set("path", resource.path);
        if (!resource.params.text().empty())
            json.set("params", resource.params);
        if (!resource.columns.empty())
            json.set("columns", Value::array({resource.columns.begin(), resource.columns.end()}));
        if (resource.incremental)
            json.set("incremental", *resource.incremental);
        resources_.emplace_back(json);
        return *this;
    }

    /// "jsonl" (the default): one record per line, unchanged; or "csv".
    ExportOptions &format(std::string_view value) { return set("format", value); }
    /// Only records updated at this time or later: ISO 8601, such as
    /// "2026-01-31T09:30:00Z", or a date, which means midnight UTC.
    ExportOptions &since(std::string_view time) { return set("since", time); }
    /// Only records updated before this time.
    ExportOptions &until(std::string_view time) { return set("until", time); }

    /// Returns the options as JSON.
    Json json() const
    {
        Json json = json_;
        return json.set("resources", Value::array(resources_));
    }

  private:
    ExportOptions &set(std::string_view key, const Value &value)
    {
        json_.set(key, value);
        return *this;
    }

    Json json_;
    std::vector<Value> resources_;
};

/// The progress of an export. Rates and times count from the first call of Export::next().
struct ExportProgress {
    std::uint64_t written = 0; ///< records of this run, including those before an interruption
    std::optional<std::uint64_t> total;   ///< records of this run in all, if known
    std::chrono::milliseconds elapsed{0}; ///< since the first call
    double records_per_second = 0;        ///< read since the first call
    std::optional<std::chrono::duration<double>> remaining; ///< estimated time, if known
    std::string json; ///< all of it, and of each list: see uservoice_export_next()
};

/// An export of lists into files of a directory, which can be interrupted at any time and
/// resumed by opening it again. Outlives the client that created it. A forked child cannot
/// use it.
///
/// ```cpp
/// auto backup = client.open_export("backup", uservoice::ExportOptions()
///                                                .resource("suggestions")
///                                                .resource("users"));
/// while (const auto progress = backup.next())
///     std::cerr << progress->written << " records\n";
/// ```
class Export {
  public:
#if USERVOICE_EXCEPTIONS
    /// Writes the next pages that have been loaded, of any of the lists, and returns the
    /// progress; nothing when all is written. An error of one list is thrown once, with
    /// the name of the list; the next call continues. Blocks as Client::get() does.
    std::optional<ExportProgress> next() { return try_next().value(); }
#endif

    /// next() as a Result.
    Result<std::optional<ExportProgress>> try_next()
    {
        auto json = detail::call_optional_string(
            uservoice_export_next, detail::Handle<uservoice_export>("export", handle_.get()));
        if (!json)
            return json.error();
        if (!*json)
            return std::optional<ExportProgress>();
        return std::optional(parse(**std::move(json)));
    }

    /// Frees the export, so that another one may use the directory. Using it afterwards
    /// fails with Status::invalid_argument. No other thread may be using it.
    void close() noexcept { handle_ = Owner(); }

  private:
    friend class Client;

    using Owner = std::unique_ptr<uservoice_export, detail::FreeExport>;

    explicit Export(Owner handle) noexcept : handle_(std::move(handle)) {}

    static ExportProgress parse(std::string json)
    {
        const auto integer = [](double value) { return static_cast<std::uint64_t>(value); };
        ExportProgress progress;
        progress.written = integer(detail::number(json, "/written").value_or(0));
        if (const auto total = detail::number(json, "/total"))
            progress.total = integer(*total);
        progress.elapsed = std::chrono::milliseconds(
            integer(detail::number(json, "/elapsed_ms").value_or(0)));
        progress.records_per_second = detail::number(json, "/records_per_second").value_or(0);
        if (const auto seconds = detail::number(json, "/seconds_left"))
            progress.remaining = std::chrono::duration<double>(*seconds);
        progress.json = std::move(json);
        return progress;
    }

    Owner handle_;
};

/// The result of Client::authorize_code_url().
struct AuthorizationRequest {
    std::string url;           ///< where to send the user
    std::string state;         ///< compare it with the "state" of the redirect
    std::string code_verifier; ///< a secret that login_with_code() needs
};

/// A client of one site with one API key. Its requests act as the API key itself, or as
/// the user of the token that as() was given.
///
/// All requests are const and may be made by any number of threads at once. A request
/// blocks until the service responds, a timeout expires or cancel() is called, and is
/// retried if that is safe.
class Client {
  public:
#if USERVOICE_EXCEPTIONS
    /// Creates a client. Sends nothing.
    ///
    /// @param subdomain  "acme" of acme.uservoice.com.
    /// @param api_key    The API key (Admin Console, Settings, Integrations).
    /// @param api_secret The API secret, or std::nullopt to send unsigned requests, which
    ///     read public data only.
    /// @param options    Timeouts, retries, proxy and so on.
    Client(std::string_view subdomain, std::string_view api_key,
           std::optional<std::string_view> api_secret, const Options &options = {})
        : Client(try_create(subdomain, api_key, api_secret, options).value())
    {
    }

    /// Deleted: pass std::nullopt for no secret.
    Client(std::string_view subdomain, std::string_view api_key, std::nullptr_t,
           const Options &options = {}) = delete;

    /// Creates a client from the environment variables USERVOICE_SUBDOMAIN,
    /// USERVOICE_API_KEY, USERVOICE_API_SECRET and, if set, USERVOICE_BASE_URL and
    /// USERVOICE_CA_FILE. A variable set to "" counts as not set. `options` take
    /// precedence.
    static Client from_environment(const Options &options = {})
    {
        return try_from_environment(options).value();
    }

    /// Creates another handle of the same site, API key and user. It takes microseconds
    /// and shares the connections, unless an option says where or how to connect. It can
    /// be cancelled alone.
    Client clone(const Options &options = {}) const { return try_clone(options).value(); }

    /// Creates another handle, as clone() does, whose requests act as the user of the token.
    Client as(const Token &token) const { return try_as(token).value(); }

    /// Creates another handle, as clone() does, that logs every attempt of a request to a
    /// function, one line each; an empty function logs nothing:
    ///
    /// ```text
    /// method=GET path=/api/v1/users?page status=503 duration_ms=12 attempt=1 retry_in_ms=500
    /// ```
    ///
    /// A line contains no secret and no value of the query, a header or a body. Clones,
    /// collections and exports of the handle log to the same function. It is called on
    /// the threads that use these objects, so several threads may call it at once; lines
    /// of prefetch threads are delivered when a collection or export is used next. It
    /// must not destroy the client, nor use the collection that is loading a page.
    Client with_log(LogLevel level, Log log) const
    {
        return try_with_log(level, std::move(log)).value();
    }

    /// Creates another handle, as clone() does, whose calls a function may end, such as one
    /// that returns the flag of a signal handler; an empty function never does. A call that
    /// waits calls it at least every 50 ms, and at once if a signal interrupts network
    /// I/O; if it returns true, the call fails with Status::cancelled and the handle
    /// remains usable. It applies to clones, collections and exports of the handle too, and
    /// is called as the function of with_log() is.
    ///
    /// ```cpp
    /// client = client.with_interrupt([] { return stop != 0; }); // volatile std::sig_atomic_t
    /// ```
    Client with_interrupt(Interrupt interrupt) const
    {
        return try_with_interrupt(std::move(interrupt)).value();
    }

    /// Sends a GET request. Returns the JSON of the response unchanged; "null" if it is empty.
    ///
    /// @param path   Path and query, such as "/api/v1/users?page=2".
    /// @param params More query parameters: null is omitted, an array becomes repeated
    ///     key[]= (a comma-separated list under /api/v2/), an object becomes key[sub]=.
    std::string get(std::string_view path, const Json &params = {}) const
    {
        return try_get(path, params).value();
    }

    /// Sends a POST request with a JSON body. Retried only if the service certainly did
    /// not process it.
    std::string post(std::string_view path, const Json &body = {}) const
    {
        return try_post(path, body).value();
    }

    /// Sends a PUT request with a JSON body. Retried like get(), since PUT is idempotent.
    std::string put(std::string_view path, const Json &body = {}) const
    {
        return try_put(path, body).value();
    }

    /// Sends a DELETE request. `params` become the query, as in get(). (`delete` is a C++
    /// keyword.)
    std::string del(std::string_view path, const Json &params = {}) const
    {
        return try_del(path, params).value();
    }

    /// Sends any request and returns the complete response. An error status is a response
    /// here, not an Error.
    ///
    /// @param method  "GET", "HEAD" or "DELETE" (`params` are the query), "POST", "PUT" or
    ///     "PATCH" (`params` are the body).
    /// @param path    As in get().
    /// @param params  As in get() or post().
    /// @param headers More headers. Those that the library sets itself, such as
    ///     Authorization, are rejected.
    /// @return `{"status":200,"headers":{...},"body":...}`, with header names in lower
    ///     case. A body that is not JSON is a JSON string; an empty one is null.
    std::string request(std::string_view method, std::string_view path, const Json &params = {},
                        const Json &headers = {}) const
    {
        return try_request(method, path, params, headers).value();
    }

    /// Sends a request with any body and returns the complete response, as request() does.
    ///
    /// @param method  "POST", "PUT", "PATCH" or "DELETE".
    /// @param path    As in get().
    /// @param headers Headers, among them Content-Type. A form
    ///     (application/x-www-form-urlencoded) is part of an OAuth 1.0a signature.
    /// @param body    Bytes or a stream.
    std::string send(std::string_view method, std::string_view path, const Json &headers,
                     const Body &body) const
    {
        return try_send(method, path, headers, body).value();
    }

    /// Uploads a file: a POST request with the field "file" as multipart/form-data, retried
    /// like post(). Returns the JSON of the response.
    ///
    /// @param path     Such as "/api/v2/admin/attachments".
    /// @param filename The name without directories.
    /// @param data     Bytes or a stream.
    /// @param content_type Default: that of files with such a name.
    std::string upload(std::string_view path, std::string_view filename, const Body &data,
                       std::optional<std::string_view> content_type = {}) const
    {
        return try_upload(path, filename, data, content_type).value();
    }

    /// Creates a collection. Sends nothing until it is read.
    ///
    /// @param path   Path of the list, such as "/api/v1/suggestions". A "page" or "cursor"
    ///     in it or in `params` is where the collection starts; a "per_page" replaces the
    ///     option.
    /// @param params More query parameters, as in get().
    /// @param limit  The maximum number of records; -1 for all.
    Collection collection(std::string_view path, const Json &params = {},
                          std::int64_t limit = -1) const
    {
        return try_collection(path, params, limit).value();
    }

    /// Opens an export into a directory, which is created if it does not exist. If an
    /// export with the same options was interrupted there, it is resumed; if it was
    /// finished, the next run appends what has changed since. docs/guides/exports.md
    /// describes the files. Sends nothing.
    ///
    /// Lists of the Admin API need as(login_with_client_credentials()). Fails with
    /// Status::file_error if another export uses the directory, and with
    /// Status::invalid_argument if it was started with other options.
    Export open_export(std::string_view directory, const ExportOptions &options) const
    {
        return try_open_export(directory, options).value();
    }

    /// Returns an access token of the user with this e-mail address, who is created if
    /// necessary. Needs a trusted API key. Pass it to as().
    Token login_as(std::string_view email) const { return try_login_as(email).value(); }

    /// Returns an access token of the owner of the site. Needs a trusted API key. Pass it
    /// to as().
    Token login_as_owner() const { return try_login_as_owner().value(); }

    /// Obtains a request token, the first step of a three-legged login. Store its json()
    /// until the user returns; any process may finish the login. The option "callback" is
    /// where the user returns to.
    Token request_token() const { return try_request_token().value(); }

    /// Returns the URL where the user allows or denies access. Sends nothing.
    std::string authorize_url(const Token &request_token) const
    {
        return try_authorize_url(request_token).value();
    }

    /// Exchanges a request token that the user has allowed for an access token. Pass it to
    /// as().
    ///
    /// @param request_token  The result of request_token().
    /// @param verifier       "oauth_verifier" of the callback, or what the page showed to
    ///     the user.
    Token login_with_verifier(const Token &request_token, std::string_view verifier) const
    {
        return try_login_with_verifier(request_token, verifier).value();
    }

    /// Returns a bearer token for the Admin API (API v2) that acts as the owner of the
    /// site. Needs a trusted API key. When it expires, the request that uses it refreshes
    /// it. Pass it to as().
    Token login_with_client_credentials() const
    {
        return try_login_with_client_credentials().value();
    }

    /// Returns a bearer token for the Admin API that acts as the user with this e-mail
    /// address and password. When it expires, requests fail with Status::unauthorized,
    /// unless it came with a refresh token. Pass it to as().
    Token login_with_password(std::string_view email, std::string_view password) const
    {
        return try_login_with_password(email, password).value();
    }

    /// Returns the URL where a user allows this program to act for them in the Admin API
    /// (authorization code with PKCE). Sends nothing and needs no API secret. The user
    /// returns to `redirect_uri` with "code" and "state". Store the result until then; any
    /// process may finish the login.
    ///
    /// @param redirect_uri Where the user returns to.
    /// @param state        A value of your own; a random one by default.
    AuthorizationRequest authorize_code_url(std::string_view redirect_uri,
                                   std::optional<std::string_view> state = {}) const
    {
        return try_authorize_code_url(redirect_uri, state).value();
    }

    /// Exchanges the code of a redirect for a bearer token for the Admin API. When it
    /// expires, requests fail with Status::unauthorized, unless it came with a refresh
    /// token. Pass it to as().
    ///
    /// @param code          "code" of the redirect.
    /// @param code_verifier AuthorizationRequest::code_verifier, or std::nullopt for a login
    ///     without PKCE.
    /// @param redirect_uri  The same as for authorize_code_url().
    Token login_with_code(std::string_view code, std::optional<std::string_view> code_verifier,
                          std::string_view redirect_uri) const
    {
        return try_login_with_code(code, code_verifier, redirect_uri).value();
    }

    /// Returns the URL of a page of the site that logs a user in with a single sign-on
    /// token. Sends nothing.
    ///
    /// @param token       The result of sso_token() or sso_jwt().
    /// @param return_path The page, such as "/forums/1"; the front page by default.
    std::string sso_url(std::string_view token,
                        std::optional<std::string_view> return_path = {}) const
    {
        return try_sso_url(token, return_path).value();
    }
#endif

    /// The constructor as a Result.
    static Result<Client> try_create(std::string_view subdomain, std::string_view api_key,
                                     std::optional<std::string_view> api_secret,
                                     const Options &options = {})
    {
        return create(nullptr, {}, max_request_bytes(options, 64 << 20), uservoice_client_new, detail::CString("subdomain", subdomain),
                      detail::CString("api_key", api_key),
                      detail::CString("api_secret", api_secret),
                      detail::CString("options", Json(options.json()).set("language", "cpp")));
    }

    /// from_environment() as a Result.
    static Result<Client> try_from_environment(const Options &options = {})
    {
        const auto variable = [](const char *name) {
            const char *value = std::getenv(name);
            return std::string_view(value != nullptr ? value : "");
        };
        for (const char *name : {"USERVOICE_SUBDOMAIN", "USERVOICE_API_KEY", "USERVOICE_API_SECRET"})
            if (variable(name).empty())
                return Error(Status::invalid_argument,
                             std::string("environment variable ") + name + " is not set");
        Options environment;
        if (const auto base_url = variable("USERVOICE_BASE_URL"); !base_url.empty())
            environment.base_url(base_url);
        if (const auto ca_file = variable("USERVOICE_CA_FILE"); !ca_file.empty())
            environment.ca_file(ca_file);
        auto client = try_create(variable("USERVOICE_SUBDOMAIN"), variable("USERVOICE_API_KEY"),
                                 variable("USERVOICE_API_SECRET"), environment);
        if (!client || options.json().text().empty())
            return client;
        return client->try_clone(options);
    }

    /// clone() as a Result.
    Result<Client> try_clone(const Options &options = {}) const
    {
        return clone_with(token_, options);
    }

    /// as() as a Result.
    Result<Client> try_as(const Token &token) const
    {
        if (auto error = token.handle("token").check())
            return *std::move(error);
        return clone_with(token.handle_, {});
    }

    /// with_log() as a Result.
    Result<Client> try_with_log(LogLevel level, Log log) const
    {
        auto client = try_clone();
        if (!client)
            return client;
        if (!log)
            level = LogLevel::off;
        const uservoice_log_callback callback = detail::write_log;
        auto shared = std::make_shared<Log>(std::move(log));
        if (auto error = detail::call(uservoice_client_set_log, client->handle(),
                                      static_cast<std::int32_t>(level), callback,
                                      static_cast<void *>(shared.get())))
            return *std::move(error);
        client->handle_.get_deleter().callbacks.log = std::move(shared);
        return client;
    }

    /// with_interrupt() as a Result.
    Result<Client> try_with_interrupt(Interrupt interrupt) const
    {
        auto client = try_clone();
        if (!client)
            return client;
        const uservoice_interrupt_callback callback = interrupt ? detail::is_interrupted : nullptr;
        auto shared = std::make_shared<Interrupt>(std::move(interrupt));
        if (auto error = detail::call(uservoice_client_set_interrupt, client->handle(), callback,
                                      static_cast<void *>(shared.get())))
            return *std::move(error);
        client->handle_.get_deleter().callbacks.interrupt = std::move(shared);
        return client;
    }

    /// get() as a Result.
    Result<std::string> try_get(std::string_view path, const Json &params = {}) const
    {
        return send_json(uservoice_get, path, params);
    }

    /// post() as a Result.
    Result<std::string> try_post(std::string_view path, const Json &body = {}) const
    {
        return send_json(uservoice_post, path, body);
    }

    /// put() as a Result.
    Result<std::string> try_put(std::string_view path, const Json &body = {}) const
    {
        return send_json(uservoice_put, path, body);
    }

    /// del() as a Result.
    Result<std::string> try_del(std::string_view path, const Json &params = {}) const
    {
        return send_json(uservoice_delete, path, params);
    }

    /// request() as a Result.
    Result<std::string> try_request(std::string_view method, std::string_view path,
                                    const Json &params = {}, const Json &headers = {}) const
    {
        return detail::call_string(uservoice_request, handle(), token_.get(),
                                   detail::CString("method", method),
                                   detail::CString("path", path),
                                   detail::CString("params", params),
                                   detail::CString("headers", headers));
    }

    /// send() as a Result.
    Result<std::string> try_send(std::string_view method, std::string_view path,
                                 const Json &headers, const Body &body) const
    {
        std::string buffer;
        const auto bytes = body.read("body", max_request_bytes_, buffer);
        if (!bytes)
            return bytes.error();
        return detail::call_string(uservoice_send, handle(), token_.get(),
                                   detail::CString("method", method),
                                   detail::CString("path", path),
                                   detail::CString("headers", headers), bytes->data(),
                                   bytes->size());
    }

    /// upload() as a Result.
    Result<std::string> try_upload(std::string_view path, std::string_view filename,
                                   const Body &data,
                                   std::optional<std::string_view> content_type = {}) const
    {
        std::string buffer;
        const auto bytes = data.read("data", max_request_bytes_, buffer);
        if (!bytes)
            return bytes.error();
        return detail::call_string(uservoice_upload, handle(), token_.get(),
                                   detail::CString("path", path),
                                   detail::CString("filename", filename),
                                   detail::CString("content_type", content_type), bytes->data(),
                                   bytes->size());
    }

    /// collection() as a Result.
    Result<Collection> try_collection(std::string_view path, const Json &params = {},
                                      std::int64_t limit = -1) const
    {
        auto collection = detail::call_owner<Collection::Owner>(
            uservoice_collection_new, handle(), token_.get(), detail::CString("path", path),
            detail::CString("params", params), limit);
        if (!collection)
            return collection.error();
        collection->get_deleter().callbacks = handle_.get_deleter().callbacks;
        return Collection(*std::move(collection));
    }

    /// open_export() as a Result.
    Result<Export> try_open_export(std::string_view directory, const ExportOptions &options) const
    {
        auto owner = detail::call_owner<Export::Owner>(
            uservoice_export_new, handle(), token_.get(), detail::CString("directory", directory),
            detail::CString("options", options.json()));
        if (!owner)
            return owner.error();
        owner->get_deleter().callbacks = handle_.get_deleter().callbacks;
        return Export(*std::move(owner));
    }

    /// login_as() as a Result.
    Result<Token> try_login_as(std::string_view email) const
    {
        return Token::create(uservoice_login_as, handle(), token_.get(),
                             detail::CString("email", email));
    }

    /// login_as_owner() as a Result.
    Result<Token> try_login_as_owner() const
    {
        return Token::create(uservoice_login_as_owner, handle(), token_.get());
    }

    /// request_token() as a Result.
    Result<Token> try_request_token() const
    {
        return Token::create(uservoice_request_token, handle());
    }

    /// authorize_url() as a Result.
    Result<std::string> try_authorize_url(const Token &request_token) const
    {
        return detail::call_string(uservoice_authorize_url, handle(),
                                   request_token.handle("request_token"));
    }

    /// login_with_verifier() as a Result.
    Result<Token> try_login_with_verifier(const Token &request_token,
                                          std::string_view verifier) const
    {
        return Token::create(uservoice_login_with_verifier, handle(),
                             request_token.handle("request_token"),
                             detail::CString("verifier", verifier));
    }

    /// login_with_client_credentials() as a Result.
    Result<Token> try_login_with_client_credentials() const
    {
        return Token::create(uservoice_login_with_client_credentials, handle());
    }

    /// login_with_password() as a Result.
    Result<Token> try_login_with_password(std::string_view email, std::string_view password) const
    {
        return Token::create(uservoice_login_with_password, handle(),
                             detail::CString("email", email),
                             detail::CString("password", password));
    }

    /// authorize_code_url() as a Result.
    Result<AuthorizationRequest> try_authorize_code_url(std::string_view redirect_uri,
                                               std::optional<std::string_view> state = {}) const
    {
        char *url = nullptr;
        char *code_verifier = nullptr;
        if (auto error = detail::call(uservoice_authorize_code_url, handle(),
                                      detail::CString("redirect_uri", redirect_uri),
                                      detail::CString("state", state), &url, &code_verifier))
            return *std::move(error);
        const std::unique_ptr<char, detail::FreeString> url_owner(url);
        const std::unique_ptr<char, detail::FreeString> code_verifier_owner(code_verifier);
        return AuthorizationRequest{url, std::string(state ? *state : detail::generated_state(url)),
                           code_verifier};
    }

    /// login_with_code() as a Result.
    Result<Token> try_login_with_code(std::string_view code,
                                      std::optional<std::string_view> code_verifier,
                                      std::string_view redirect_uri) const
    {
        return Token::create(uservoice_login_with_code, handle(), detail::CString("code", code),
                             detail::CString("code_verifier", code_verifier),
                             detail::CString("redirect_uri", redirect_uri));
    }

    /// sso_url() as a Result.
    Result<std::string> try_sso_url(std::string_view token,
                                    std::optional<std::string_view> return_path = {}) const
    {
        return detail::call_string(uservoice_sso_url, handle(), detail::CString("token", token),
                                   detail::CString("return_path", return_path));
    }

    /// Cancels all requests of this handle and of its collections and exports, now and in
    /// the future: each fails with Status::cancelled. Clones are not affected. May be
    /// called by any thread, but not by a signal handler. Does not wait for the requests.
    void cancel() const noexcept { uservoice_client_cancel(handle_.get()); }

    /// Frees the handle. Its clones, tokens, collections and exports stay valid. Using it
    /// afterwards fails with Status::invalid_argument. No other thread may be using it.
    void close() noexcept
    {
        handle_ = Owner();
        token_.reset();
    }

  private:
    using Owner = std::unique_ptr<uservoice_client, detail::FreeClient>;

    Client(Owner handle, Token::Shared token, std::uint64_t max_request_bytes) noexcept
        : handle_(std::move(handle)), token_(std::move(token)), max_request_bytes_(max_request_bytes)
    {
    }

    template <class Function, class... Arguments>
    static Result<Client> create(Token::Shared token, detail::Callbacks callbacks,
                                 std::uint64_t max_request_bytes, Function function,
                                 const Arguments &...arguments)
    {
        auto owner = detail::call_owner<Owner>(function, arguments...);
        if (!owner)
            return owner.error();
        owner->get_deleter().callbacks = std::move(callbacks);
        return Client(*std::move(owner), std::move(token), max_request_bytes);
    }

    static std::uint64_t max_request_bytes(const Options &options, std::uint64_t otherwise)
    {
        const auto &json = options.json().text();
        const auto number = detail::number(json, "/max_request_bytes");
        return number ? static_cast<std::uint64_t>(*number) : otherwise;
    }

    Result<Client> clone_with(Token::Shared token, const Options &options) const
    {
        return create(std::move(token), handle_.get_deleter().callbacks,
                      max_request_bytes(options, max_request_bytes_), uservoice_client_clone,
                      handle(), detail::CString("options", options.json()));
    }

    detail::Handle<const uservoice_client> handle() const noexcept
    {
        return {"client", handle_.get()};
    }

    Result<std::string> send_json(decltype(&uservoice_get) function, std::string_view path,
                                  const Json &params) const
    {
        return detail::call_string(function, handle(), token_.get(), detail::CString("path", path),
                                   detail::CString("params", params));
    }

    Owner handle_;
    Token::Shared token_;
    std::uint64_t max_request_bytes_;
};

/// A webhook. Its data were signed with the site's SSO key; its event was not.
struct Webhook {
    std::string event; ///< such as "new_suggestion"
    std::string data;  ///< JSON, unchanged
};

/// sso_token() as a Result.
inline Result<std::string> try_sso_token(std::string_view subdomain, std::string_view sso_key,
                                         const Json &user, std::chrono::seconds valid_for = {})
{
    return detail::call_string(uservoice_sso_token, detail::CString("subdomain", subdomain),
                               detail::CString("sso_key", sso_key), detail::CString("user", user),
                               std::int64_t{valid_for.count()});
}

/// sso_decrypt() as a Result.
inline Result<std::string> try_sso_decrypt(std::string_view subdomain, std::string_view sso_key,
                                           std::string_view token)
{
    return detail::call_string(uservoice_sso_decrypt, detail::CString("subdomain", subdomain),
                               detail::CString("sso_key", sso_key),
                               detail::CString("token", token));
}

/// sso_jwt() as a Result.
inline Result<std::string> try_sso_jwt(std::string_view sso_key, const Json &user,
                                       std::chrono::seconds valid_for = {})
{
    return detail::call_string(uservoice_sso_jwt, detail::CString("sso_key", sso_key),
                               detail::CString("user", user), std::int64_t{valid_for.count()});
}

/// sso_jwt_verify() as a Result.
inline Result<std::string> try_sso_jwt_verify(std::string_view sso_key, std::string_view jwt,
                                              std::chrono::seconds leeway = {})
{
    return detail::call_string(uservoice_sso_jwt_verify, detail::CString("sso_key", sso_key),
                               detail::CString("jwt", jwt), std::int64_t{leeway.count()});
}

/// webhook_read() as a Result.
inline Result<Webhook> try_webhook_read(std::string_view sso_key, std::string_view body)
{
    auto json = detail::call_string(uservoice_webhook_read, detail::CString("sso_key", sso_key),
                                    detail::not_null(body), body.size());
    if (!json)
        return json.error();
    const char *const pointer = "/event";
    const auto event = detail::call_optional_string(uservoice_json_get, json->c_str(), pointer);
    if (!event || !*event)
        return Error(Status::not_verified, "the name of the webhook's event contains U+0000");
    // The JSON is {"event":EVENT,"data":DATA}. EVENT cannot contain the separator, since it is
    // a JSON string, in which quotes are escaped.
    constexpr std::string_view separator = "\",\"data\":";
    const auto data = json->find(separator) + separator.size();
    return Webhook{**event, json->substr(data, json->size() - 1 - data)};
}

/// webhook_verify() as a Result: a value means that the signature is valid.
inline Result<std::monostate> try_webhook_verify(std::string_view sso_key, std::string_view data,
                                                 std::string_view signature)
{
    if (auto error = detail::call(uservoice_webhook_verify, detail::CString("sso_key", sso_key),
                                  detail::not_null(data), data.size(),
                                  detail::CString("signature", signature)))
        return *std::move(error);
    return std::monostate();
}

/// webhook_sign() as a Result.
inline Result<std::string> try_webhook_sign(std::string_view sso_key, std::string_view data)
{
    return detail::call_string(uservoice_webhook_sign, detail::CString("sso_key", sso_key),
                               detail::not_null(data), data.size());
}

/// json_get() as a Result.
inline Result<std::optional<std::string>> try_json_get(std::string_view json,
                                                       std::string_view pointer)
{
    return detail::call_optional_string(uservoice_json_get, detail::CString("json", json),
                                        detail::CString("pointer", pointer));
}

/// json_quote() as a Result.
inline Result<std::string> try_json_quote(std::string_view string)
{
    return detail::call_string(uservoice_json_quote, detail::CString("string", string));
}

#if USERVOICE_EXCEPTIONS
/// Creates an encrypted single sign-on token (AES-128), which needs no escaping in a URL:
/// `https://SUBDOMAIN.uservoice.com/?sso=TOKEN`.
///
/// @param subdomain "acme" of acme.uservoice.com.
/// @param sso_key   The site's SSO key (Admin Console, Settings, Channels).
/// @param user      "guid", "email", "display_name", "trusted" and so on. "expires" is
///     added if absent.
/// @param valid_for How far in the future that "expires" is; zero means five minutes.
inline std::string sso_token(std::string_view subdomain, std::string_view sso_key, const Json &user,
                             std::chrono::seconds valid_for = {})
{
    return try_sso_token(subdomain, sso_key, user, valid_for).value();
}

/// Decrypts a single sign-on token and returns its user as JSON. Does not check
/// "expires". A token of another key fails with Status::not_verified.
inline std::string sso_decrypt(std::string_view subdomain, std::string_view sso_key,
                               std::string_view token)
{
    return try_sso_decrypt(subdomain, sso_key, token).value();
}

/// Creates a single sign-on token as a JSON Web Token (RFC 7519), signed with HS256, which
/// current sites expect.
///
/// @param sso_key   The site's SSO key (Admin Console, Settings, Channels).
/// @param user      With "guid" and "email". "exp" is added if neither it nor "expires" is
///     present.
/// @param valid_for How far in the future that "exp" is; zero means five minutes.
inline std::string sso_jwt(std::string_view sso_key, const Json &user,
                           std::chrono::seconds valid_for = {})
{
    return try_sso_jwt(sso_key, user, valid_for).value();
}

/// Verifies the signature (HS256 only) and the expiry time of a JSON Web Token and returns
/// its claims as JSON. An invalid or expired token fails with Status::not_verified.
///
/// @param leeway How long after its expiry time a token is still accepted, for clocks
///     that differ.
inline std::string sso_jwt_verify(std::string_view sso_key, std::string_view jwt,
                                  std::chrono::seconds leeway = {})
{
    return try_sso_jwt_verify(sso_key, jwt, leeway).value();
}

/// Verifies the signature of a webhook and returns its contents. An invalid one fails with
/// Status::not_verified.
///
/// @param body The request body as it was received, form-encoded.
inline Webhook webhook_read(std::string_view sso_key, std::string_view body)
{
    return try_webhook_read(sso_key, body).value();
}

/// Verifies the signature of a webhook whose form has already been decoded; throws
/// Status::not_verified if it is invalid.
///
/// @param data      The field "data", decoded.
/// @param signature The field "signature", in hexadecimal or base64.
inline void webhook_verify(std::string_view sso_key, std::string_view data,
                           std::string_view signature)
{
    (void)try_webhook_verify(sso_key, data, signature).value();
}

/// Returns the signature of a webhook with these data (HMAC-SHA256 in hexadecimal), to test
/// a program that receives webhooks.
inline std::string webhook_sign(std::string_view sso_key, std::string_view data)
{
    return try_webhook_sign(sso_key, data).value();
}

/// Returns the value at a JSON pointer (RFC 6901), such as "/suggestions/0/title": a string
/// decoded, anything else as JSON; nothing if absent. For more, use a JSON library.
inline std::optional<std::string> json_get(std::string_view json, std::string_view pointer)
{
    return try_json_get(json, pointer).value();
}

/// Returns a string as JSON, with quotes and escapes: `a"b` becomes `"a\"b"`.
inline std::string json_quote(std::string_view string)
{
    return try_json_quote(string).value();
}
#endif

} // namespace uservoice

#endif // USERVOICE_HPP
