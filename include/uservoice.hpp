/// @file uservoice.hpp
/// libuservoice for C++17 and later: move-only handles over uservoice.h.
///
/// - Every function that can fail exists twice: `get()` throws an Error,
///   `try_get()` returns a Result and works with -fno-exceptions too, where
///   the functions that throw are not declared.
/// - Text goes in as std::string_view, UTF-8. A NUL character in it is an
///   Error that names the argument. Text and JSON come out as std::string.
/// - JSON goes in as Json: written with braces, or text of any JSON library.
/// - Objects may be used from any number of threads at once, except for moving,
///   closing and destroying them, as usual.
/// - After fork() both processes may use the objects that they have.
/// - Link with libuservoice: CMake's UserVoice::uservoice, or
///   `pkg-config --cflags --libs uservoice`.
///
/// In this order: Status, Outcome, Error and Result; LogLevel and Log; Value, Json and
/// Options, which go in; `detail`, of no concern to users; Token; Collection; Environment;
/// Client; single sign-on and web hooks, which need no client. In each class the functions
/// that throw come first, with their descriptions, then their `try_` forms.
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
#include <iterator>
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
#error "uservoice.hpp is of libuservoice 0.1 and uservoice.h is not: install both from one release"
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
/// 1 where the compiler has exceptions, and the functions that throw are declared.
#define USERVOICE_EXCEPTIONS 1
#else
#define USERVOICE_EXCEPTIONS 0
#endif

/// Everything of this header.
namespace uservoice {

/// What kind of failure it was: the USERVOICE_... numbers of uservoice.h. A
/// newer library may give numbers that have no name here.
enum class Status : std::int32_t {
    /// The call did what it says.
    ok = USERVOICE_OK,
    /// The caller's mistake; nothing was sent. The message names the argument.
    invalid_argument = USERVOICE_INVALID_ARGUMENT,
    /// The service refuses the key, the signature or the user.
    unauthorized = USERVOICE_UNAUTHORIZED,
    /// There is no such record.
    not_found = USERVOICE_NOT_FOUND,
    /// HTTP 429, after the retries that the options allow.
    rate_limited = USERVOICE_RATE_LIMITED,
    /// The service failed: HTTP 5xx.
    application_error = USERVOICE_APPLICATION_ERROR,
    /// Any other error answer, such as "record_invalid" with HTTP 422.
    api_error = USERVOICE_API_ERROR,
    /// No complete answer came: name lookup, connection, TLS, reset.
    transport = USERVOICE_TRANSPORT,
    /// A time limit of the options passed.
    timeout = USERVOICE_TIMEOUT,
    /// Client::cancel() was called.
    cancelled = USERVOICE_CANCELLED,
    /// The answer is not what it should be: not JSON, too large, not a list.
    bad_response = USERVOICE_BAD_RESPONSE,
    /// A file or directory of an export cannot be read, written or used.
    file_error = USERVOICE_FILE_ERROR,
    /// A bug of the library. Please report it with the message.
    internal = USERVOICE_INTERNAL,
};

/// The name of a status, such as "NOT_FOUND"; "UNKNOWN" for a number that is none.
inline const char *status_name(Status status) noexcept
{
    return uservoice_status_name(static_cast<uservoice_status>(status));
}

/// Whether a call that failed reached the service, which decides whether a
/// write may be tried again.
enum class Outcome : std::int32_t {
    /// It was certainly not sent.
    not_sent = 0,
    /// It was sent at least in part, and what came of it is unknown.
    unknown = 1,
    /// The service answered.
    answered = 2,
};

/// What went wrong: thrown, or held by a Result. what() is one line for a
/// person, in English, without a secret in it. Cheap to copy.
class Error : public std::runtime_error {
  public:
    /// An error of your own, such as a stand-in for the service throws in a test.
    Error(Status status, const std::string &message)
        : Error(status, message, std::make_shared<const Answer>())
    {
    }

    /// Takes over an error of uservoice.h and frees it.
    static Error take(uservoice_error *error)
    {
        const std::unique_ptr<uservoice_error, Free> owner(error);
        auto answer = std::make_shared<Answer>();
        if (const auto http_status = uservoice_error_http_status(error); http_status != 0)
            answer->http_status = http_status;
        if (const char *type = uservoice_error_type(error))
            answer->type = type;
        if (const char *body = uservoice_error_body(error))
            answer->body = body;
        if (const auto wait = uservoice_error_retry_after_ms(error); wait >= 0)
            answer->retry_after = std::chrono::milliseconds(wait);
        answer->outcome = static_cast<Outcome>(uservoice_error_outcome(error));
        return Error(static_cast<Status>(uservoice_error_status(error)),
                     uservoice_error_message(error), std::move(answer));
    }

    /// The kind of failure.
    Status status() const noexcept { return status_; }

    /// The answer's HTTP status; none when there was no answer.
    std::optional<int> http_status() const noexcept { return answer_->http_status; }

    /// UserVoice's own name for the error, such as "record_not_found", where
    /// the answer had one. Valid as long as the Error.
    std::optional<std::string_view> type() const noexcept { return answer_->type; }

    /// The answer's body as it came; none when there was no answer. Valid as
    /// long as the Error.
    std::optional<std::string_view> body() const noexcept { return answer_->body; }

    /// How long the service asks to wait before the next try, where it said so.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        return answer_->retry_after;
    }

    /// Whether the call reached the service.
    Outcome outcome() const noexcept { return answer_->outcome; }

  private:
    struct Free {
        void operator()(uservoice_error *error) const noexcept { uservoice_error_free(error); }
    };

    struct Answer {
        std::optional<int> http_status;
        std::optional<std::string> type;
        std::optional<std::string> body;
        std::optional<std::chrono::milliseconds> retry_after;
        Outcome outcome = Outcome::not_sent;
    };

    Error(Status status, const std::string &message, std::shared_ptr<const Answer> answer)
        : std::runtime_error(message), status_(status), answer_(std::move(answer))
    {
    }

    Status status_;
    // Shared, so that copying an exception cannot fail.
    std::shared_ptr<const Answer> answer_;
};

/// A value, or the Error that came instead.
///
/// ```cpp
/// if (auto answer = client.try_get("/api/v1/users/current"))
///     use(*answer);
/// else
///     complain(answer.error().what());
/// ```
template <class T> class [[nodiscard]] Result {
  public:
    /// Success.
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}

    /// Failure.
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    /// Whether there is a value.
    bool has_value() const noexcept { return held_.index() == 0; }

    /// Whether there is a value.
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; ends the program (std::abort) where there is none.
    T &operator*() & { return *must(std::get_if<0>(&held_)); }
    /// The value; ends the program (std::abort) where there is none.
    const T &operator*() const & { return *must(std::get_if<0>(&held_)); }
    /// The value, moved out; ends the program (std::abort) where there is none.
    T operator*() && { return std::move(*must(std::get_if<0>(&held_))); }

    /// A member of the value; ends the program (std::abort) where there is none.
    T *operator->() { return must(std::get_if<0>(&held_)); }
    /// A member of the value; ends the program (std::abort) where there is none.
    const T *operator->() const { return must(std::get_if<0>(&held_)); }

    /// The error; ends the program (std::abort) where there is none.
    const Error &error() const { return *must(std::get_if<1>(&held_)); }

#if USERVOICE_EXCEPTIONS
    /// The value, moved out; throws the error where there is none.
    T value() &&
    {
        if (!has_value())
            throw error();
        return *std::move(*this);
    }
    /// The value; throws the error where there is none.
    const T &value() const &
    {
        if (!has_value())
            throw error();
        return **this;
    }
#endif

  private:
    template <class Held> static Held *must(Held *held)
    {
        if (held == nullptr)
            std::abort();
        return held;
    }

    std::variant<T, Error> held_;
};

