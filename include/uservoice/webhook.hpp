/// @file webhook.hpp
/// Webhooks. The comment of a function describes its try_ form too, which
/// stands before it.
#ifndef USERVOICE_WEBHOOK_HPP
#define USERVOICE_WEBHOOK_HPP

#include "detail/call.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace uservoice {

/// A webhook. Its data were signed with the site's SSO key; its event was not.
struct Webhook {
    std::string event; ///< such as "new_suggestion"
    std::string data;  ///< JSON, unchanged
};

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

/// Verifies the signature of a webhook and returns its contents. An invalid one fails with
/// Status::not_verified.
///
/// @param body The request body as it was received, form-encoded.
inline Webhook webhook_read(std::string_view sso_key, std::string_view body)
{
    return try_webhook_read(sso_key, body).value();
}

inline Result<std::monostate> try_webhook_verify(std::string_view sso_key, std::string_view data,
                                                 std::string_view signature)
{
    if (auto error = detail::call(uservoice_webhook_verify, detail::CString("sso_key", sso_key),
                                  detail::not_null(data), data.size(),
                                  detail::CString("signature", signature)))
        return *std::move(error);
    return std::monostate();
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

inline Result<std::string> try_webhook_sign(std::string_view sso_key, std::string_view data)
{
    return detail::call_string(uservoice_webhook_sign, detail::CString("sso_key", sso_key),
                               detail::not_null(data), data.size());
}

/// Returns the signature of a webhook with these data (HMAC-SHA256 in hexadecimal), to test
/// a program that receives webhooks.
inline std::string webhook_sign(std::string_view sso_key, std::string_view data)
{
    return try_webhook_sign(sso_key, data).value();
}

} // namespace uservoice

#endif // USERVOICE_WEBHOOK_HPP
