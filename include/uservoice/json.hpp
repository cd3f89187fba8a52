/// @file json.hpp
/// JSON parameters: Value and Json.
#ifndef USERVOICE_JSON_HPP
#define USERVOICE_JSON_HPP

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace uservoice {

class Json;

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

    /// Creates an array of the elements of a container: `Value::array(ids)`.
    template <class Range, class = decltype(std::begin(std::declval<const Range &>()))>
    static Value array(const Range &values)
    {
        return array(std::vector<Value>(std::begin(values), std::end(values)));
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
    Json(std::nullptr_t use_braces_for_none) = delete;

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

} // namespace uservoice

#endif // USERVOICE_JSON_HPP