/// What a Log is told.
enum class LogLevel : std::int32_t {
    /// Nothing.
    off = USERVOICE_LOG_OFF,
    /// Attempts that got no answer (unless cancelled), or 429, or a status from 500.
    warning = USERVOICE_LOG_WARNING,
    /// All attempts.
    info = USERVOICE_LOG_INFO,
};

/// Told of each attempt at a call, in one line without a line end, valid during
/// the call; the level is warning or info. An exception that leaves it ends the
/// program (std::terminate).
using Log = std::function<void(LogLevel level, std::string_view line)>;

class Json;

/// One value inside a Json object: made from text, a whole number, a bool,
/// nullptr or another Json. A number with a fraction goes as text of Json:
/// `Json("0.5")`.
class Value {
  public:
    /// null.
    Value(std::nullptr_t) : text_("null") {}

    /// true or false.
    template <class T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
    Value(T truth) : text_(truth ? "true" : "false")
    {
    }

    /// A whole number.
    template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>
                                            && !std::is_same_v<T, char>,
                                        int> = 0>
    Value(T number) : text_(std::to_string(number))
    {
    }

    /// A text, with what JSON demands escaped.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Value(const T &text) : text_(quoted(text))
    {
    }

    /// An object, or any JSON text.
    Value(const Json &json);

    /// An array: `Value::array({1, 2, 3})`.
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

    /// The value as JSON text.
    const std::string &text() const noexcept { return text_; }

  private:
    friend class Json;

