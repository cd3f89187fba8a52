// Calls, errors, arguments, handles that were closed, and threads.
#include "check.hpp"

#include <cstdlib>
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

// Defined in another file that includes the header too.
std::size_t version_length_elsewhere();

static_assert(!std::is_copy_constructible_v<Client> && !std::is_copy_assignable_v<Client>);
static_assert(std::is_nothrow_move_constructible_v<Client> && std::is_nothrow_move_assignable_v<Client>);
static_assert(!std::is_copy_constructible_v<Token> && std::is_nothrow_move_assignable_v<Token>);
static_assert(std::is_nothrow_copy_constructible_v<Error> && std::is_base_of_v<std::runtime_error, Error>);

static void calls()
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
    const std::string answer
        = client.request("GET", "/api/v1/forums/999999", {}, {{"X-Trace", "abc"}});
    CHECK(contains(answer, "\"status\":404"));
    CHECK(contains(client.get("/_sandbox/requests"), "\"abc\""));
}

static void errors()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"status\":429,\"retry_after\":\"3600\"}");
    const Client client = sandbox_client();
    const Error missing = error_of([&] { client.get("/api/v1/suggestions/999999"); });
    CHECK(missing.status() == Status::not_found && missing.http_status() == 404);
    CHECK(missing.type() == "record_not_found" && missing.outcome() == Outcome::answered);
    CHECK(contains(missing.what(), "Suggestion not found"));
    CHECK(missing.body() && contains(*missing.body(), "record_not_found"));
    CHECK(!missing.retry_after());
    EQUAL(uservoice::status_name(missing.status()), "NOT_FOUND");

    // With another key, since a limit holds for all clients of a key.
    const Client other("sandbox", sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
                       sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"),
                       sandbox_options().max_retry_wait(1s));
    const Error limited = error_of([&] { other.get("/api/v1/forums"); });
    CHECK(limited.status() == Status::rate_limited && limited.retry_after() == 1h);

    const Client nowhere("sandbox", "key", "secret",
                         uservoice::Options().base_url("http://127.0.0.1:1").max_retries(0));
    const Error unreached = error_of([&] { nowhere.get("/api/v1/users"); });
    CHECK(unreached.status() == Status::transport && unreached.outcome() == Outcome::not_sent);
    CHECK(!unreached.http_status() && !unreached.type() && !unreached.body());

    // Any runtime_error handler sees it; a copy keeps what it says.
    try {
        throw missing;
    } catch (const std::runtime_error &error) {
        EQUAL(error.what(), missing.what());
    }
    const Error own(Status::timeout, "mine");
    CHECK(own.status() == Status::timeout && !own.http_status() && !own.body());
    EQUAL(own.what(), "mine");
}

static void results()
{
    const Client client = sandbox_client();
    auto good = client.try_get("/api/v1/suggestions/1");
    CHECK(good && good.has_value() && !good->empty());
    EQUAL(good.value(), *good);
    const auto bad = client.try_get("/api/v1/suggestions/999999");
    CHECK(!bad && bad.error().status() == Status::not_found);
    fails(Status::not_found, "Suggestion", [&] { (void)bad.value(); });
    auto moved = *std::move(good);
    CHECK(contains(moved, "Dark mode"));
}

// A NUL in a text is an error that names the argument; nothing is sent.
static void nul_characters()
{
    reset_sandbox();
    using namespace std::string_view_literals;
    const auto nul = "a\0b"sv;
    const Client client = sandbox_client();
    const Token token("value", "secret");
    const auto refuses = [](std::string_view argument, const auto &call) {
        const std::string message = std::string(argument) + ": must not hold a NUL character";
        const Error error = error_of(call);
        CHECK(error.status() == Status::invalid_argument && error.outcome() == Outcome::not_sent);
        EQUAL(error.what(), message);
    };
    refuses("subdomain", [&] { Client(nul, "key", "secret"); });
    refuses("api_key", [&] { Client("acme", nul, "secret"); });
    refuses("api_secret", [&] { Client("acme", "key", nul); });
    refuses("options", [&] { Client("acme", "key", "secret", uservoice::Options(nul)); });
    refuses("options", [&] { client.clone(nul); });
    refuses("path", [&] { client.get(nul); });
    refuses("params", [&] { client.get("/api/v1/users", nul); });
    refuses("params", [&] { client.post("/api/v1/users", nul); });
    refuses("params", [&] { client.put("/api/v1/users", nul); });
    refuses("path", [&] { client.del(nul); });
    refuses("method", [&] { client.request(nul, "/api/v1/users"); });
    refuses("path", [&] { client.request("GET", nul); });
    refuses("params", [&] { client.request("GET", "/api/v1/users", nul); });
    refuses("headers", [&] { client.request("GET", "/api/v1/users", {}, nul); });
    refuses("path", [&] { client.collection(nul); });
    refuses("params", [&] { client.collection("/api/v1/users", nul); });
    refuses("email", [&] { client.login_as(nul); });
    refuses("verifier", [&] { client.login_with_verifier(token, nul); });
    refuses("token", [&] { Token(nul, "secret"); });
    refuses("secret", [&] { Token("value", nul); });
    refuses("json", [&] { Token::from_json(nul); });
    refuses("subdomain", [&] { uservoice::sso_token(nul, "key", "{}"); });
    refuses("sso_key", [&] { uservoice::sso_token("acme", nul, "{}"); });
    refuses("user", [&] { uservoice::sso_token("acme", "key", nul); });
    refuses("subdomain", [&] { uservoice::sso_decrypt(nul, "key", "token"); });
    refuses("sso_key", [&] { uservoice::sso_decrypt("acme", nul, "token"); });
    refuses("token", [&] { uservoice::sso_decrypt("acme", "key", nul); });
    CHECK(requests_seen() == 0);

    // A view into a longer text ends where it ends.
    const std::string_view longer = "/api/v1/suggestions/1234567";
    CHECK(contains(client.get(longer.substr(0, longer.size() - 6)), "\"id\":1,"));
    // A secret is needed for signed calls; "" is a mistake, std::nullopt is meant.
    fails(Status::invalid_argument, "api_secret", [] { Client("acme", "key", ""); });
    const Client visitor("sandbox", sandbox("USERVOICE_SANDBOX_API_KEY"), std::nullopt,
                         sandbox_options());
    CHECK(contains(visitor.get("/api/v1/forums"), "\"total_records\":2"));
}

