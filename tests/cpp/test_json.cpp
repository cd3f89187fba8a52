// JSON in braces, and the options. Sends nothing.
#include "check.hpp"

#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

using uservoice::Json;
using uservoice::Options;
using uservoice::Value;

// Whether an object in braces can have a value of this type.
template <class T, class = void> struct CanBeMember : std::false_type {};
template <class T> struct CanBeMember<
    T, std::void_t<decltype(std::declval<void (&)(const Json &)>()({{"key", std::declval<T>()}}))>>
    : std::true_type {};

enum Plain { plain };

static void value_writes_json()
{
    const std::string_view text = "view";
    CHECK_EQUAL(Value(nullptr).text(), "null");
    CHECK_EQUAL(Value(true).text(), "true");
    CHECK_EQUAL(Value(false).text(), "false");
    CHECK_EQUAL(Value(-5).text(), "-5");
    CHECK_EQUAL(Value(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
    CHECK_EQUAL(Value(std::numeric_limits<std::uint64_t>::max()).text(), "18446744073709551615");
    CHECK_EQUAL(Value("text").text(), "\"text\"");
    CHECK_EQUAL(Value(std::string("text")).text(), "\"text\"");
    CHECK_EQUAL(Value(text).text(), "\"view\"");
    CHECK_EQUAL(Value::array({}).text(), "[]");
    CHECK_EQUAL(Value::array({1, "two", nullptr}).text(), "[1,\"two\",null]");
    const std::vector<std::int64_t> ids{1, 2};
    CHECK_EQUAL(Value::array(ids).text(), "[1,2]");
    CHECK_EQUAL(Value::array({ids.begin(), ids.end()}).text(), "[1,2]");
    CHECK_EQUAL(Value::array(std::vector<std::string>()).text(), "[]");
    CHECK_EQUAL(Value::array(std::vector<Value>{1, "a"}).text(), "[1,\"a\"]");
    CHECK_EQUAL(Value(Json("[0.5]")).text(), "[0.5]");
    CHECK_EQUAL(Value(Json()).text(), "{}");
    CHECK_EQUAL(Value(0.5).text(), "0.5");
    CHECK_EQUAL(Value(0.1f).text(), "0.1");
    CHECK_EQUAL(Value(0.1 + 0.2).text(), "0.30000000000000004");
    CHECK_EQUAL(Value(-1e300).text(), "-1e+300");
    // A pointer must not become a bool.
    static_assert(!std::is_constructible_v<Value, int *>);
    static_assert(!std::is_constructible_v<Value, char>);
    static_assert(!std::is_constructible_v<Json, std::nullptr_t>);
    static_assert(CanBeMember<int>() && CanBeMember<const char *>() && CanBeMember<Json>());
    static_assert(!CanBeMember<Plain>() && !CanBeMember<char>() && CanBeMember<double>());
    static_assert(!std::is_constructible_v<uservoice::Client, const char *, const char *, std::nullptr_t>);
}

static void strings_are_escaped()
{
    CHECK_EQUAL(Value("\"\\/").text(), "\"\\\"\\\\/\"");
    CHECK_EQUAL(Value("a\nb\t\x01\x1f\x7f").text(), "\"a\\u000ab\\u0009\\u0001\\u001f\x7f\"");
    CHECK_EQUAL(Value("Größe 🍵").text(), "\"Größe 🍵\"");
    CHECK_EQUAL(Value(std::string_view("a\0b", 3)).text(), "\"a\\u0000b\"");
    CHECK_EQUAL((Json{{"a\"b", 1}}).text(), "{\"a\\\"b\":1}");
}

static void set_appends_member()
{
    CHECK_EQUAL(Json().text(), "");
    CHECK_EQUAL((Json{{"a", "b"}}).text(), "{\"a\":\"b\"}");
    CHECK_EQUAL((Json{{"a", "b"}, {"c", "d"}}).text(), "{\"a\":\"b\",\"c\":\"d\"}");
    CHECK_EQUAL((Json{{"a", Json{{"b", Value::array({1, 2})}}}, {"c", true}}).text(),
                "{\"a\":{\"b\":[1,2]},\"c\":true}");
    CHECK_EQUAL((Json{{"a", {{"b", "c"}, {"d", {{"e", 0.5}}}}}, {"f", {}}}).text(),
                "{\"a\":{\"b\":\"c\",\"d\":{\"e\":0.5}},\"f\":{}}");
    CHECK_EQUAL(Json("{}").set("a", 1).text(), "{\"a\":1}");
    CHECK_EQUAL(Json(" { } \n").set("a", 1).set("b", 2).text(), " { \"a\":1,\"b\":2} \n");
    CHECK_EQUAL(Json(std::string("{\"a\":{}}")).set("b", nullptr).text(), "{\"a\":{},\"b\":null}");
    // set() does not change anything but an object.
    for (const char *text : {"[{}]", "}", "nonsense", " "})
        CHECK_EQUAL(Json(text).set("a", 1).text(), text);
}

static void options_write_json()
{
    using namespace std::chrono_literals;
    CHECK_EQUAL(Options().json().text(), "");
    CHECK_EQUAL(Options().timeout(5s).max_retries(0).json().text(),
                "{\"timeout_ms\":5000,\"max_retries\":0}");
    CHECK_EQUAL(Options("{\"per_page\":7}").ca_file("C:\\ca.pem").json().text(),
                "{\"per_page\":7,\"ca_file\":\"C:\\\\ca.pem\"}");
    // A finer unit needs a cast, since it would be truncated.
    static_assert(!std::is_invocable_v<decltype(&Options::timeout), Options,
                                       std::chrono::microseconds>);

    (void)uservoice::Client("acme", "key", "secret",
                      Options().protocol("https").uservoice_domain("uservoice.com"));
    // The library accepts every option.
    (void)uservoice::Client("acme", "key", "secret",
                      Options()
                          .base_url("https://acme.example")
                          .callback("https://app.example/back?a=\"b\"")
                          .timeout(1min)
                          .connect_timeout(500ms)
                          .max_retries(100)
                          .max_retry_wait(0s)
                          .max_idle_connections(1024)
                          .prefetch_pages(64)
                          .per_page(2)
                          .per_page(1)
                          .max_request_bytes(2)
                          .max_response_bytes(1)
                          .proxy("")
                          .user_agent("Test/1.0")
                          .whole_pages(true)
                          .allow_insecure(true));
    check_throws(uservoice::Status::invalid_argument, "no-such-file", [] {
        (void)uservoice::Client("acme", "key", "secret", Options().ca_file("no-such-file"));
    });
    const auto error = catch_error(
        [] { (void)uservoice::Client("acme", "key", "secret", Options().timeout(-1ms)); });
    CHECK(error.status() == uservoice::Status::invalid_argument);
    CHECK(error.argument() == "options.timeout_ms");
    check_throws(uservoice::Status::invalid_argument, "options",
                 [] { (void)uservoice::Client("acme", "key", "secret", "[1]"); });
    check_throws(uservoice::Status::invalid_argument, "unknown",
                 [] { (void)uservoice::Client("acme", "key", "secret", "{\"unknown\":1}"); });
}

static void library_rejects_numbers_that_json_lacks()
{
    const uservoice::Client client("acme", "key", "secret");
    for (const double number : {std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN()}) {
        const auto error = catch_error([&] { client.get("/a", {{"number", number}}); });
        CHECK(error.status() == uservoice::Status::invalid_argument);
        CHECK(error.argument() == "params");
    }
}

int main()
{
    library_rejects_numbers_that_json_lacks();
    value_writes_json();
    strings_are_escaped();
    set_appends_member();
    options_write_json();
}