    static std::string quoted(std::string_view text)
    {
        static constexpr char digits[] = "0123456789abcdef";
        std::string json = "\"";
        for (const char c : text) {
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

    std::string text_;
};

/// Parameters, a body, headers or a user, as JSON: an object written with
/// braces, or text of any JSON library. `{}` stands for none.
///
/// ```cpp
/// client.get("/api/v1/users", {{"per_page", 5}});
/// client.post(path, {{"suggestion", uservoice::Json{{"title", title}, {"votes", 1}}}});
/// client.post(path, nlohmann_json.dump());
/// ```
class Json {
  public:
    /// None.
    Json() = default;

    /// An object of these members.
    Json(std::initializer_list<std::pair<std::string_view, Value>> members)
    {
        for (const auto &[key, value] : members)
            set(key, value);
    }

    /// JSON text, taken as it is; the library judges it. A template, so that braces
    /// around a value that is none, such as an enum, are never a string's arguments.
    template <class T, std::enable_if_t<std::is_same_v<T, std::string>, int> = 0>
    Json(T &&text) noexcept : text_(std::move(text))
    {
    }

    /// JSON text, taken as it is; the library judges it.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Json(const T &text) : text_(std::string_view(text))
    {
    }

    /// `{}` stands for none.
    Json(std::nullptr_t) = delete;

    /// Puts a member at the end of the object. Of a repeated key the last counts.
    Json &set(std::string_view key, const Value &value)
    {
        if (text_.empty())
            text_ = "{}";
        const auto end = text_.find_last_not_of(white_space);
        if (end == std::string::npos || end == 0 || text_[end] != '}')
            return *this; // no object, which the library says where it is used
        const auto last = text_.find_last_not_of(white_space, end - 1);
        std::string member = Value::quoted(key) + ':' + value.text_;
        if (last != std::string::npos && text_[last] != '{')
            member.insert(0, 1, ',');
        text_.insert(end, member);
        return *this;
    }

    /// The text; empty for none.
    const std::string &text() const noexcept { return text_; }

  private:
    static constexpr const char *white_space = " \t\r\n";
    std::string text_;
};

inline Value::Value(const Json &json) : text_(json.text().empty() ? "{}" : json.text()) {}

/// The options of a Client: set one after the other, or given as JSON text with
/// the keys of uservoice_client_new().
///
/// ```cpp
/// uservoice::Client client("acme", key, secret, uservoice::Options().timeout(5s).max_retries(0));
/// ```
class Options {
  public:
    /// The library's defaults.
    Options() = default;

    /// From JSON text, which further options may be put over.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Options(const T &json) : json_(json)
    {
    }

    /// "https" (the default), or "http" for a loopback host only.
    Options &protocol(std::string_view value) { return set("protocol", value); }
    /// The site is SUBDOMAIN.this. Default: uservoice.com.
    Options &uservoice_domain(std::string_view value) { return set("uservoice_domain", value); }
    /// The whole origin, such as the sandbox's URL, instead of the two above.
    Options &base_url(std::string_view value) { return set("base_url", value); }
    /// Where a person goes after "Allow". Default: "oob", the page shows a verifier.
    Options &callback(std::string_view value) { return set("callback", value); }
    /// For one attempt, from connecting to the last byte. Default: 30 s.
    Options &timeout(std::chrono::milliseconds value) { return set("timeout_ms", value.count()); }
    /// For name lookup, connection and TLS. Default: 10 s.
    Options &connect_timeout(std::chrono::milliseconds value)
    {
        return set("connect_timeout_ms", value.count());
    }
    /// 0 to 100. Default: 2.
    Options &max_retries(int value) { return set("max_retries", value); }
    /// A longer wait is an error, not slept. Default: 60 s.
    Options &max_retry_wait(std::chrono::milliseconds value)
    {
        return set("max_retry_wait_ms", value.count());
    }
    /// Idle connections that are kept, 1 to 1024. Default: 16.
    Options &max_connections(int value) { return set("max_connections", value); }
    /// Pages loaded ahead of a collection's reader, 0 to 64. Default: 4.
    Options &prefetch_pages(int value) { return set("prefetch_pages", value); }
    /// Records a page of a collection, 1 to 100. Default: 100.
    Options &per_page(int value) { return set("per_page", value); }
    /// A larger answer is Status::bad_response. Default: 64 MiB.
    Options &max_response_bytes(std::uint64_t value) { return set("max_response_bytes", value); }
    /// PEM file of the authorities to trust instead of the system's.
    Options &ca_file(std::string_view value) { return set("ca_file", value); }
    /// "http://[user:password@]host:port", or "" for none. Default: the environment's.
    Options &proxy(std::string_view value) { return set("proxy", value); }
    /// Put in front of ours, such as "MyApp/1.0".
    Options &user_agent(std::string_view value) { return set("user_agent", value); }
    /// Collection::next_page() gives whole answers. Default: false.
    Options &whole_pages(bool value) { return set("whole_pages", value); }
    /// Allow plain http to hosts other than this one. Default: false.
    Options &allow_insecure(bool value) { return set("allow_insecure", value); }

    /// The options as JSON; none where all are defaults.
    const Json &json() const noexcept { return json_; }

  private:
    Options &set(std::string_view key, const Value &value)
    {
        json_.set(key, value);
        return *this;
    }

    Json json_;
};

/// What the functions of this header share; no part of the interface.
namespace detail {

/// A text as the C library wants it: with NUL at its end, or none at all. Wiped
/// when it goes, since it may be a secret.
class Argument {
  public:
    Argument(const char *name, std::string_view text) : name_(name), given_(true), text_(text) {}

    Argument(const char *name, const std::optional<std::string_view> &text)
        : name_(name), given_(text.has_value()), text_(text.value_or(std::string_view()))
    {
    }

    Argument(const char *name, const Json &json)
        : name_(name), given_(!json.text().empty()), text_(json.text())
    {
    }

    Argument(const Argument &) = delete;
    Argument &operator=(const Argument &) = delete;

    ~Argument()
    {
        volatile char *at = text_.data(); // volatile: the writes are not left out
        for (std::size_t i = 0; i < text_.size(); i++)
            at[i] = '\0';
    }

    const char *c_str() const noexcept { return given_ ? text_.c_str() : nullptr; }

    std::optional<Error> mistake() const
    {
        if (text_.find('\0') == std::string::npos)
            return std::nullopt;
        return Error(Status::invalid_argument,
                     std::string(name_) + ": must not hold a NUL character");
    }

  private:
    const char *name_;
    bool given_;
    std::string text_;
};

/// The mistake of the first argument that has one.
template <class... Arguments> std::optional<Error> mistake(const Arguments &...arguments)
{
    std::optional<Error> found;
    (void)((found = arguments.mistake()) || ...);
    return found;
}

/// Used after close() or after it was moved from.
inline Error gone(const char *name)
{
    return Error(Status::invalid_argument, std::string(name) + ": was closed or moved from");
}

struct FreeString {
    void operator()(char *string) const noexcept { uservoice_string_free(string); }
};
using String = std::unique_ptr<char, FreeString>;
// The log goes after the handle that tells it: in the handle's deleter.
struct FreeClient {
    void operator()(uservoice_client *client) const noexcept { uservoice_client_free(client); }
    std::shared_ptr<Log> log;
};
struct FreeCollection {
    void operator()(uservoice_collection *list) const noexcept { uservoice_collection_free(list); }
    std::shared_ptr<Log> log;
};
struct FreeExport {
    void operator()(uservoice_export *held) const noexcept { uservoice_export_free(held); }
    std::shared_ptr<Log> log;
};
struct FreeToken {
    void operator()(uservoice_token *token) const noexcept { uservoice_token_free(token); }
};

/// Makes a call that gives a handle.
template <class Handle, class Call> Result<Handle> handle(const Call &call)
{
    typename Handle::pointer out = nullptr;
    uservoice_error *error = nullptr;
    if (call(&out, &error) != USERVOICE_OK)
        return Error::take(error);
    return Handle(out);
}

/// Makes a call that gives a text, or NULL for none.
template <class Call> Result<std::optional<std::string>> optional_text(const Call &call)
{
    auto string = handle<String>(call);
    if (!string)
        return string.error();
    if (*string == nullptr)
        return std::optional<std::string>();
    return std::optional<std::string>(string->get());
}

/// Makes a call that gives a text.
template <class Call> Result<std::string> text(const Call &call)
{
    auto string = handle<String>(call);
    if (!string)
        return string.error();
    return std::string(string->get());
}

/// The state in a URL of uservoice_authorize_code_url() that was given none: letters,
/// digits, '-' and '_'.
inline std::string_view made_up_state(std::string_view url)
{
    constexpr std::string_view before = "&state=";
    const auto at = url.find(before);
    const auto state = at == url.npos ? "" : url.substr(at + before.size());
    return state.substr(0, state.find('&'));
}

/// The text of a JSON string as the library writes it, which begins at the first
/// quote; `json` goes on after the last. Beside '"' and '\\' only control characters
/// are escaped.
inline std::string take_text(std::string_view &json)
{
    std::string text;
    std::size_t at = 1;
    for (; at < json.size() && json[at] != '"'; at++) {
        if (json[at] != '\\') {
            text += json[at];
            continue;
        }
        constexpr std::string_view names = "bfnrt", meant = "\b\f\n\r\t";
        const char escaped = json[++at];
        if (const auto name = names.find(escaped); name != names.npos) {
            text += meant[name];
        } else if (escaped == 'u') {
            int code = 0;
            std::from_chars(json.data() + at + 1, json.data() + at + 5, code, 16);
            text += static_cast<char>(code);
            at += 4;
        } else {
            text += escaped;
        }
    }
    json.remove_prefix(at + 1);
    return text;
}

/// Bytes as the C library wants them, which takes no NULL.
inline const char *start_of(std::string_view bytes) noexcept
{
    return bytes.empty() ? "" : bytes.data();
}

/// The callback of uservoice_client_set_log().
inline void tell(std::int32_t level, const char *line, void *log) noexcept
{
    (*static_cast<const Log *>(log))(static_cast<LogLevel>(level), line);
}

/// Whether a library of that version has what this header calls, and means the
/// same by it: until the major version changes the ABI only grows, and a patch adds
/// nothing.
inline bool fits(std::string_view version) noexcept
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

/// The version of the library that was loaded, such as "0.1.0".
inline std::string_view version() noexcept
{
    return uservoice_version();
}

/// Why the library that was loaded does not fit the header that was compiled;
/// none where it fits. Whatever makes a Client or a Token, and what needs
/// neither, looks first.
inline std::optional<Error> version_mismatch()
{
    if (detail::fits(version()))
        return std::nullopt;
    return Error(Status::invalid_argument,
                 "this program was compiled for libuservoice " USERVOICE_VERSION
                 " and found libuservoice "
                     + std::string(version()) + ": install libuservoice "
                     + std::to_string(USERVOICE_VERSION_MAJOR) + '.'
                     + std::to_string(USERVOICE_VERSION_MINOR) + " or a later one below "
                     + std::to_string(USERVOICE_VERSION_MAJOR + 1)
                     + ".0, or compile the program anew");
}

/// Whom calls act for: an OAuth 1.0a token with its secret, or an OAuth 2 bearer
/// token, which may renew itself; a secret, to be kept like one. Wiped from
/// memory when the last client that acts for it is gone too.
class Token {
  public:
    /// From JSON that json() gave. Status::invalid_argument.
    static Result<Token> try_from_json(std::string_view json)
    {
        const detail::Argument json_("json", json);
        if (auto error = detail::mistake(json_))
            return *error;
        return make([&](auto out, auto error) {
            return uservoice_token_from_json(json_.c_str(), out, error);
        });
    }

    /// From its two parts, as they were kept (OAuth 1.0a).
    /// Status::invalid_argument.
    static Result<Token> try_make(std::string_view value, std::string_view secret)
    {
        const detail::Argument value_("token", value);
        const detail::Argument secret_("secret", secret);
        if (auto error = detail::mistake(value_, secret_))
            return *error;
        return make([&](auto out, auto error) {
            return uservoice_token_new(value_.c_str(), secret_.c_str(), out, error);
        });
    }

    /// json() as a Result.
    Result<std::string> try_json() const
    {
        if (handle_ == nullptr)
            return detail::gone("token");
        return detail::text(
            [&](auto out, auto error) { return uservoice_token_json(handle_.get(), out, error); });
    }

#if USERVOICE_EXCEPTIONS
    /// From its two parts, as they were kept (OAuth 1.0a).
    Token(std::string_view value, std::string_view secret)
        : Token(try_make(value, secret).value())
    {
    }

    /// From what json() gave.
    static Token from_json(std::string_view json) { return try_from_json(json).value(); }

    /// All that is needed to restore the token; of one that renews itself, as it
    /// is now. The API secret is never in it.
    std::string json() const { return try_json().value(); }
#endif

    Token(Token &&) noexcept = default;
    Token &operator=(Token &&) noexcept = default;
    Token(const Token &) = delete;
    Token &operator=(const Token &) = delete;
    ~Token() = default;

    /// The token itself, valid as long as this object; of one that renews itself
    /// the first one. Empty after close().
    std::string_view value() const & noexcept { return view(uservoice_token_value(handle_.get())); }
    std::string_view value() && = delete;

    /// Its secret, valid as long as this object; empty for a bearer token, which
    /// has none, and after close().
    std::string_view secret() const & noexcept
    {
        return view(uservoice_token_secret(handle_.get()));
    }
    std::string_view secret() && = delete;

    /// Gives it up before its time; using it afterwards is Status::invalid_argument.
    void close() noexcept { handle_.reset(); }

  private:
    friend class Client;

    using Handle = std::shared_ptr<const uservoice_token>;

    explicit Token(Handle handle) noexcept : handle_(std::move(handle)) {}

    template <class Call> static Result<Token> make(const Call &call)
    {
        if (auto error = version_mismatch())
            return *error;
        auto handle = detail::handle<std::unique_ptr<uservoice_token, detail::FreeToken>>(call);
        if (!handle)
            return handle.error();
        return Token(Handle(*std::move(handle)));
    }

    static std::string_view view(const char *text) noexcept
    {
        return text != nullptr ? std::string_view(text) : std::string_view();
    }

    // Shared with the clients that act for it.
    Handle handle_;
};

/// A list of records that is loaded as it is read, the next pages ahead of the
/// reader. Outlives the client that it was made from. Records are JSON text.
///
/// Read by range-for and by algorithms that need input iterators, or with
/// next(). There is one place where reading goes on, which all iterators and
/// threads share: each record comes to one of them.
class Collection {
  public:
#if USERVOICE_EXCEPTIONS
    /// An input iterator over what is left. Its `++` throws an Error when the
    /// next record cannot be loaded, and can be tried again. Valid as long as
    /// the collection is neither closed nor destroyed; moving it does no harm.
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag; ///< of std::iterator_traits
        using value_type = std::string;                    ///< a record
        using difference_type = std::ptrdiff_t;            ///< of std::iterator_traits
        using pointer = const std::string *;               ///< of std::iterator_traits
        using reference = const std::string &;             ///< of std::iterator_traits

        /// The end.
        iterator() = default;

        /// The record.
        reference operator*() const noexcept { return record_; }
        /// The record.
        pointer operator->() const noexcept { return &record_; }

        /// Goes on to the next record.
        iterator &operator++()
        {
            auto record = read(list_, uservoice_collection_next).value();
            if (record)
                record_ = std::move(*record);
            else
                *this = iterator();
            return *this;
        }

        /// Goes on to the next record, and gives the one before.
        iterator operator++(int)
        {
            iterator before = *this;
            ++*this;
            return before;
        }

        /// Whether both are at the end, or both read the same collection.
        friend bool operator==(const iterator &a, const iterator &b) noexcept
        {
            return a.list_ == b.list_;
        }
        /// Whether one is at the end and the other is not.
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return !(a == b); }

      private:
        friend class Collection;

        explicit iterator(const uservoice_collection *list) : list_(list) { ++*this; }

        const uservoice_collection *list_ = nullptr;
        std::string record_;
    };

    /// Reads the next record: iterating begins where reading stopped. rewind()
    /// starts over.
    iterator begin() { return iterator(handle_.get()); }

    /// The end, for every collection.
    iterator end() noexcept { return {}; }

    /// The next record; none at the end. After an error the next call goes on
    /// at the same record. A list that shrinks while it is read ends early,
    /// without an error; one that grows is read as far as length() said.
    std::optional<std::string> next() { return try_next().value(); }

    /// What is left of the page that is being read, or the whole next page, as
    /// a JSON array; none at the end. With the option whole_pages the whole
    /// answer that the page came in, with what else stands there, such as the
    /// records of "includes".
    std::optional<std::string> next_page() { return try_next_page().value(); }

    /// The record at an index from 0, its page loaded if need be;
    /// Status::invalid_argument past the end.
    std::string at(std::size_t index) const { return try_at(index).value(); }

    /// How many records there are: the smaller of the limit and what the
    /// service said when the first page was loaded, which this does if need be.
    std::size_t length() const { return try_length().value(); }

    /// The paging object of the page loaded last, as the service sent it, "null"
    /// where it has none; the first page is loaded if none is.
    std::string info() const { return try_info().value(); }
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
    Result<std::string> try_at(std::size_t index) const
    {
        if (handle_ == nullptr)
            return detail::gone("collection");
        return detail::text([&](auto out, auto error) {
            return uservoice_collection_get(handle_.get(), index, out, error);
        });
    }

    /// length() as a Result.
    Result<std::size_t> try_length() const
    {
        if (handle_ == nullptr)
            return detail::gone("collection");
        std::size_t length = 0;
        uservoice_error *error = nullptr;
        if (uservoice_collection_len(handle_.get(), &length, &error) != USERVOICE_OK)
            return Error::take(error);
        return length;
    }

    /// info() as a Result.
    Result<std::string> try_info() const
    {
        if (handle_ == nullptr)
            return detail::gone("collection");
        return detail::text([&](auto out, auto error) {
            return uservoice_collection_info(handle_.get(), out, error);
        });
    }

    /// Starts over at the first record. All is loaded anew, the length too.
    void rewind() noexcept { uservoice_collection_rewind(handle_.get()); }

    /// Frees it before its time, and ends the loading ahead. Using it afterwards
    /// is Status::invalid_argument. No call may be running on it.
    void close() noexcept { handle_ = Handle(); }

  private:
    friend class Client;

    using Handle = std::unique_ptr<uservoice_collection, detail::FreeCollection>;

    explicit Collection(Handle handle) noexcept : handle_(std::move(handle)) {}

    template <class Next>
    static Result<std::optional<std::string>> read(const uservoice_collection *list, Next next)
    {
        if (list == nullptr)
            return detail::gone("collection");
        return detail::optional_text(
            [&](auto out, auto error) { return next(list, out, error); });
    }

    Handle handle_;
};

/// A list to export.
struct Resource {
    std::string name; ///< of its file: letters, digits, '-' and '_'
    std::string path = {}; ///< the list's, of API v1 too; empty: /api/v2/admin/NAME
    Json params = {}; ///< more of the query, as of Client::get()
    /// Of CSV, and no others; none: those that the first records have.
    std::vector<std::string> columns = {};
    /// The whole list in each run, instead of what has changed since the last one. The
    /// lists of API v1 know no other way.
    bool whole = false;
};

/// What Client::open_export() exports, and how.
///
/// ```cpp
/// uservoice::ExportOptions().resource("suggestions").resource("users").format("csv")
/// ```
class ExportOptions {
  public:
    /// Adds a list of the Admin API by its name, such as "suggestions".
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    ExportOptions &resource(const T &name)
    {
        resources_.emplace_back(name);
        return *this;
    }

