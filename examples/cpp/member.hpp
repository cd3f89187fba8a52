// Finds a member of an object in text that is known to be JSON, so that the examples
// need no JSON library. In a program of yours use the one that you like, as
// most_wanted.cpp does.
#ifndef EXAMPLES_MEMBER_HPP
#define EXAMPLES_MEMBER_HPP

#include <string_view>

// From a string's first quote to its last.
inline std::size_t last_quote(std::string_view json, std::size_t at)
{
    for (at++; at < json.size() && json[at] != '"'; at++)
        if (json[at] == '\\')
            at++;
    return at;
}

// The rest of the text, from where the value of `key` begins in the object; "" where it
// has none.
inline std::string_view member(std::string_view json, std::string_view key)
{
    constexpr std::string_view white_space = " \t\r\n";
    int depth = 0;
    for (std::size_t at = 0; at < json.size(); at++) {
        if (json[at] == '{' || json[at] == '[')
            depth++;
        if ((json[at] == '}' || json[at] == ']') && --depth == 0)
            break;
        if (json[at] != '"')
            continue;
        const std::size_t name = at + 1;
        at = last_quote(json, at);
        const std::size_t colon = json.find_first_not_of(white_space, at + 1);
        if (depth != 1 || colon == json.npos || json[colon] != ':'
            || json.substr(name, at - name) != key)
            continue;
        const std::size_t value = json.find_first_not_of(white_space, colon + 1);
        return value == json.npos ? "" : json.substr(value);
    }
    return "";
}

// A member that is a text (without its quotes, its escapes as they are) or a number.
inline std::string_view value(std::string_view json, std::string_view key)
{
    const std::string_view rest = member(json, key);
    if (rest.empty() || rest[0] != '"')
        return rest.substr(0, rest.find_first_of(",}] \t\r\n"));
    return rest.substr(1, last_quote(rest, 0) - 1);
}

#endif