// What an argument was copied to does not hold it any more. A short one is in the object.
static void copies_of_arguments_are_wiped()
{
    using uservoice::detail::Argument;
    alignas(Argument) unsigned char memory[sizeof(Argument)] = {};
    const auto holds = [&] {
        return contains({reinterpret_cast<const char *>(memory), sizeof memory}, "secret");
    };
    auto *argument = new (memory) Argument("api_secret", std::string_view("secret"));
    CHECK(holds());
    argument->~Argument();
    CHECK(!holds());
}

static void closed()
{
    Client client = sandbox_client();
    const auto refuses = [](const Client &none) {
        const std::string_view says = "client: was closed or moved from";
        const auto status = Status::invalid_argument;
        const Token token("value", "secret");
        fails(status, says, [&] { none.get("/api/v1/users"); });
        fails(status, says, [&] { none.post("/api/v1/users"); });
        fails(status, says, [&] { none.request("GET", "/api/v1/users"); });
        fails(status, says, [&] { none.collection("/api/v1/users"); });
        fails(status, says, [&] { none.clone(); });
        fails(status, says, [&] { none.as(token); });
        fails(status, says, [&] { none.with_log(uservoice::LogLevel::off, {}); });
        fails(status, says, [&] { none.login_as("jo@example.com"); });
        fails(status, says, [&] { none.login_as_owner(); });
        fails(status, says, [&] { none.request_token(); });
        fails(status, says, [&] { none.authorize_url(token); });
        fails(status, says, [&] { none.login_with_verifier(token, "verifier"); });
        fails(status, says, [&] { (void)none.login_with_client_credentials(); });
        fails(status, says, [&] { (void)none.login_with_password("jo@example.com", "secret"); });
        fails(status, says, [&] { none.authorize_code_url("https://app.example/"); });
        fails(status, says, [&] { (void)none.login_with_code("code", "verifier", "uri"); });
        fails(status, says, [&] { none.sso_url("token"); });
        none.cancel();
    };
    Client other = std::move(client);
    refuses(client); // NOLINT: used after it was moved from
    client = std::move(other);
    CHECK(!client.get("/api/v1/suggestions/1").empty());

    // What was made from it lives on.
    Client clone = client.clone();
    auto list = client.collection("/api/v1/users", {}, 1);
    client.close();
    client.close();
    refuses(client);
    CHECK(list.next() && !clone.get("/api/v1/suggestions/1").empty());

    Token token("value", "secret");
    const Client acting = clone.as(token);
    token.close();
    CHECK(token.value().empty() && token.secret().empty());
    fails(Status::invalid_argument, "token: was closed", [&] { (void)token.json(); });
    fails(Status::invalid_argument, "token: was closed", [&] { (void)clone.as(token); });
    fails(Status::invalid_argument, "request_token: was closed",
          [&] { (void)clone.authorize_url(token); });
    fails(Status::invalid_argument, "request_token: was closed",
          [&] { (void)clone.login_with_verifier(token, "verifier"); });
    // The client still has its token, which the sandbox does not know.
    fails(Status::unauthorized, "", [&] { acting.get("/api/v1/users/current"); });
}

static void threads()
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

