// JSON written with braces, and the options. Sends nothing.
#include "check.hpp"

#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

using uservoice::Json;
using uservoice::Options;
using uservoice::Value;

// Whether braces make an object with one such value.
template <class T, class = void> struct MakesAnObject : std::false_type {
};
template <class T>
struct MakesAnObject<T, std::void_t<decltype(std::declval<void (&)(const Json &)>()(
                            {{"key", std::declval<T>()}}))>> : std::true_type {
};

enum Plain { plain };

static void values()
{
    const std::string_view text = "view";
    EQUAL(Value(nullptr).text(), "null");
    EQUAL(Value(true).text(), "true");
    EQUAL(Value(false).text(), "false");
    EQUAL(Value(-5).text(), "-5");
    EQUAL(Value(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
    EQUAL(Value(std::numeric_limits<std::uint64_t>::max()).text(), "18446744073709551615");
    EQUAL(Value("text").text(), "\"text\"");
    EQUAL(Value(std::string("text")).text(), "\"text\"");
    EQUAL(Value(text).text(), "\"view\"");
    EQUAL(Value::array({}).text(), "[]");
    EQUAL(Value::array({1, "two", nullptr}).text(), "[1,\"two\",null]");
    EQUAL(Value(Json("[0.5]")).text(), "[0.5]");
    EQUAL(Value(Json()).text(), "{}");
    // A pointer is no bool, and a number with a fraction loses nothing silently.
    static_assert(!std::is_constructible_v<Value, int *>);
    static_assert(!std::is_constructible_v<Value, double>);
    static_assert(!std::is_constructible_v<Value, char>);
    static_assert(!std::is_constructible_v<Json, std::nullptr_t>);
    static_assert(MakesAnObject<int>() && MakesAnObject<const char *>() && MakesAnObject<Json>());
    static_assert(!MakesAnObject<Plain>() && !MakesAnObject<char>() && !MakesAnObject<double>());
    static_assert(!std::is_constructible_v<uservoice::Client, const char *, const char *, std::nullptr_t>);
}

static void escapes()
{
    EQUAL(Value("\"\\/").text(), "\"\\\"\\\\/\"");
    EQUAL(Value("a\nb\t\x01\x1f\x7f").text(), "\"a\\u000ab\\u0009\\u0001\\u001f\x7f\"");
    EQUAL(Value("Größe 🍵").text(), "\"Größe 🍵\"");
    EQUAL(Value(std::string_view("a\0b", 3)).text(), "\"a\\u0000b\"");
    EQUAL((Json{{"a\"b", 1}}).text(), "{\"a\\\"b\":1}");
}

static void objects()
{
    EQUAL(Json().text(), "");
    EQUAL((Json{{"a", "b"}}).text(), "{\"a\":\"b\"}");
    EQUAL((Json{{"a", "b"}, {"c", "d"}}).text(), "{\"a\":\"b\",\"c\":\"d\"}");
    EQUAL((Json{{"a", Json{{"b", Value::array({1, 2})}}}, {"c", true}}).text(),
          "{\"a\":{\"b\":[1,2]},\"c\":true}");
    EQUAL(Json("{}").set("a", 1).text(), "{\"a\":1}");
    EQUAL(Json(" { } \n").set("a", 1).set("b", 2).text(), " { \"a\":1,\"b\":2} \n");
    EQUAL(Json(std::string("{\"a\":{}}")).set("b", nullptr).text(), "{\"a\":{},\"b\":null}");
    // What is no object stays what it is.
    for (const char *text : {"[{}]", "}", "nonsense", " "})
        EQUAL(Json(text).set("a", 1).text(), text);
}

static void options()
{
    using namespace std::chrono_literals;
    EQUAL(Options().json().text(), "");
    EQUAL(Options().timeout(5s).max_retries(0).json().text(),
          "{\"timeout_ms\":5000,\"max_retries\":0}");
    EQUAL(Options("{\"per_page\":7}").ca_file("C:\\ca.pem").json().text(),
          "{\"per_page\":7,\"ca_file\":\"C:\\\\ca.pem\"}");
    // A finer unit would lose something, so that it has to be cast.
    static_assert(!std::is_invocable_v<decltype(&Options::timeout), Options,
                                       std::chrono::microseconds>);

    uservoice::Client("acme", "key", "secret",
                      Options().protocol("https").uservoice_domain("uservoice.com"));
    // The library takes every option that there is.
    uservoice::Client("acme", "key", "secret",
                      Options()
                          .base_url("https://acme.example")
                          .callback("https://app.example/back?a=\"b\"")
                          .timeout(1min)
                          .connect_timeout(500ms)
                          .max_retries(100)
                          .max_retry_wait(0s)
                          .max_connections(1024)
                          .prefetch_pages(64)
                          .per_page(2)
                          .per_page(1)
                          .max_response_bytes(1)
                          .proxy("")
                          .user_agent("Test/1.0")
                          .whole_pages(true)
                          .allow_insecure(true));
    fails(uservoice::Status::invalid_argument, "no-such-file",
          [] { uservoice::Client("acme", "key", "secret", Options().ca_file("no-such-file")); });
    fails(uservoice::Status::invalid_argument, "timeout_ms",
          [] { uservoice::Client("acme", "key", "secret", Options().timeout(-1ms)); });
    fails(uservoice::Status::invalid_argument, "options",
          [] { uservoice::Client("acme", "key", "secret", "[1]"); });
    fails(uservoice::Status::invalid_argument, "unknown",
          [] { uservoice::Client("acme", "key", "secret", "{\"unknown\":1}"); });
}

int main()
{
    values();
    escapes();
    objects();
    options();
}
