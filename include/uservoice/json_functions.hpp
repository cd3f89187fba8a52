/// @file json_functions.hpp
/// Reading and writing JSON without a JSON library. The comment of a function describes its try_ form too, which
/// stands before it.
#ifndef USERVOICE_JSON_FUNCTIONS_HPP
#define USERVOICE_JSON_FUNCTIONS_HPP

#include "detail/call.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace uservoice {

inline Result<std::optional<std::string>> try_json_get(std::string_view json,
                                                       std::string_view pointer)
{
    return detail::call_optional_string(uservoice_json_get, detail::CString("json", json),
                                        detail::CString("pointer", pointer));
}

/// Returns the value at a JSON pointer (RFC 6901), such as "/suggestions/0/title": a string
/// decoded, anything else as JSON; nothing if absent. For more, use a JSON library.
inline std::optional<std::string> json_get(std::string_view json, std::string_view pointer)
{
    return try_json_get(json, pointer).value();
}

inline Result<std::string> try_json_quote(std::string_view string)
{
    return detail::call_string(uservoice_json_quote, detail::CString("string", string));
}

/// Returns a string as JSON, with quotes and escapes: `a"b` becomes `"a\"b"`.
inline std::string json_quote(std::string_view string)
{
    return try_json_quote(string).value();
}

} // namespace uservoice

#endif // USERVOICE_JSON_FUNCTIONS_HPP
