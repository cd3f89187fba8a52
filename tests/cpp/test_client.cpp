// Requests, errors, arguments, closed handles and threads.
#include "check.hpp"

#include <cstdlib>
#include <exception>
#include <new>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;
using uservoice::Client;
using uservoice::Error;
using uservoice::Json;
using uservoice::Outcome;
using uservoice::Status;
using uservoice::Token;

// Defined in second_unit.cpp.
std::size_t version_length_elsewhere();

static_assert(!std::is_copy_constructible_v<Client> && !std::is_copy_assignable_v<Client>);
static_assert(std::is_nothrow_move_constructible_v<Client> && std::is_nothrow_move_assignable_v<Client>);
static_assert(!std::is_copy_constructible_v<Token> && std::is_nothrow_move_assignable_v<Token>);
static_assert(std::is_nothrow_copy_constructible_v<Error> && std::is_base_of_v<std::runtime_error, Error>);

static void sends_requests()
{
    reset_sandbox();
    const Client client = sandbox_client();
    CHECK(contains(client.get("/api/v1/suggestions/1"), "\"Dark mode (1)\""));
    CHECK(contains(client.get("/api/v1/suggestions/search",
                              {{"query", "Größere Schrift"}, {"per_page", 3}, {"page", nullptr}}),
                   "Größere Schrift (4)"));
    CHECK(contains(client.get(std::string("/api/v1/users"), "{\"per_page\":1}"), "\"per_page\":1"));

    const Client owner = client.as(client.login_as_owner());
    const Json suggestion{{"suggestion", Json{{"title", "\"Tea\" \\ 🍵\n"}, {"votes", 1}}}};
    CHECK(contains(owner.post("/api/v1/forums/1/suggestions", suggestion), "\\\"Tea\\\" \\\\ 🍵"));
    CHECK(contains(owner.put("/api/v1/suggestions/7", {{"suggestion", Json{{"title", "Changed"}}}}),
                   "\"Changed\""));
    CHECK(contains(owner.del("/api/v1/suggestions/7"), "\"id\":7"));
    const std::string response = client.request("GET", "/api/v1/forums/999999", {},
                                                {{"X-Trace", "abc"}});
    CHECK(contains(response, "\"status\":404"));
    CHECK(contains(client.get("/_sandbox/requests"), "\"abc\""));
    CHECK(contains(client.get("/_sandbox/requests"), "\"uservoice-cpp-"));
}

static void error_has_details()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"status\":429,\"retry_after\":\"3600\"}");
    const Client client = sandbox_client();
    const Error missing = catch_error([&] { client.get("/api/v1/suggestions/999999"); });
    CHECK(missing.status() == Status::not_found && missing.http_status() == 404);
    CHECK(missing.type() == "record_not_found" && missing.outcome() == Outcome::answered);
    CHECK(contains(missing.what(), "Suggestion not found"));
    CHECK(missing.body() && contains(*missing.body(), "record_not_found"));
    CHECK(!missing.retry_after() && !missing.argument());
    CHECK(missing.request() == "GET /api/v1/suggestions/999999");
    CHECK(missing.header("Content-Type") == "application/json" && !missing.header("X-None"));
    CHECK(missing.header("content-TYPE") == missing.header("Content-Type"));
    CHECK_EQUAL(uservoice::status_name(missing.status()), "NOT_FOUND");

    // A separate API key, since a rate limit applies to all clients with the same key.
    const Client other("sandbox", sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
                       sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"),
                       sandbox_options().max_retry_wait(1s));
    const Error limited = catch_error([&] { other.get("/api/v1/forums"); });
    CHECK(limited.status() == Status::rate_limited && limited.retry_after() == 1h);

    const Client offline("sandbox", "key", "secret",
                         uservoice::Options().base_url("http://127.0.0.1:1").max_retries(0));
    const Error unreachable = catch_error([&] { offline.get("/api/v1/users"); });
    CHECK(unreachable.status() == Status::transport && unreachable.outcome() == Outcome::not_sent);
    CHECK(!unreachable.http_status() && !unreachable.type() && !unreachable.body());
    CHECK(!unreachable.header("Content-Type") && unreachable.request() == "GET /api/v1/users");

    const Error invalid = catch_error([&] { client.get("no path"); });
    CHECK(invalid.status() == Status::invalid_argument && invalid.argument() == "path");
    CHECK(!invalid.request() && invalid.outcome() == Outcome::not_sent);

    // It can be caught as a std::runtime_error. A copy outlives the original.
    try {
        throw missing;
    } catch (const std::runtime_error &error) {
        CHECK_EQUAL(error.what(), missing.what());
    }
    auto original = std::make_unique<Error>(missing);
    const Error copy = *original;
    original.reset();
    CHECK(copy.type() == "record_not_found" && copy.body() == missing.body());
    const Error own(Status::timeout, "mine");
    CHECK(own.status() == Status::timeout && !own.http_status() && !own.body() && !own.type());
    CHECK(!own.header("X") && !own.request() && !own.argument() && !own.retry_after());
    CHECK(own.outcome() == Outcome::not_sent);
    CHECK_EQUAL(own.what(), "mine");
}

