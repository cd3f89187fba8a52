/// @file sso.hpp
/// Single sign-on tokens. The comment of a function describes its try_ form too, which
/// stands before it.
#ifndef USERVOICE_SSO_HPP
#define USERVOICE_SSO_HPP

#include "detail/call.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace uservoice {

inline Result<std::string> try_sso_token(std::string_view subdomain, std::string_view sso_key,
                                         const Json &user, std::chrono::seconds valid_for = {})
{
    return detail::call_string(uservoice_sso_token, detail::CString("subdomain", subdomain),
                               detail::CString("sso_key", sso_key), detail::CString("user", user),
                               std::int64_t{valid_for.count()});
}

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

inline Result<std::string> try_sso_decrypt(std::string_view subdomain, std::string_view sso_key,
                                           std::string_view token)
{
    return detail::call_string(uservoice_sso_decrypt, detail::CString("subdomain", subdomain),
                               detail::CString("sso_key", sso_key),
                               detail::CString("token", token));
}

/// Decrypts a single sign-on token and returns its user as JSON. Does not check
/// "expires". A token of another key fails with Status::not_verified.
inline std::string sso_decrypt(std::string_view subdomain, std::string_view sso_key,
                               std::string_view token)
{
    return try_sso_decrypt(subdomain, sso_key, token).value();
}

inline Result<std::string> try_sso_jwt(std::string_view sso_key, const Json &user,
                                       std::chrono::seconds valid_for = {})
{
    return detail::call_string(uservoice_sso_jwt, detail::CString("sso_key", sso_key),
                               detail::CString("user", user), std::int64_t{valid_for.count()});
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

inline Result<std::string> try_sso_jwt_verify(std::string_view sso_key, std::string_view jwt,
                                              std::chrono::seconds leeway = {})
{
    return detail::call_string(uservoice_sso_jwt_verify, detail::CString("sso_key", sso_key),
                               detail::CString("jwt", jwt), std::int64_t{leeway.count()});
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

} // namespace uservoice

#endif // USERVOICE_SSO_HPP