    /// Adds a list.
    ExportOptions &resource(const Resource &resource)
    {
        Json json{{"name", resource.name}};
        if (!resource.path.empty())
            json.set("path", resource.path);
        if (!resource.params.text().empty())
            json.set("params", resource.params);
        if (!resource.columns.empty())
            json.set("columns", Value::array({resource.columns.begin(), resource.columns.end()}));
        if (resource.whole)
            json.set("incremental", false);
        resources_.emplace_back(json);
        return *this;
    }

    /// "jsonl" (the default), one record a line as it came; or "csv".
    ExportOptions &format(std::string_view value) { return set("format", value); }
    /// Only records that were updated at this moment or later: ISO 8601, such as
    /// "2026-01-31T09:30:00Z", or a date, which is its midnight in UTC.
    ExportOptions &since(std::string_view moment) { return set("since", moment); }
    /// Only records that were updated before this moment.
    ExportOptions &until(std::string_view moment) { return set("until", moment); }

    /// The options as JSON.
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

/// How far an export is.
struct Progress {
    std::uint64_t written = 0; ///< records of this run, those before an interruption included
    std::optional<std::uint64_t> total;      ///< there will be; none while it is not known
    std::chrono::milliseconds elapsed{0};    ///< since the first call of Export::next()
    double records_per_second = 0;           ///< that were read since then
    std::optional<std::chrono::duration<double>> left; ///< none while it is not known
    /// All of it, and of each resource: uservoice_export_next() says what it looks like.
    std::string json;

    /// Reads what uservoice_export_next() gives.
    static Progress parse(std::string json)
    {
        Progress progress;
        const auto whole = [](double number) { return static_cast<std::uint64_t>(number); };
        progress.written = whole(number(json, "written").value_or(0));
        if (const auto total = number(json, "total"))
            progress.total = whole(*total);
        progress.elapsed = std::chrono::milliseconds(whole(number(json, "elapsed_ms").value_or(0)));
        progress.records_per_second = number(json, "records_per_second").value_or(0);
        if (const auto left = number(json, "seconds_left"))
            progress.left = std::chrono::duration<double>(*left);
        progress.json = std::move(json);
        return progress;
    }