static void result_has_value_or_error()
{
    const Client client = sandbox_client();
    auto success = client.try_get("/api/v1/suggestions/1");
    CHECK(success && success.has_value() && !success->empty());
    CHECK_EQUAL(success.value(), *success);
    const auto failure = client.try_get("/api/v1/suggestions/999999");
    CHECK(!failure && failure.error().status() == Status::not_found);
    check_throws(Status::not_found, "Suggestion", [&] { (void)failure.value(); });
    CHECK(client.try_get("/api/v1/suggestions/999999").value_or("none") == "none");
    CHECK(success.value_or("none") == *success && failure.value_or("none") == "none");
    const Error &error = client.try_get("/api/v1/suggestions/999999").error(); // not dangling
    CHECK(error.type() == "record_not_found");
    success.value() += "changed";
    CHECK(contains(success.value(), "changed"));
    auto moved = *std::move(success);
    CHECK(contains(moved, "Dark mode"));
}

// The error names the argument, and nothing is sent.
static void rejects_nul_characters()
{
    reset_sandbox();
    using namespace std::string_view_literals;
    const auto nul = "a\0b"sv;
    const Client client = sandbox_client();
    const Token token("value", "secret");
    const auto check_rejects = [](std::string_view argument, const auto &call) {
        const std::string message = std::string(argument) + ": must not contain a NUL character";
        const Error error = catch_error(call);
        CHECK(error.status() == Status::invalid_argument && error.outcome() == Outcome::not_sent);
        CHECK_EQUAL(error.what(), message);
        CHECK(error.argument() == argument);
    };
    check_rejects("subdomain", [&] { (void)Client(nul, "key", "secret"); });
    check_rejects("api_key", [&] { (void)Client("acme", nul, "secret"); });
    check_rejects("api_secret", [&] { (void)Client("acme", "key", nul); });
    check_rejects("options", [&] { (void)Client("acme", "key", "secret", uservoice::Options(nul)); });
    check_rejects("options", [&] { (void)client.clone(nul); });
    check_rejects("path", [&] { client.get(nul); });
    check_rejects("params", [&] { client.get("/api/v1/users", nul); });
    check_rejects("params", [&] { client.post("/api/v1/users", nul); });
    check_rejects("params", [&] { client.put("/api/v1/users", nul); });
    check_rejects("path", [&] { client.del(nul); });
    check_rejects("method", [&] { client.request(nul, "/api/v1/users"); });
    check_rejects("path", [&] { client.request("GET", nul); });
    check_rejects("params", [&] { client.request("GET", "/api/v1/users", nul); });
    check_rejects("headers", [&] { client.request("GET", "/api/v1/users", {}, nul); });
    check_rejects("path", [&] { (void)client.collection(nul); });
    check_rejects("params", [&] { (void)client.collection("/api/v1/users", nul); });
    check_rejects("email", [&] { client.login_as(nul); });
    check_rejects("verifier", [&] { client.login_with_verifier(token, nul); });
    check_rejects("token", [&] { Token(nul, "secret"); });
    check_rejects("secret", [&] { Token("value", nul); });
    check_rejects("json", [&] { Token::from_json(nul); });
    check_rejects("subdomain", [&] { uservoice::sso_token(nul, "key", "{}"); });
    check_rejects("sso_key", [&] { uservoice::sso_token("acme", nul, "{}"); });
    check_rejects("user", [&] { uservoice::sso_token("acme", "key", nul); });
    check_rejects("subdomain", [&] { uservoice::sso_decrypt(nul, "key", "token"); });
    check_rejects("sso_key", [&] { uservoice::sso_decrypt("acme", nul, "token"); });
    check_rejects("token", [&] { uservoice::sso_decrypt("acme", "key", nul); });
    CHECK(count_requests() == 0);

    // A string_view need not end with NUL.
    const std::string_view longer = "/api/v1/suggestions/1234567";
    CHECK(contains(client.get(longer.substr(0, longer.size() - 6)), "\"id\":1,"));
    // An empty secret is rejected; std::nullopt means unsigned requests.
    check_throws(Status::invalid_argument, "api_secret", [] { (void)Client("acme", "key", ""); });
    const Client visitor("sandbox", sandbox_env("USERVOICE_SANDBOX_API_KEY"), std::nullopt,
                         sandbox_options());
    CHECK(contains(visitor.get("/api/v1/forums"), "\"total_records\":2"));
}

