// The Admin API (v2): OAuth 2 logins, cursors, JSON Web Tokens and webhooks.
// Usage: test_admin SANDBOX-PROGRAM
#include "check.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;
using uservoice::Client;
using uservoice::Json;
using uservoice::Status;
using uservoice::Token;

static const char *const me = "/api/v2/admin/users/current";

static void expire_tokens()
{
    control_client().post("/_sandbox/expire_tokens");
}

static void client_credentials_act_as_owner(const Client &client)
{
    const Token token = client.login_with_client_credentials();
    CHECK(!token.value().empty() && token.secret().empty());
    const Client owner = client.as(token);
    CHECK(contains(owner.get(me), "\"is_owner\":true"));
    CHECK(contains(token.json(), token.value()));
    CHECK(!contains(token.json(), sandbox_env("USERVOICE_SANDBOX_API_SECRET")));

    // It is refreshed when it expires, and so is a restored one.
    const Token restored = Token::from_json(token.json());
    expire_tokens();
    for (const Token *one : {&token, &restored}) {
        const Client acting = client.as(*one);
        CHECK(contains(acting.post("/api/v2/admin/users/find_or_create",
                                   {{"email_address", "user2@sandbox.example"}}),
                       "\"id\":3"));
        CHECK(!contains(one->json(), one->value()));
        CHECK(contains(acting.clone().get(me), "\"is_owner\":true"));
    }

    const Client untrusted("sandbox", sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
                           sandbox_env("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"),
                           sandbox_options());
    check_throws(Status::unauthorized, "",
                 [&] { (void)untrusted.login_with_client_credentials(); });
}

static void password_login_does_not_refresh(const Client &client)
{
    const auto password = sandbox_env("USERVOICE_SANDBOX_PASSWORD");
    const Token token = client.login_with_password("user1@sandbox.example", password);
    const Client admin = client.as(token);
    CHECK(contains(admin.get(me), "\"user1@sandbox.example\""));
    CHECK(!contains(token.json(), password));
    expire_tokens();
    check_throws(Status::unauthorized, "", [&] { admin.get(me); });
    const auto error = catch_error(
        [&] { (void)client.login_with_password("user1@sandbox.example", "a guess"); });
    CHECK(error.status() == Status::unauthorized && !contains(error.what(), "a guess"));
    check_throws(Status::invalid_argument, "password",
                 [&] { (void)client.login_with_password("user1@sandbox.example", ""); });
}

// Submits the login page as a browser would and returns the URL of the redirect.
static std::string sign_in(const std::string &url)
{
    CHECK(contains(run_command(curl + '\'' + url + '\''), "name=\"password\""));
    const auto query = url.find('?');
    return run_command(
        curl + "--output /dev/null --write-out '%{redirect_url}' --data '" + url.substr(query + 1)
        + "' --data decision=allow" + " --data email=user1@sandbox.example --data password="
        + sandbox_env("USERVOICE_SANDBOX_PASSWORD") + " '" + url.substr(0, query) + '\'');
}

static void authorization_code_uses_pkce()
{
    const std::string app = "https://app.example/back?from=uservoice";
    // Without an API secret.
    const Client client("sandbox", sandbox_env("USERVOICE_SANDBOX_API_KEY"), std::nullopt,
                        sandbox_options());
    const auto first = client.authorize_code_url(app, "a state");
    CHECK_EQUAL(first.state, "a state");
    CHECK(contains(first.url, "/api/v2/oauth/auth?client_id=")
          && contains(first.url, "&state=a%20state&"));
    CHECK(first.code_verifier.size() == 43 && !contains(first.url, first.code_verifier));

    const auto second = client.authorize_code_url(app);
    CHECK(second.code_verifier != first.code_verifier && second.state.size() == 43);
    const std::string redirect = sign_in(second.url) + '&';
    CHECK(contains(redirect, app + "&state=" + second.state + '&'));
    const std::string code = extract_between(redirect, "&code=", "&");
    const Token token = client.login_with_code(code, second.code_verifier, app);
    CHECK(contains(client.as(token).get(me), "\"user1@sandbox.example\""));
    // A code is valid for one login.
    check_throws(Status::unauthorized, "",
                 [&] { (void)client.login_with_code(code, second.code_verifier, app); });

    const std::string first_code = extract_between(sign_in(first.url) + '&', "&code=", "&");
    check_throws(Status::unauthorized, "",
                 [&] { (void)client.login_with_code(first_code, second.code_verifier, app); });
    check_throws(Status::invalid_argument, "redirect_uri", [&] { client.authorize_code_url(""); });
    check_throws(Status::invalid_argument, "state",
                 [&] { client.authorize_code_url(app, std::string_view("\0", 1)); });
}