  private:
    /// The number of a key at its last place, behind those of the resources; none for
    /// null. Not std::strtod(), which asks the locale for the decimal point.
    static std::optional<double> number(const std::string &json, const char *key)
    {
        const std::string quoted = '"' + std::string(key) + "\":";
        const auto at = json.rfind(quoted);
        if (at == json.npos)
            return std::nullopt;
        std::istringstream text(json.substr(at + quoted.size(), 32));
        text.imbue(std::locale::classic());
        double number = 0;
        return text >> number ? std::optional(number) : std::nullopt;
    }
};

/// An export of lists into files of a directory, which goes on where it was when it is
/// opened again, whatever ended it. Can be moved and not copied; a const one may be used
/// from any number of threads at once.
///
/// ```cpp
/// const auto backup = client.open_export("backup", uservoice::ExportOptions()
///                                                      .resource("suggestions")
///                                                      .resource("users"));
/// while (const auto progress = backup.next())
///     std::cerr << progress->written << " records\n";
/// ```
class Export {
  public:
#if USERVOICE_EXCEPTIONS
    /// Writes the next page that is loaded, of whichever resource, and notes it in the
    /// state; none when all is written. Throws the error of a resource once, with its
    /// name before the message, or Status::file_error; the next call goes on. May block
    /// as Client::get().
    std::optional<Progress> next() const { return try_next().value(); }
#endif

    /// next() as a Result.
    Result<std::optional<Progress>> try_next() const
    {
        if (handle_ == nullptr)
            return detail::gone("export");
        auto json = detail::optional_text([&](auto out, auto error) {
            return uservoice_export_next(handle_.get(), out, error);
        });
        if (!json)
            return json.error();
        if (!*json)
            return std::optional<Progress>();
        return std::optional(Progress::parse(**std::move(json)));
    }

    /// Frees it before its time: another export may use the directory. Using it
    /// afterwards is Status::invalid_argument. No call may be running on it.
    void close() noexcept { handle_ = Handle(); }

  private:
    friend class Client;

    using Handle = std::unique_ptr<uservoice_export, detail::FreeExport>;

    explicit Export(Handle handle) noexcept : handle_(std::move(handle)) {}

    Handle handle_;
};

/// What the environment says about the site to talk to: USERVOICE_SUBDOMAIN,
/// USERVOICE_API_KEY, USERVOICE_API_SECRET, USERVOICE_SSO_KEY,
/// USERVOICE_BASE_URL and USERVOICE_CA_FILE. A variable that is set to nothing
/// counts as not set. Without a subdomain the sandbox is meant, with its keys.
struct Environment {
    bool sandbox;                          ///< no USERVOICE_SUBDOMAIN was given
    std::string subdomain;                 ///< "acme" of acme.uservoice.com
    std::optional<std::string> api_key;    ///< for Client
    std::optional<std::string> api_secret; ///< for Client
    std::optional<std::string> sso_key;    ///< for sso_token(), sso_jwt() and web hooks
    std::optional<std::string> base_url;   ///< none: https://SUBDOMAIN.uservoice.com
    std::optional<std::string> ca_file;    ///< none: the system's authorities

    /// Reads the environment as it is now.
    static Environment read()
    {
        const auto subdomain = variable("USERVOICE_SUBDOMAIN");
        const bool sandbox = !subdomain;
        Environment environment = {sandbox,
                                   subdomain.value_or("sandbox"),
                                   variable("USERVOICE_API_KEY"),
                                   variable("USERVOICE_API_SECRET"),
                                   variable("USERVOICE_SSO_KEY"),
                                   variable("USERVOICE_BASE_URL"),
                                   variable("USERVOICE_CA_FILE")};
        if (sandbox) {
            environment.api_key = environment.api_key.value_or("sandbox-trusted-key");
            environment.api_secret = environment.api_secret.value_or("sandbox-trusted-secret");
            environment.sso_key = environment.sso_key.value_or("sandbox-sso-key");
        }
        return environment;
    }

    /// What is missing for a Client; none where nothing is.
    std::optional<Error> mistake() const
    {
        if (sandbox && !base_url)
            return Error(Status::invalid_argument,
                         "no site to talk to: set USERVOICE_BASE_URL to the URL that the sandbox "
                         "prints, or USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and "
                         "USERVOICE_API_SECRET to a site of yours");
        if (!api_key || !api_secret)
            return Error(Status::invalid_argument,
                         "USERVOICE_SUBDOMAIN is set: USERVOICE_API_KEY and USERVOICE_API_SECRET "
                         "are needed too");
        return std::nullopt;
    }

    /// How to connect: the base URL and the authorities.
    Options options() const
    {
        Options options;
        if (base_url)
            options.base_url(*base_url);
        if (ca_file)
            options.ca_file(*ca_file);
        return options;
    }

  private:
    static std::optional<std::string> variable(const char *name)
    {
        const char *value = std::getenv(name);
        if (value == nullptr || *value == '\0')
            return std::nullopt;
        return value;
    }
};

/// What Client::authorize_code_url() gives.
struct CodeRequest {
    std::string url;           ///< where to send the person
    std::string state;         ///< comes back with the code: compare it
    std::string code_verifier; ///< the secret that login_with_code() needs
};

/// One site, one API key, and whom its calls act for: the key itself, or what
/// as() was given. All calls are const and may run on any number of threads at
/// once. They block until the service answers, a time limit passes or cancel()
/// is called, and try again where that is safe.
class Client {
  public:
#if USERVOICE_EXCEPTIONS
    /// Sends nothing yet.
    ///
    /// @param subdomain  The site's, "acme" of acme.uservoice.com.
    /// @param api_key    The API key (Admin Console, Settings, Integrations).
    /// @param api_secret Its secret, or std::nullopt for calls that are not
    ///     signed and see what is public.
    /// @param options    Timeouts, retries, proxy and so on.
    Client(std::string_view subdomain, std::string_view api_key,
           std::optional<std::string_view> api_secret, const Options &options = {})
        : Client(try_make(subdomain, api_key, api_secret, options).value())
    {
    }

    /// What C says for no secret is std::nullopt here.
    Client(std::string_view subdomain, std::string_view api_key, std::nullptr_t,
           const Options &options = {}) = delete;

    /// A client of the site that the environment names; see Environment.
    /// `options` go over the environment's.
    static Client from_environment(const Options &options = {})
    {
        return try_from_environment(options).value();
    }

    /// Another handle of the same site and key, for the same user. It shares
    /// connections and the clock's offset with this one unless an
    /// option says where or how to connect, costs microseconds, and is
    /// cancelled alone.
    Client clone(const Options &options = {}) const { return try_clone(options).value(); }

    /// Another handle, as clone(), whose calls act for that token.
    Client as(const Token &token) const { return try_as(token).value(); }

    /// Another handle, as clone(), that tells a function of each attempt at a
    /// call: one line such as
    ///
    /// ```text
    /// method=GET path=/api/v1/users?page status=503 ms=12 try=1 wait_ms=500
    /// ```
    ///
    /// There is never a secret in it, nor a value of the query, a header or a
    /// body. Clones and collections made from it tell the same function. It is
    /// called on the thread that makes the call: from several at once where
    /// several make calls. It must not destroy the client that is in use.
    Client with_log(LogLevel level, Log log) const
    {
        return try_with_log(level, std::move(log)).value();
    }

    /// Reads: GET. Gives the answer's JSON byte for byte, "null" for an empty one.
    ///
    /// @param path   Path and query within the site, such as
    ///     "/api/v1/users?page=2".
    /// @param params More of the query: text, numbers and booleans go as they
    ///     are, null is left out, an array becomes repeated key[]= (a comma list
    ///     under /api/v2/), an object key[sub]=.
    std::string get(std::string_view path, const Json &params = {}) const
    {
        return try_get(path, params).value();
    }

    /// Creates: POST. The body is any JSON. Sent again only where it certainly
    /// did not arrive or the service said that it did not take it.
    std::string post(std::string_view path, const Json &body = {}) const
    {
        return try_post(path, body).value();
    }

    /// Changes: PUT. As post(), but sent again as get() is, since it does the
    /// same when done twice.
    std::string put(std::string_view path, const Json &body = {}) const
    {
        return try_put(path, body).value();
    }

