/// @file detail/call.hpp
/// How this library calls uservoice.h; not part of the API.
#ifndef USERVOICE_DETAIL_CALL_HPP
#define USERVOICE_DETAIL_CALL_HPP

#include "../callbacks.hpp"
#include "../json.hpp"
#include "../result.hpp"
#include "../version.hpp"

#include <cstddef>
#include <locale>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace uservoice::detail {

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

/// Frees what a function of uservoice.h has returned.
struct Free {
    void operator()(char *string) const noexcept { uservoice_string_free(string); }
    void operator()(uservoice_token *token) const noexcept { uservoice_token_free(token); }
    void operator()(uservoice_client *client) const noexcept { uservoice_client_free(client); }
    void operator()(uservoice_collection *list) const noexcept { uservoice_collection_free(list); }
    void operator()(uservoice_export *handle) const noexcept { uservoice_export_free(handle); }
};

/// The functions that a handle calls.
struct Callbacks {
    std::shared_ptr<Log> log;
    std::shared_ptr<Interrupt> interrupt;
};

/// Frees a handle, and then the functions that it calls.
struct FreeCaller : Free {
    Callbacks callbacks;
};

template <class T> using Owner = std::unique_ptr<T, FreeCaller>;
using String = std::unique_ptr<char, Free>;

/// Calls a function that returns a string, or NULL for none.
template <class Function, class... Arguments>
Result<std::optional<std::string>> call_optional_string(Function function,
                                                        const Arguments &...arguments)
{
    char *string = nullptr;
    if (auto error = call(function, arguments..., &string))
        return *std::move(error);
    const String owner(string);
    return string != nullptr ? std::optional<std::string>(string) : std::nullopt;
}

/// Calls a function that returns a string.
template <class Function, class... Arguments>
Result<std::string> call_string(Function function, const Arguments &...arguments)
{
    char *string = nullptr;
    if (auto error = call(function, arguments..., &string))
        return *std::move(error);
    return std::string(String(string).get());
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

/// Returns the first byte; never NULL, which the library rejects.
inline const char *not_null(std::string_view bytes) noexcept
{
    return bytes.empty() ? "" : bytes.data();
}

} // namespace uservoice::detail

#endif // USERVOICE_DETAIL_CALL_HPP