// A short string is stored inside the object, where the test can look for it.
static void string_arguments_are_wiped()
{
    using uservoice::detail::CString;
    alignas(CString) unsigned char memory[sizeof(CString)] = {};
    const auto contains_secret = [&] {
        return contains({reinterpret_cast<const char *>(memory), sizeof memory}, "secret");
    };
    auto *string = new (memory) CString("api_secret", std::string_view("secret"));
    CHECK(contains_secret());
    string->~CString();
    CHECK(!contains_secret());
}

static void closed()
{
    Client client = sandbox_client();
    const auto check_rejects = [](const Client &closed) {
        const std::string_view message = "client: was closed or moved from";
        const auto status = Status::invalid_argument;
        const Token token("value", "secret");
        check_throws(status, message, [&] { closed.get("/api/v1/users"); });
        check_throws(status, message, [&] { closed.post("/api/v1/users"); });
        check_throws(status, message, [&] { closed.request("GET", "/api/v1/users"); });
        check_throws(status, message, [&] { (void)closed.collection("/api/v1/users"); });
        check_throws(status, message, [&] { (void)closed.clone(); });
        check_throws(status, message, [&] { (void)closed.as(token); });
        check_throws(status, message, [&] { (void)closed.with_log(uservoice::LogLevel::off, {}); });
        check_throws(status, message, [&] { (void)closed.with_interrupt({}); });
        check_throws(status, message, [&] { closed.login_as("jo@example.com"); });
        check_throws(status, message, [&] { closed.login_as_owner(); });
        check_throws(status, message, [&] { closed.request_token(); });
        check_throws(status, message, [&] { closed.authorize_url(token); });
        check_throws(status, message, [&] { closed.login_with_verifier(token, "verifier"); });
        check_throws(status, message, [&] { (void)closed.login_with_client_credentials(); });
        check_throws(status, message,
                     [&] { (void)closed.login_with_password("jo@example.com", "secret"); });
        check_throws(status, message, [&] { closed.authorize_code_url("https://app.example/"); });
        check_throws(status, message,
                     [&] { (void)closed.login_with_code("code", "verifier", "uri"); });
        check_throws(status, message, [&] { closed.sso_url("token"); });
        closed.cancel();
    };
    Client other = std::move(client);
    check_rejects(client); // NOLINT: use after move
    client = std::move(other);
    CHECK(!client.get("/api/v1/suggestions/1").empty());

    // Clones and collections outlive the client.
    Client clone = client.clone();
    auto list = client.collection("/api/v1/users", {}, 1);
    client.close();
    client.close();
    check_rejects(client);
    CHECK(list.next() && !clone.get("/api/v1/suggestions/1").empty());

    Token token("value", "secret");
    const Client acting = clone.as(token);
    token.close();
    CHECK(token.value().empty() && token.secret().empty());
    check_throws(Status::invalid_argument, "token: was closed", [&] { (void)token.json(); });
    check_throws(Status::invalid_argument, "token: was closed", [&] { (void)clone.as(token); });
    check_throws(Status::invalid_argument, "request_token: was closed",
                 [&] { (void)clone.authorize_url(token); });
    check_throws(Status::invalid_argument, "request_token: was closed",
                 [&] { (void)clone.login_with_verifier(token, "verifier"); });
    // The client still uses the closed token, which the sandbox rejects.
    check_throws(Status::unauthorized, "", [&] { acting.get("/api/v1/users/current"); });
}