    /// Deletes: DELETE. As get(): `params` go into the query. Named so since
    /// `delete` is a word of the language.
    std::string del(std::string_view path, const Json &params = {}) const
    {
        return try_del(path, params).value();
    }

    /// Any call, with its whole answer: an error status is an answer here and
    /// not an error.
    ///
    /// @param method  "GET", "HEAD", "DELETE" (`params` are the query), "POST",
    ///     "PUT" or "PATCH" (they are the body).
    /// @param path    As of get().
    /// @param params  As of get() or post().
    /// @param headers More headers. Those that the library sets itself, such as
    ///     Authorization, are refused.
    /// @return `{"status":200,"headers":{...},"body":...}` with header names in
    ///     lower case and the body as JSON, as a JSON string where it is not
    ///     JSON, or null where it is empty.
    std::string request(std::string_view method, std::string_view path, const Json &params = {},
                        const Json &headers = {}) const
    {
        return try_request(method, path, params, headers).value();
    }

    /// A list. Sends nothing until it is read.
    ///
    /// @param path   The list's, such as "/api/v1/suggestions". A "page" or a
    ///     "cursor" in it or in `params` is where the list begins, a "per_page"
    ///     stands instead of the option of that name.
    /// @param params More of the query, as of get().
    /// @param limit  Records at most; -1 for all.
    Collection collection(std::string_view path, const Json &params = {},
                          std::int64_t limit = -1) const
    {
        return try_collection(path, params, limit).value();
    }

    /// Opens an export into a directory, which is made where it is missing: a new one, or
    /// one that was begun there with the same options, which goes on. After one that came
    /// to its end it appends what has changed since. uservoice_export_new() says what is
    /// in the files. Sends nothing.
    ///
    /// The lists of the Admin API need a client of as(login_with_client_credentials()).
    /// Status::file_error also where another export uses the directory,
    /// Status::invalid_argument also where it was begun with other options.
    Export open_export(std::string_view directory, const ExportOptions &options) const
    {
        return try_open_export(directory, options).value();
    }

    /// A token that acts as the user with that e-mail address, who is created
    /// where there is none. Needs a trusted API key. For as().
    Token login_as(std::string_view email) const { return try_login_as(email).value(); }

    /// A token that acts as the owner of the site. Needs a trusted API key. For as().
    Token login_as_owner() const { return try_login_as_owner().value(); }

    /// A request token, the first step of a three-legged login. Keep its json()
    /// until the person comes back: any process may finish the login. The option
    /// "callback" says where to.
    Token request_token() const { return try_request_token().value(); }

    /// The URL to send the person to, who is asked there whether to allow the
    /// access. Sends nothing.
    std::string authorize_url(const Token &request_token) const
    {
        return try_authorize_url(request_token).value();
    }

    /// Turns a request token that the person allowed into one that acts for
    /// that person. For as().
    ///
    /// @param request_token  From request_token().
    /// @param verifier       "oauth_verifier" of the callback, or what the
    ///     person read on the page.
    Token login_with_verifier(const Token &request_token, std::string_view verifier) const
    {
        return try_login_with_verifier(request_token, verifier).value();
    }

    /// A bearer token for the Admin API (API v2) that acts as the owner of the
    /// site. Needs a trusted API key. When the service ends it, any call or
    /// collection that uses it renews it once and goes on. For as().
    Token login_with_client_credentials() const
    {
        return try_login_with_client_credentials().value();
    }

    /// A bearer token for the Admin API that acts as the user with that e-mail
    /// address and password. When the service ends it, calls are
    /// Status::unauthorized, unless it came with a refresh token. For as().
    Token login_with_password(std::string_view email, std::string_view password) const
    {
        return try_login_with_password(email, password).value();
    }

    /// Where to send a person who shall allow this program to act for them in the
    /// Admin API, with a proof key. Sends nothing, and needs no API secret. They
    /// come back to `redirect_uri` with "code" and "state". Keep the request until
    /// then: any process may finish the login.
    ///
    /// @param redirect_uri Where they come back to.
    /// @param state        Of your own; one is made up where none is given.
    CodeRequest authorize_code_url(std::string_view redirect_uri,
                                   std::optional<std::string_view> state = {}) const
    {
        return try_authorize_code_url(redirect_uri, state).value();
    }

    /// A bearer token for the Admin API that acts for whoever came back with
    /// `code`. When the service ends it, calls are Status::unauthorized, unless
    /// it came with a refresh token. For as().
    ///
    /// @param code          As it came back.
    /// @param code_verifier Of the CodeRequest.
    /// @param redirect_uri  The same as there.
    Token login_with_code(std::string_view code, std::string_view code_verifier,
                          std::string_view redirect_uri) const
    {
        return try_login_with_code(code, code_verifier, redirect_uri).value();
    }

    /// The URL that logs a person in: the site's page with the token. Sends
    /// nothing.
    ///
    /// @param token       Of sso_token() or sso_jwt().
    /// @param return_path The page within the site, such as "/forums/1"; the
    ///     front page where none is given.
    std::string sso_url(std::string_view token,
                        std::optional<std::string_view> return_path = {}) const
    {
        return try_sso_url(token, return_path).value();
    }
#endif

    /// The constructor as a Result.
    static Result<Client> try_make(std::string_view subdomain, std::string_view api_key,
                                   std::optional<std::string_view> api_secret,
                                   const Options &options = {})
    {
        const detail::Argument subdomain_("subdomain", subdomain);
        const detail::Argument api_key_("api_key", api_key);
        const detail::Argument api_secret_("api_secret", api_secret);
        const detail::Argument options_("options", options.json());
        if (auto error = detail::mistake(subdomain_, api_key_, api_secret_, options_))
            return *error;
        if (auto error = version_mismatch())
            return *error;
        return wrap(nullptr, nullptr, [&](auto out, auto error) {
            return uservoice_client_new(subdomain_.c_str(), api_key_.c_str(), api_secret_.c_str(),
                                        options_.c_str(), out, error);
        });
    }

    /// from_environment() as a Result.
    static Result<Client> try_from_environment(const Options &options = {})
    {
        const Environment environment = Environment::read();
        if (auto error = environment.mistake())
            return *error;
        auto client = try_make(environment.subdomain, *environment.api_key, environment.api_secret,
                               environment.options());
        if (!client || options.json().text().empty())
            return client;
        return client->try_clone(options);
    }

    /// clone() as a Result.
    Result<Client> try_clone(const Options &options = {}) const { return clone_as(token_, options); }

    /// as() as a Result.
    Result<Client> try_as(const Token &token) const
    {
        if (token.handle_ == nullptr)
            return detail::gone("token");
        return clone_as(token.handle_, {});
    }

    /// with_log() as a Result.
    Result<Client> try_with_log(LogLevel level, Log log) const
    {
        auto client = try_clone();
        if (!client)
            return client;
        const auto callback = log ? detail::tell : nullptr;
        auto kept = std::make_shared<Log>(std::move(log));
        uservoice_error *error = nullptr;
        if (uservoice_client_set_log(client->handle_.get(), static_cast<std::int32_t>(level),
                                     callback, kept.get(), &error)
            != USERVOICE_OK)
            return Error::take(error);
        client->handle_.get_deleter().log = std::move(kept);
        return client;
    }

    /// get() as a Result.
    Result<std::string> try_get(std::string_view path, const Json &params = {}) const
    {
        return call(uservoice_get, path, params);
    }

    /// post() as a Result.
    Result<std::string> try_post(std::string_view path, const Json &body = {}) const
    {
        return call(uservoice_post, path, body);
    }

    /// put() as a Result.
    Result<std::string> try_put(std::string_view path, const Json &body = {}) const
    {
        return call(uservoice_put, path, body);
    }

    /// del() as a Result.
    Result<std::string> try_del(std::string_view path, const Json &params = {}) const
    {
        return call(uservoice_delete, path, params);
    }