static void collection_follows_cursors(const Client &client, const char *options)
{
    const Client owner = client.as(client.login_with_client_credentials()).clone(options);
    auto list = owner.collection("/api/v2/admin/suggestions", {{"sort", "-id"}});
    CHECK(list.length() == 1501);
    int id = 1501;
    for (auto &&record : list) {
        CHECK(contains(record, "\"id\":" + std::to_string(id) + ','));
        if (--id == 700)
            expire_tokens();
    }
    CHECK(id == 0);
    CHECK(contains(list.at(1500), "\"id\":1,"));

    // A collection can start at a cursor.
    auto first = owner.clone(uservoice::Options().prefetch_pages(0))
                     .collection("/api/v2/admin/suggestions", {{"sort", "-id"}, {"per_page", 20}});
    CHECK(first.next_page());
    auto rest = owner.collection(
        "/api/v2/admin/suggestions",
        {{"sort", "-id"},
         {"per_page", 20},
         {"cursor", extract_between(first.info(), "\"cursor\":\"", "\"")}});
    CHECK(contains(rest.next().value(), "\"id\":1481,"));
}

static void whole_pages_include_sideloaded_records(const Client &client)
{
    const Client owner = client.as(client.login_with_client_credentials())
                             .clone(uservoice::Options().whole_pages(true).per_page(20));
    auto list = owner.collection("/api/v2/admin/suggestions",
                                 {{"includes", uservoice::Value::array({"forums", "users"})}}, 40);
    int pages = 0;
    while (const auto page = list.next_page()) {
        pages++;
        for (const char *part : {"{\"suggestions\":[{", "\"forums\":[{", "\"users\":[{"})
            CHECK(contains(*page, part));
    }
    CHECK(pages == 2);
}

static void validation_error_keeps_response_body(const Client &client)
{
    const Client owner = client.as(client.login_with_client_credentials());
    const auto error = catch_error([&] { owner.post("/api/v2/admin/suggestions"); });
    CHECK(error.status() == Status::api_error && error.http_status() == 422);
    CHECK(contains(error.body().value(), "\"links\":{\"forum\":\"int\"}"));
}

static void site_accepts_jwt(const Client &client)
{
    const auto key = sandbox_env("USERVOICE_SANDBOX_SSO_KEY");
    const Json user{{"guid", "7"}, {"email", "zoe@example.com"}};
    const std::string jwt = uservoice::sso_jwt(key, user);
    CHECK(contains(uservoice::sso_jwt_verify(key, jwt),
                   "{\"guid\":\"7\",\"email\":\"zoe@example.com\",\"exp\":"));
    const std::string url = client.sso_url(jwt);
    CHECK(contains(url, "/?sso=" + jwt));
    CHECK(contains(run_command(curl + '\'' + url + '\''), "zoe@example.com"));
    CHECK(contains(client.sso_url(jwt, "/forums/1?a=b"), "/forums/1?a=b&sso=" + jwt));
    check_throws(Status::invalid_argument, "return_path", [&] { client.sso_url(jwt, "forums"); });

    check_throws(Status::not_verified, "", [&] { uservoice::sso_jwt_verify("another", jwt); });
    const std::string expired = uservoice::sso_jwt(key,
                                                   "{\"guid\":\"7\",\"email\":\"a@b\",\"exp\":1}");
    check_throws(Status::not_verified, "expired", [&] { uservoice::sso_jwt_verify(key, expired); });
    CHECK(contains(uservoice::sso_jwt_verify(key, expired, 800000h), "\"exp\":1"));
    check_throws(Status::invalid_argument, "valid_for",
                 [&] { uservoice::sso_jwt(key, user, -1s); });
    check_throws(Status::invalid_argument, "user", [&] { uservoice::sso_jwt(key, {}); });
}

// Computed with Python's hmac module, key "sandbox-sso-key".
static void webhook_read_checks_signature()
{
    const std::string key = "sandbox-sso-key", data = "{\"suggestion\":{\"id\":1}}";
    const std::string signature
        = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";
    uservoice::webhook_verify(key, data, signature);
    CHECK(uservoice::try_webhook_verify(key, data, signature));
    CHECK_EQUAL(uservoice::webhook_sign(key, data), signature);
    const auto rejected = Status::not_verified;
    for (const std::string &forged : {data + ' ', data + '\0', std::string()})
        check_throws(rejected, "signature",
                     [&] { uservoice::webhook_verify(key, forged, signature); });
    check_throws(rejected, "signature",
                 [&] { uservoice::webhook_verify("another", data, signature); });
    check_throws(rejected, "signature", [&] { uservoice::webhook_verify(key, data, {}); });
    check_throws(rejected, "webhook body", [&] { uservoice::webhook_read(key, {}); });
    check_throws(Status::invalid_argument, "sso_key",
                 [&] { uservoice::webhook_verify("", data, signature); });

    const std::string rest
        = "&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D&signature=" + signature;
    const auto read = uservoice::webhook_read(key, "event=new_suggestion" + rest);
    CHECK_EQUAL(read.event, "new_suggestion");
    CHECK_EQUAL(read.data, data);
    // The event is not signed and may be any string without U+0000.
    const auto unusual = uservoice::webhook_read(key, "event=%22%5C%2F%08%0C%0A%0D%09%1f%7fZo%C3%AB"
                                                          + rest);
    CHECK_EQUAL(unusual.event, "\"\\/\b\f\n\r\t\x1f\x7fZoë");
    CHECK_EQUAL(unusual.data, data);
    check_throws(rejected, "U+0000", [&] { uservoice::webhook_read(key, "event=a%00b" + rest); });
    // Signed data that are not an object are returned as JSON, too, and unchanged.
    const std::string event = R"(a","data":"b)";
    for (const std::string json :
         {R"("a\"b")", R"( "\u0041\u0000" )", "[1]\n", "null", "1.0", R"({"event":"","data":1})"}) {
        std::string form = "event=" + event + "&data=";
        for (const char c : json) {
            char escaped[4];
            std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
            form += escaped;
        }
        form += "&signature=" + uservoice::webhook_sign(key, json);
        const auto webhook = uservoice::webhook_read(key, form);
        CHECK_EQUAL(webhook.event, event);
        CHECK_EQUAL(webhook.data, json);
    }
    CHECK_EQUAL(uservoice::webhook_read(key, "event=" + rest).event, "");
}