static void threads_share_client()
{
    reset_sandbox();
    const Client client = sandbox_client();
    const Client user = client.as(client.login_as("user2@sandbox.example"));
    std::vector<std::thread> running;
    for (int i = 0; i < 8; i++)
        running.emplace_back([&] {
            for (int call = 0; call < 5; call++) {
                CHECK(contains(user.get("/api/v1/users/current"), "李小龍"));
                CHECK(!client.try_get("/api/v1/forums/999999"));
                CHECK(contains(client.clone().get("/api/v1/suggestions/1"), "Dark mode"));
            }
        });
    for (std::thread &thread : running)
        thread.join();
}

// Parent and child use the same client, over separate connections.
static void works_after_fork()
{
    const Client client = sandbox_client();
    CHECK(!client.get("/api/v1/suggestions/1").empty());
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const auto response = client.try_get("/api/v1/suggestions/2");
        _exit(response && contains(*response, "\"id\":2,") ? 0 : 1);
    }
    for (int i = 0; i < 5; i++)
        CHECK(contains(client.get("/api/v1/suggestions/1"), "\"id\":1,"));
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void cancel_ends_requests_of_one_handle()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":1,\"delay_ms\":3600000}");
    const Client client = sandbox_client(sandbox_options().timeout(1h));
    const Client clone = client.clone();
    std::thread waiting(
        [&] { check_throws(Status::cancelled, "", [&] { client.get("/api/v1/forums"); }); });
    const Client control = control_client();
    while (contains(control.get("/_sandbox/faults"), "/api/v1/forums"))
        std::this_thread::sleep_for(10ms);
    client.cancel();
    waiting.join();
    check_throws(Status::cancelled, "", [&] { client.get("/api/v1/forums"); });
    CHECK(contains(clone.get("/api/v1/suggestions/1"), "Dark mode"));
}

// Clones and collections log to the same function, which lives as long as they do.
static void logs_attempts()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":9,\"status\":500}");
    std::string lines;
    const auto write = [&](uservoice::LogLevel level, std::string_view line) {
        lines += std::to_string(static_cast<int>(level)) + ' ' + std::string(line) + '\n';
    };
    const Client without_log = sandbox_client("{\"base_url\":\""
                                              + sandbox_env("USERVOICE_SANDBOX_URL")
                                              + "\",\"max_retries\":0,\"prefetch_pages\":1}");
    Client client = without_log.with_log(uservoice::LogLevel::info, write);
    client.get("/api/v1/suggestions/1", {{"page", "secret-value"}});
    CHECK(contains(lines, "2 method=GET path=/api/v1/suggestions/1?page status=200"));
    CHECK(!contains(lines, "secret-value"));

    const Client warnings_only = client.with_log(uservoice::LogLevel::warning, write);
    lines.clear();
    without_log.get("/api/v1/suggestions/1");
    warnings_only.get("/api/v1/suggestions/1");
    CHECK(lines.empty());
    check_throws(Status::application_error, "", [&] { warnings_only.get("/api/v1/forums"); });
    CHECK(contains(lines, "1 method=GET path=/api/v1/forums status=500"));

    auto list = client.collection("/api/v1/users");
    Client clone = client.clone();
    client = client.with_log(uservoice::LogLevel::off, {}); // frees the first client
    lines.clear();
    client.get("/api/v1/suggestions/1");
    CHECK(lines.empty());
    clone.get("/api/v1/suggestions/1");
    CHECK(contains(lines, "path=/api/v1/suggestions/1 "));
    CHECK(list.next());
    CHECK(contains(lines, "path=/api/v1/users?per_page"));
    lines.clear();
    clone.with_log(uservoice::LogLevel::info, {}).get("/api/v1/suggestions/1");
    CHECK(lines.empty());
    list.close();
}