    /// request() as a Result.
    Result<std::string> try_request(std::string_view method, std::string_view path,
                                    const Json &params = {}, const Json &headers = {}) const
    {
        const detail::Argument method_("method", method);
        const detail::Argument path_("path", path);
        const detail::Argument params_("params", params);
        const detail::Argument headers_("headers", headers);
        if (auto error = mistake(method_, path_, params_, headers_))
            return *error;
        return detail::text([&](auto out, auto error) {
            return uservoice_request(handle_.get(), token_.get(), method_.c_str(), path_.c_str(),
                                     params_.c_str(), headers_.c_str(), out, error);
        });
    }

    /// collection() as a Result.
    Result<Collection> try_collection(std::string_view path, const Json &params = {},
                                      std::int64_t limit = -1) const
    {
        const detail::Argument path_("path", path);
        const detail::Argument params_("params", params);
        if (auto error = mistake(path_, params_))
            return *error;
        auto list = detail::handle<Collection::Handle>([&](auto out, auto error) {
            return uservoice_collection_new(handle_.get(), token_.get(), path_.c_str(),
                                            params_.c_str(), limit, out, error);
        });
        if (!list)
            return list.error();
        list->get_deleter().log = handle_.get_deleter().log;
        return Collection(*std::move(list));
    }

    /// open_export() as a Result.
    Result<Export> try_open_export(std::string_view directory, const ExportOptions &options) const
    {
        const detail::Argument directory_("directory", directory);
        const detail::Argument options_("options", options.json());
        if (auto error = mistake(directory_, options_))
            return *error;
        auto held = detail::handle<Export::Handle>([&](auto out, auto error) {
            return uservoice_export_new(handle_.get(), token_.get(), directory_.c_str(),
                                        options_.c_str(), out, error);
        });
        if (!held)
            return held.error();
        held->get_deleter().log = handle_.get_deleter().log;
        return Export(*std::move(held));
    }

    /// login_as() as a Result.
    Result<Token> try_login_as(std::string_view email) const
    {
        const detail::Argument email_("email", email);
        if (auto error = mistake(email_))
            return *error;
        return Token::make([&](auto out, auto error) {
            return uservoice_login_as(handle_.get(), token_.get(), email_.c_str(), out, error);
        });
    }

    /// login_as_owner() as a Result.
    Result<Token> try_login_as_owner() const
    {
        if (auto error = mistake())
            return *error;
        return Token::make([&](auto out, auto error) {
            return uservoice_login_as_owner(handle_.get(), token_.get(), out, error);
        });
    }

    /// request_token() as a Result.
    Result<Token> try_request_token() const
    {
        if (auto error = mistake())
            return *error;
        return Token::make([&](auto out, auto error) {
            return uservoice_request_token(handle_.get(), out, error);
        });
    }

    /// authorize_url() as a Result.
    Result<std::string> try_authorize_url(const Token &request_token) const
    {
        if (auto error = mistake())
            return *error;
        if (request_token.handle_ == nullptr)
            return detail::gone("request_token");
        return detail::text([&](auto out, auto error) {
            return uservoice_authorize_url(handle_.get(), request_token.handle_.get(), out, error);
        });
    }

    /// login_with_verifier() as a Result.
    Result<Token> try_login_with_verifier(const Token &request_token,
                                          std::string_view verifier) const
    {
        const detail::Argument verifier_("verifier", verifier);
        if (auto error = mistake(verifier_))
            return *error;
        if (request_token.handle_ == nullptr)
            return detail::gone("request_token");
        return Token::make([&](auto out, auto error) {
            return uservoice_login_with_verifier(handle_.get(), request_token.handle_.get(),
                                                 verifier_.c_str(), out, error);
        });
    }

    /// login_with_client_credentials() as a Result.
    Result<Token> try_login_with_client_credentials() const
    {
        if (auto error = mistake())
            return *error;
        return Token::make([&](auto out, auto error) {
            return uservoice_login_with_client_credentials(handle_.get(), out, error);
        });
    }

    /// login_with_password() as a Result.
    Result<Token> try_login_with_password(std::string_view email, std::string_view password) const
    {
        const detail::Argument email_("email", email);
        const detail::Argument password_("password", password);
        if (auto error = mistake(email_, password_))
            return *error;
        return Token::make([&](auto out, auto error) {
            return uservoice_login_with_password(handle_.get(), email_.c_str(), password_.c_str(),
                                                 out, error);
        });
    }

    /// authorize_code_url() as a Result.
    Result<CodeRequest> try_authorize_code_url(std::string_view redirect_uri,
                                               std::optional<std::string_view> state = {}) const
    {
        const detail::Argument redirect_uri_("redirect_uri", redirect_uri);
        const detail::Argument state_("state", state);
        if (auto error = mistake(redirect_uri_, state_))
            return *error;
        detail::String code_verifier;
        auto url = detail::text([&](auto out, auto error) {
            char *secret = nullptr;
            const auto status = uservoice_authorize_code_url(
                handle_.get(), redirect_uri_.c_str(), state_.c_str(), out, &secret, error);
            code_verifier.reset(secret);
            return status;
        });
        if (!url)
            return url.error();
        std::string sent(state ? *state : detail::made_up_state(*url));
        return CodeRequest{*std::move(url), std::move(sent), code_verifier.get()};
    }

    /// login_with_code() as a Result.
    Result<Token> try_login_with_code(std::string_view code, std::string_view code_verifier,
                                      std::string_view redirect_uri) const
    {
        const detail::Argument code_("code", code);
        const detail::Argument code_verifier_("code_verifier", code_verifier);
        const detail::Argument redirect_uri_("redirect_uri", redirect_uri);
        if (auto error = mistake(code_, code_verifier_, redirect_uri_))
            return *error;
        return Token::make([&](auto out, auto error) {
            return uservoice_login_with_code(handle_.get(), code_.c_str(), code_verifier_.c_str(),
                                             redirect_uri_.c_str(), out, error);
        });
    }

    /// sso_url() as a Result.
    Result<std::string> try_sso_url(std::string_view token,
                                    std::optional<std::string_view> return_path = {}) const
    {
        const detail::Argument text_("token", token);
        const detail::Argument return_path_("return_path", return_path);
        if (auto error = mistake(text_, return_path_))
            return *error;
        return detail::text([&](auto out, auto error) {
            return uservoice_sso_url(handle_.get(), text_.c_str(), return_path_.c_str(), out,
                                     error);
        });
    }

    /// Ends all calls of this handle and of the collections made from it, now
    /// and for good: each fails with Status::cancelled. Clones go on. From any
    /// thread, but not from a signal handler. Does not wait for the calls.
    void cancel() const noexcept { uservoice_client_cancel(handle_.get()); }

    /// Frees it before its time. Clones, tokens and collections made from it
    /// live on; using it afterwards is Status::invalid_argument. No call may be
    /// running on it.
    void close() noexcept
    {
        handle_ = Handle();
        token_.reset();
    }

  private:
    using Handle = std::unique_ptr<uservoice_client, detail::FreeClient>;

    Client(Handle handle, Token::Handle token) noexcept
        : handle_(std::move(handle)), token_(std::move(token))
    {
    }

    template <class Call>
    static Result<Client> wrap(Token::Handle token, std::shared_ptr<Log> log, const Call &call)
    {
        auto handle = detail::handle<Handle>(call);
        if (!handle)
            return handle.error();
        handle->get_deleter().log = std::move(log);
        return Client(*std::move(handle), std::move(token));
    }

    Result<Client> clone_as(Token::Handle token, const Options &options) const
    {
        const detail::Argument options_("options", options.json());
        if (auto error = mistake(options_))
            return *error;
        return wrap(std::move(token), handle_.get_deleter().log, [&](auto out, auto error) {
            return uservoice_client_clone(handle_.get(), options_.c_str(), out, error);
        });
    }

    /// What keeps a call from being made: this handle, or an argument.
    template <class... Arguments> std::optional<Error> mistake(const Arguments &...arguments) const
    {
        if (handle_ == nullptr)
            return detail::gone("client");
        return detail::mistake(arguments...);
    }

