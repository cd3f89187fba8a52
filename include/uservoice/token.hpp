/// @file token.hpp
/// Token: an access token.
#ifndef USERVOICE_TOKEN_HPP
#define USERVOICE_TOKEN_HPP

#include "detail/call.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace uservoice {

/// An access token: an OAuth 1.0a token with its secret, or an OAuth 2 bearer token.
/// Store it like a password. It is wiped from memory when it and all clients that use
/// it are gone.
class Token {
  public:
    /// Creates an OAuth 1.0a token from its two parts.
    Token(std::string_view value, std::string_view secret)
        : Token(try_create(value, secret).value())
    {
    }
    static Result<Token> try_create(std::string_view value, std::string_view secret)
    {
        return create(uservoice_token_new, detail::CString("token", value),
                      detail::CString("secret", secret));
    }

    /// Restores a token from the result of json().
    static Token from_json(std::string_view json) { return try_from_json(json).value(); }
    static Result<Token> try_from_json(std::string_view json)
    {
        return create(uservoice_token_from_json, detail::CString("json", json));
    }

    /// Returns what is needed to restore the token later. A token that the library
    /// has refreshed is returned in its current state. The API secret is not included.
    std::string json() const { return try_json().value(); }
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
        uservoice_token *token = nullptr;
        if (auto error = detail::call(function, arguments..., &token))
            return *std::move(error);
        return Token(Shared(token, detail::Free()));
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

} // namespace uservoice

#endif // USERVOICE_TOKEN_HPP