// A server that receives webhooks.
class Receiver {
  public:
    Receiver()
    {
        CHECK(listener_ != -1 && bind(listener_, address(), sizeof address_) == 0);
        socklen_t length = sizeof address_;
        CHECK(listen(listener_, 1) == 0 && getsockname(listener_, address(), &length) == 0);
    }
    Receiver(const Receiver &) = delete;
    Receiver &operator=(const Receiver &) = delete;
    ~Receiver() { close(listener_); }

    std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/hook";
    }

    // Returns the body of the next request.
    std::string receive() const
    {
        const int connection = accept(listener_, nullptr, nullptr);
        CHECK(connection != -1);
        std::string request;
        const auto more = [&] {
            char part[4096];
            const auto received = read(connection, part, sizeof part);
            CHECK(received > 0);
            request.append(part, static_cast<std::size_t>(received));
        };
        while (!contains(request, "\r\n\r\n"))
            more();
        const auto body = request.find("\r\n\r\n") + 4;
        const auto length = std::stoul(extract_between(request, "\r\ncontent-length: ", "\r\n"));
        while (request.size() < body + length)
            more();
        const std::string_view response =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        CHECK(write(connection, response.data(), response.size()) != -1);
        close(connection);
        return request.substr(body);
    }

  private:
    sockaddr *address() { return reinterpret_cast<sockaddr *>(&address_); }

    int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

// Starts a sandbox that sends webhooks to a URL until this program ends. Returns its own URL.
static std::string start_sandbox(const char *program, const std::string &webhook_url)
{
    int out[2];
    CHECK(pipe(out) == 0);
    const pid_t child = fork();
    CHECK(child != -1);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(out[1], STDOUT_FILENO);
        execl(program, program, "--port", "0", "--json", "--quiet", "--webhook-url",
              webhook_url.c_str(), nullptr);
        _exit(127);
    }
    close(out[1]);
    std::string line;
    for (char c = 0; c != '\n'; line += c)
        CHECK(read(out[0], &c, 1) == 1);
    close(out[0]);
    return extract_between(line, "\"url\":\"", "\"");
}

static void webhook_read_accepts_sandbox_webhooks(const char *program)
{
    const auto key = sandbox_env("USERVOICE_SANDBOX_SSO_KEY");
    const Receiver receiver;
    const Client client = sandbox_client(
        uservoice::Options().base_url(start_sandbox(program, receiver.url())));
    client.as(client.login_with_client_credentials())
        .post("/api/v2/admin/suggestions",
              {{"title", "Tea & \"cake\" 🍵"}, {"links", Json{{"forum", 1}}}});
    std::string body = receiver.receive();
    const auto webhook = uservoice::webhook_read(key, body);
    CHECK_EQUAL(webhook.event, "new_suggestion");
    CHECK(webhook.data.front() == '{' && contains(webhook.data, "\"Tea & \\\"cake\\\" 🍵\""));
    CHECK(webhook.data.back() == '}');

    const auto at = body.find("Tea");
    CHECK(at != std::string::npos);
    check_throws(Status::not_verified, "signature",
                 [&] { uservoice::webhook_read(key, body.replace(at, 3, "Gin")); });
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    reset_sandbox();
    const Client client = sandbox_client();
    client_credentials_act_as_owner(client);
    password_login_does_not_refresh(client);
    authorization_code_uses_pkce();
    collection_follows_cursors(client, "{}");
    collection_follows_cursors(client, "{\"prefetch_pages\":0,\"per_page\":50}");
    whole_pages_include_sideloaded_records(client);
    validation_error_keeps_response_body(client);
    site_accepts_jwt(client);
    webhook_read_checks_signature();
    webhook_read_accepts_sandbox_webhooks(argv[1]);
}