// A child goes on with the client of its parent, whose connections it leaves alone.
static void forked()
{
    const Client client = sandbox_client();
    CHECK(!client.get("/api/v1/suggestions/1").empty());
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const auto answer = client.try_get("/api/v1/suggestions/2");
        _exit(answer && contains(*answer, "\"id\":2,") ? 0 : 1);
    }
    for (int i = 0; i < 5; i++)
        CHECK(contains(client.get("/api/v1/suggestions/1"), "\"id\":1,"));
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// cancel() ends a call that waits for an answer, and only those of its handle.
static void cancelling()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":1,\"delay_ms\":3600000}");
    const Client client = sandbox_client(sandbox_options().timeout(1h));
    const Client clone = client.clone();
    std::thread waiting([&] { fails(Status::cancelled, "", [&] { client.get("/api/v1/forums"); }); });
    const Client control = control_client();
    while (contains(control.get("/_sandbox/faults"), "/api/v1/forums"))
        std::this_thread::sleep_for(10ms);
    client.cancel();
    waiting.join();
    fails(Status::cancelled, "", [&] { client.get("/api/v1/forums"); });
    CHECK(contains(clone.get("/api/v1/suggestions/1"), "Dark mode"));
}

// The log is told by what was made from a client too, and lives as long as that.
static void logging()
{
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":9,\"status\":500}");
    std::string lines;
    const auto write = [&](uservoice::LogLevel level, std::string_view line) {
        lines += std::to_string(static_cast<int>(level)) + ' ' + std::string(line) + '\n';
    };
    const Client quiet = sandbox_client("{\"base_url\":\"" + sandbox("USERVOICE_SANDBOX_URL")
                                        + "\",\"max_retries\":0,\"prefetch_pages\":1}");
    Client client = quiet.with_log(uservoice::LogLevel::info, write);
    client.get("/api/v1/suggestions/1", {{"page", "secret-value"}});
    CHECK(contains(lines, "2 method=GET path=/api/v1/suggestions/1?page status=200"));
    CHECK(!contains(lines, "secret-value"));

    const Client warned = client.with_log(uservoice::LogLevel::warning, write);
    lines.clear();
    quiet.get("/api/v1/suggestions/1");
    warned.get("/api/v1/suggestions/1");
    CHECK(lines.empty());
    fails(Status::application_error, "", [&] { warned.get("/api/v1/forums"); });
    CHECK(contains(lines, "1 method=GET path=/api/v1/forums status=500"));

    auto list = client.collection("/api/v1/users");
    Client clone = client.clone();
    client = client.with_log(uservoice::LogLevel::off, {}); // the first one is freed
    lines.clear();
    client.get("/api/v1/suggestions/1");
    CHECK(lines.empty());
    clone.get("/api/v1/suggestions/1");
    CHECK(contains(lines, "path=/api/v1/suggestions/1 "));
    CHECK(list.next());
    CHECK(contains(lines, "path=/api/v1/users?per_page"));
    fails(Status::invalid_argument, "", [&] { clone.with_log(uservoice::LogLevel::info, {}); });
    list.close();
}

static void set(const char *name, const std::string &value)
{
    CHECK(setenv(name, value.c_str(), 1) == 0);
}

static void environment()
{
    for (const char *name : {"USERVOICE_SUBDOMAIN", "USERVOICE_API_KEY", "USERVOICE_API_SECRET",
                             "USERVOICE_SSO_KEY", "USERVOICE_BASE_URL", "USERVOICE_CA_FILE"})
        set(name, "");
    fails(Status::invalid_argument, "USERVOICE_BASE_URL", [] { Client::from_environment(); });
    set("USERVOICE_BASE_URL", sandbox("USERVOICE_SANDBOX_URL"));
    reset_sandbox("{\"path\":\"/api/v1/forums\",\"times\":9,\"status\":500}");
    const Client client = Client::from_environment(uservoice::Options().max_retries(0));
    CHECK(contains(client.get("/api/v1/users", {{"per_page", 1}}), "owner@sandbox.example"));
    CHECK(control_client().try_del("/_sandbox/requests"));
    fails(Status::application_error, "", [&] { client.get("/api/v1/forums"); });
    CHECK(requests_seen() == 1);

    set("USERVOICE_SUBDOMAIN", "acme");
    fails(Status::invalid_argument, "USERVOICE_API_KEY", [] { Client::from_environment(); });
    set("USERVOICE_API_KEY", "a");
    set("USERVOICE_API_SECRET", "b");
    set("USERVOICE_SSO_KEY", "c");
    set("USERVOICE_CA_FILE", "no-such-file");
    const auto read = uservoice::Environment::read();
    CHECK(!read.sandbox && read.subdomain == "acme" && read.api_key == "a" && read.api_secret == "b");
    CHECK(read.sso_key == "c" && read.ca_file == "no-such-file");
    fails(Status::invalid_argument, "no-such-file", [] { Client::from_environment(); });
}

int main()
{
    CHECK(version_length_elsewhere() == uservoice::version().size());
    CHECK(!uservoice::version_mismatch());
    calls();
    errors();
    results();
    nul_characters();
    copies_of_arguments_are_wiped();
    closed();
    threads();
    forked();
    cancelling();
    logging();
    environment();
}
