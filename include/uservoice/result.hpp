/// @file result.hpp
/// Result: a value or an Error.
#ifndef USERVOICE_RESULT_HPP
#define USERVOICE_RESULT_HPP

#include "error.hpp"

#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>

namespace uservoice {

/// A value or an Error, as std::expected is in C++23.
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
    Result(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
        : value_(std::in_place, std::move(value))
    {
    }

    /// Creates a failed result.
    Result(Error error) noexcept : error_(std::move(error)) {}

    /// Returns whether there is a value.
    bool has_value() const noexcept { return value_.has_value(); }

    /// Returns whether there is a value.
    explicit operator bool() const noexcept { return has_value(); }

    /// Returns the value; calls std::abort() for a failed result.
    T &operator*() & noexcept { return get(value_); }
    /// Returns the value; calls std::abort() for a failed result.
    const T &operator*() const & noexcept { return get(value_); }
    /// Moves the value out; calls std::abort() for a failed result.
    T operator*() && { return std::move(get(value_)); }

    /// Accesses a member of the value; calls std::abort() for a failed result.
    T *operator->() noexcept { return &get(value_); }
    /// Accesses a member of the value; calls std::abort() for a failed result.
    const T *operator->() const noexcept { return &get(value_); }

    /// Returns the error; calls std::abort() for a successful result.
    const Error &error() const & noexcept { return get(error_); }
    /// Moves the error out; calls std::abort() for a successful result.
    Error error() && noexcept { return std::move(get(error_)); }

    /// Returns the value, or throws the error.
    T &value() & { return value_ ? *value_ : fail(); }
    /// Returns the value, or throws the error.
    const T &value() const & { return value_ ? *value_ : fail(); }
    /// Moves the value out, or throws the error.
    T value() && { return std::move(value_ ? *value_ : fail()); }

    /// Returns the value, or another one for a failed result.
    template <class U> T value_or(U &&otherwise) const &
    {
        return value_.value_or(std::forward<U>(otherwise));
    }
    /// Moves the value out, or returns another one for a failed result.
    template <class U> T value_or(U &&otherwise) &&
    {
        return std::move(value_).value_or(std::forward<U>(otherwise));
    }

  private:
    template <class Content> static auto &get(Content &content) noexcept
    {
        if (!content)
            std::abort();
        return *content;
    }

    [[noreturn]] T &fail() const { detail::raise(*error_); }

    std::optional<T> value_;
    std::optional<Error> error_; // if there is no value
};

} // namespace uservoice

#endif // USERVOICE_RESULT_HPP