    Result<std::string> call(decltype(&uservoice_get) verb, std::string_view path,
                             const Json &params) const
    {
        const detail::Argument path_("path", path);
        const detail::Argument params_("params", params);
        if (auto error = mistake(path_, params_))
            return *error;
        return detail::text([&](auto out, auto error) {
            return verb(handle_.get(), token_.get(), path_.c_str(), params_.c_str(), out, error);
        });
    }

    Handle handle_;
    Token::Handle token_;
};

/// sso_token() as a Result.
inline Result<std::string> try_sso_token(std::string_view subdomain, std::string_view sso_key,
                                         const Json &user, std::chrono::seconds valid_for = {})
{
    const detail::Argument subdomain_("subdomain", subdomain);
    const detail::Argument sso_key_("sso_key", sso_key);
    const detail::Argument user_("user", user);
    if (auto error = detail::mistake(subdomain_, sso_key_, user_))
        return *error;
    if (auto error = version_mismatch())
        return *error;
    return detail::text([&](auto out, auto error) {
        return uservoice_sso_token(subdomain_.c_str(), sso_key_.c_str(), user_.c_str(),
                                   std::int64_t{valid_for.count()}, out, error);
    });
}

/// sso_decrypt() as a Result.
inline Result<std::string> try_sso_decrypt(std::string_view subdomain, std::string_view sso_key,
                                           std::string_view token)
{
    const detail::Argument subdomain_("subdomain", subdomain);
    const detail::Argument sso_key_("sso_key", sso_key);
    const detail::Argument token_("token", token);
    if (auto error = detail::mistake(subdomain_, sso_key_, token_))
        return *error;
    if (auto error = version_mismatch())
        return *error;
    return detail::text([&](auto out, auto error) {
        return uservoice_sso_decrypt(subdomain_.c_str(), sso_key_.c_str(), token_.c_str(), out,
                                     error);
    });
}

/// sso_jwt() as a Result.
inline Result<std::string> try_sso_jwt(std::string_view sso_key, const Json &user,
                                       std::chrono::seconds valid_for = {})
{
    const detail::Argument sso_key_("sso_key", sso_key);
    const detail::Argument user_("user", user);
    if (auto error = detail::mistake(sso_key_, user_))
        return *error;
    if (auto error = version_mismatch())
        return *error;
    return detail::text([&](auto out, auto error) {
        return uservoice_sso_jwt(sso_key_.c_str(), user_.c_str(), std::int64_t{valid_for.count()},
                                 out, error);
    });
}

/// sso_jwt_verify() as a Result.
inline Result<std::string> try_sso_jwt_verify(std::string_view sso_key, std::string_view jwt,
                                              std::chrono::seconds leeway = {})
{
    const detail::Argument sso_key_("sso_key", sso_key);
    const detail::Argument jwt_("jwt", jwt);
    if (auto error = detail::mistake(sso_key_, jwt_))
        return *error;
    if (auto error = version_mismatch())
        return *error;
    return detail::text([&](auto out, auto error) {
        return uservoice_sso_jwt_verify(sso_key_.c_str(), jwt_.c_str(),
                                        std::int64_t{leeway.count()}, out, error);
    });
}

/// A web hook's delivery, whose data were signed with the site's SSO key. The
/// signature is of the data alone: the event is only what the request says.
struct Webhook {
    std::string event; ///< such as "new_suggestion"
    std::string data;  ///< JSON, as it came
};

/// webhook_read() as a Result.
inline Result<Webhook> try_webhook_read(std::string_view sso_key, std::string_view body)
{
    const detail::Argument sso_key_("sso_key", sso_key);
    if (auto error = detail::mistake(sso_key_))
        return *error;
    if (auto error = version_mismatch())
        return *error;
    const auto json = detail::text([&](auto out, auto error) {
        return uservoice_webhook_read(sso_key_.c_str(), detail::start_of(body), body.size(), out,
                                      error);
    });
    if (!json)
        return json.error();
    // {"event":"...","data":...}
    std::string_view rest = *json;
    rest.remove_prefix(std::string_view("{\"event\":").size());
    Webhook webhook{detail::take_text(rest), {}};
    rest.remove_prefix(std::string_view(",\"data\":").size());
    webhook.data = rest.substr(0, rest.size() - 1);
    return webhook;
}

/// webhook_verify() as a Result: a value means that the signature fits.
inline Result<std::monostate> try_webhook_verify(std::string_view sso_key, std::string_view data,
                                                 std::string_view signature)
{
    const detail::Argument sso_key_("sso_key", sso_key);
    const detail::Argument signature_("signature", signature);
    if (auto error = detail::mistake(sso_key_, signature_))
        return *error;
    if (auto error = version_mismatch())
        return *error;
    uservoice_error *error = nullptr;
    if (uservoice_webhook_verify(sso_key_.c_str(), detail::start_of(data), data.size(),
                                 signature_.c_str(), &error)
        != USERVOICE_OK)
        return Error::take(error);
    return std::monostate();
}

#if USERVOICE_EXCEPTIONS
/// Makes a single sign-on token, ready to stand in a URL:
/// `https://SUBDOMAIN.uservoice.com/?sso=TOKEN`. Sends nothing.
///
/// @param subdomain The site's, "acme" of acme.uservoice.com.
/// @param sso_key   The site's SSO key (Admin Console, Settings, Channels).
/// @param user      "guid", "email", "display_name", "trusted" and so on. Kept as
///     it is; only "expires" is added where it is missing.
/// @param valid_for From now, for that "expires"; zero means five minutes.
inline std::string sso_token(std::string_view subdomain, std::string_view sso_key, const Json &user,
                             std::chrono::seconds valid_for = {})
{
    return try_sso_token(subdomain, sso_key, user, valid_for).value();
}

/// Gives back the JSON that a single sign-on token was made from. "expires" is
/// in it and is not checked. A token that was made with another key is
/// Status::invalid_argument.
inline std::string sso_decrypt(std::string_view subdomain, std::string_view sso_key,
                               std::string_view token)
{
    return try_sso_decrypt(subdomain, sso_key, token).value();
}

/// Makes a single sign-on token of the kind that today's sites take: a JSON Web
/// Token (RFC 7519), signed with HS256. It goes where one of sso_token() goes.
///
/// @param sso_key   The site's SSO key (Admin Console, Settings, Channels).
/// @param user      With "guid" and "email". Kept as it is; only "exp" is added
///     where it has neither that nor "expires".
/// @param valid_for From now, for that "exp"; zero means five minutes.
inline std::string sso_jwt(std::string_view sso_key, const Json &user,
                           std::chrono::seconds valid_for = {})
{
    return try_sso_jwt(sso_key, user, valid_for).value();
}

/// Gives back the claims of a JSON Web Token, as JSON, after a check of its
/// signature (HS256 only) and of its end. A token that does not hold is
/// Status::invalid_argument.
///
/// @param leeway The end may have passed by so much, for clocks that differ.
inline std::string sso_jwt_verify(std::string_view sso_key, std::string_view jwt,
                                  std::chrono::seconds leeway = {})
{
    return try_sso_jwt_verify(sso_key, jwt, leeway).value();
}

/// Reads a web hook's delivery after a check of its signature, in constant time;
/// one that does not fit is Status::invalid_argument.
///
/// @param body The request's body as it came, form-encoded.
inline Webhook webhook_read(std::string_view sso_key, std::string_view body)
{
    return try_webhook_read(sso_key, body).value();
}

/// As webhook_read(), for who has taken the form apart: throws
/// Status::invalid_argument unless the data were signed with the SSO key.
///
/// @param data      The field "data" as text, decoded from its form.
/// @param signature The field "signature": hexadecimal or base64.
inline void webhook_verify(std::string_view sso_key, std::string_view data,
                           std::string_view signature)
{
    (void)try_webhook_verify(sso_key, data, signature).value();
}
#endif

} // namespace uservoice

#endif // USERVOICE_HPP