// A clone and a collection are interrupted too; the handle remains usable, and so does the one
// that it was created from.
static void interrupts_calls()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":9,\"status\":503,\"retry_after\":\"50\"}");
    bool stop = false;
    const Client first = sandbox_client();
    const Client client = first.with_interrupt([&] { return stop; });
    CHECK(!client.get("/api/v1/suggestions/1").empty());
    stop = true;
    const std::string_view message = "the call was interrupted";
    auto list = client.clone().collection("/api/v1/forums");
    check_throws(Status::cancelled, message, [&] { client.get("/api/v1/forums"); });
    check_throws(Status::cancelled, message, [&] { list.next(); });
    CHECK(!client.with_interrupt({}).get("/api/v1/suggestions/1").empty());
    CHECK(!first.get("/api/v1/suggestions/1").empty());
    stop = false;
    CHECK(!client.get("/api/v1/suggestions/1").empty());
}

// Ends the process with status 42 instead of a core dump if std::terminate() is called.
template <class Call> static bool terminates(const Call &call)
{
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        std::set_terminate([] { _exit(42); });
        call();
        _exit(0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status) == 42;
}

static void exceptions_of_callbacks_terminate()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":9,\"status\":503,\"retry_after\":\"50\"}");
    const Client client = sandbox_client();
    const Client logs = client.with_log(uservoice::LogLevel::info, [](auto, auto) { throw 1; });
    const Client asks = client.with_interrupt([]() -> bool { throw 1; });
    CHECK(terminates([&] { (void)logs.try_get("/api/v1/suggestions/1"); }));
    CHECK(terminates([&] { (void)asks.try_get("/api/v1/forums"); }));
    CHECK(!terminates([&] { (void)client.try_get("/api/v1/suggestions/1"); }));
}

static void set_env(const char *name, const std::string &value)
{
    CHECK(setenv(name, value.c_str(), 1) == 0);
}

static void from_environment_reads_variables()
{
    for (const char *name : {"USERVOICE_SUBDOMAIN", "USERVOICE_API_KEY", "USERVOICE_API_SECRET",
                             "USERVOICE_BASE_URL", "USERVOICE_CA_FILE"})
        set_env(name, "");
    const auto check_missing = [](const std::string &name) {
        check_throws(Status::invalid_argument, "environment variable " + name + " is not set",
                     [] { (void)Client::from_environment(); });
    };
    check_missing("USERVOICE_SUBDOMAIN");
    set_env("USERVOICE_SUBDOMAIN", "sandbox");
    check_missing("USERVOICE_API_KEY");
    set_env("USERVOICE_API_KEY", sandbox_env("USERVOICE_SANDBOX_API_KEY"));
    check_missing("USERVOICE_API_SECRET");
    set_env("USERVOICE_API_SECRET", sandbox_env("USERVOICE_SANDBOX_API_SECRET"));
    set_env("USERVOICE_BASE_URL", sandbox_env("USERVOICE_SANDBOX_URL"));
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":9,\"status\":500}");
    const Client client = Client::from_environment(uservoice::Options().max_retries(0));
    CHECK(contains(client.get("/api/v1/users", {{"per_page", 1}}), "owner@sandbox.example"));
    CHECK(control_client().try_del("/_sandbox/requests"));
    check_throws(Status::application_error, "", [&] { client.get("/api/v1/forums"); });
    CHECK(count_requests() == 1);

    set_env("USERVOICE_CA_FILE", "no-such-file");
    check_throws(Status::invalid_argument, "no-such-file", [] { (void)Client::from_environment(); });
}

int main()
{
    CHECK(version_length_elsewhere() == uservoice::version().size());
    CHECK(!uservoice::version_mismatch());
    sends_requests();
    error_has_details();
    result_has_value_or_error();
    rejects_nul_characters();
    string_arguments_are_wiped();
    closed();
    threads_share_client();
    works_after_fork();
    cancel_ends_requests_of_one_handle();
    logs_attempts();
    interrupts_calls();
    exceptions_of_callbacks_terminate();
    from_environment_reads_variables();
}
