// The Admin API (v2): OAuth 2 logins, lists by cursor, JSON Web Tokens and web hooks.
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

static void the_key_acts_as_the_owner(const Client &client)
{
    const Token token = client.login_with_client_credentials();
    CHECK(!token.value().empty() && token.secret().empty());
    const Client owner = client.as(token);
    CHECK(contains(owner.get(me), "\"is_owner\":true"));
    CHECK(contains(token.json(), token.value()));
    CHECK(!contains(token.json(), sandbox("USERVOICE_SANDBOX_API_SECRET")));

    // It renews itself when the service ends it, and so does one that was kept.
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

    const Client untrusted("sandbox", sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_KEY"),
                           sandbox("USERVOICE_SANDBOX_UNTRUSTED_API_SECRET"), sandbox_options());
    fails(Status::unauthorized, "", [&] { (void)untrusted.login_with_client_credentials(); });
}

static void a_password_is_not_kept(const Client &client)
{
    const auto password = sandbox("USERVOICE_SANDBOX_PASSWORD");
    const Token token = client.login_with_password("user1@sandbox.example", password);
    const Client admin = client.as(token);
    CHECK(contains(admin.get(me), "\"user1@sandbox.example\""));
    CHECK(!contains(token.json(), password));
    expire_tokens();
    fails(Status::unauthorized, "", [&] { admin.get(me); });
    const auto error
        = error_of([&] { (void)client.login_with_password("user1@sandbox.example", "a guess"); });
    CHECK(error.status() == Status::unauthorized && !contains(error.what(), "a guess"));
    fails(Status::invalid_argument, "password",
          [&] { (void)client.login_with_password("user1@sandbox.example", ""); });
}

// The person, who signs in on the page. Its form sends what the URL asks for, and gives
// where the person is sent back to.
static std::string sign_in(const std::string &url)
{
    CHECK(contains(printed_by(curl + '\'' + url + '\''), "name=\"password\""));
    const auto query = url.find('?');
    return printed_by(curl + "--output /dev/null --write-out '%{redirect_url}' --data '"
                      + url.substr(query + 1) + "' --data decision=allow"
                      + " --data email=user1@sandbox.example --data password="
                      + sandbox("USERVOICE_SANDBOX_PASSWORD") + " '" + url.substr(0, query) + '\'');
}

static void a_person_allows_a_program()
{
    const std::string app = "https://app.example/back?from=uservoice";
    // One that has no secret.
    const Client client("sandbox", sandbox("USERVOICE_SANDBOX_API_KEY"), std::nullopt,
                        sandbox_options());
    const auto asked = client.authorize_code_url(app, "a state");
    EQUAL(asked.state, "a state");
    CHECK(contains(asked.url, "/api/v2/oauth/auth?client_id=")
          && contains(asked.url, "&state=a%20state&"));
    CHECK(asked.code_verifier.size() == 43 && !contains(asked.url, asked.code_verifier));

    const auto another = client.authorize_code_url(app);
    CHECK(another.code_verifier != asked.code_verifier && another.state.size() == 43);
    const std::string back = sign_in(another.url) + '&';
    CHECK(contains(back, app + "&state=" + another.state + '&'));
    const std::string code = between(back, "&code=", "&");
    const Token token = client.login_with_code(code, another.code_verifier, app);
    CHECK(contains(client.as(token).get(me), "\"user1@sandbox.example\""));
    // A code is good for one login.
    fails(Status::unauthorized, "",
          [&] { (void)client.login_with_code(code, another.code_verifier, app); });

    const std::string second = between(sign_in(asked.url) + '&', "&code=", "&");
    fails(Status::unauthorized, "",
          [&] { (void)client.login_with_code(second, another.code_verifier, app); });
    fails(Status::invalid_argument, "redirect_uri", [&] { client.authorize_code_url(""); });
    fails(Status::invalid_argument, "state",
          [&] { client.authorize_code_url(app, std::string_view("\0", 1)); });
}

static void lists_are_read_by_cursor(const Client &client, const char *options)
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

    // A cursor is where a list can begin.
    auto first = owner.clone(uservoice::Options().prefetch_pages(0))
                     .collection("/api/v2/admin/suggestions", {{"sort", "-id"}, {"per_page", 20}});
    CHECK(first.next_page());
    auto rest = owner.collection("/api/v2/admin/suggestions",
                                 {{"sort", "-id"},
                                  {"per_page", 20},
                                  {"cursor", between(first.info(), "\"cursor\":\"", "\"")}});
    CHECK(contains(rest.next().value(), "\"id\":1481,"));
}

static void whole_pages_have_what_stands_beside(const Client &client)
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

static void mistakes_keep_their_body(const Client &client)
{
    const Client owner = client.as(client.login_with_client_credentials());
    const auto error = error_of([&] { owner.post("/api/v2/admin/suggestions"); });
    CHECK(error.status() == Status::api_error && error.http_status() == 422);
    CHECK(contains(error.body().value(), "\"links\":{\"forum\":\"int\"}"));
}

static void the_site_takes_our_jwt(const Client &client)
{
    const auto key = sandbox("USERVOICE_SANDBOX_SSO_KEY");
    const Json user{{"guid", "7"}, {"email", "zoe@example.com"}};
    const std::string jwt = uservoice::sso_jwt(key, user);
    CHECK(contains(uservoice::sso_jwt_verify(key, jwt),
                   "{\"guid\":\"7\",\"email\":\"zoe@example.com\",\"exp\":"));
    const std::string url = client.sso_url(jwt);
    CHECK(contains(url, "/?sso=" + jwt));
    CHECK(contains(printed_by(curl + '\'' + url + '\''), "zoe@example.com"));
    CHECK(contains(client.sso_url(jwt, "/forums/1?a=b"), "/forums/1?a=b&sso=" + jwt));
    fails(Status::invalid_argument, "return_path", [&] { client.sso_url(jwt, "forums"); });

    fails(Status::invalid_argument, "", [&] { uservoice::sso_jwt_verify("another", jwt); });
    const std::string ended
        = uservoice::sso_jwt(key, "{\"guid\":\"7\",\"email\":\"a@b\",\"exp\":1}");
    fails(Status::invalid_argument, "", [&] { uservoice::sso_jwt_verify(key, ended); });
    CHECK(contains(uservoice::sso_jwt_verify(key, ended, 800000h), "\"exp\":1"));
    fails(Status::invalid_argument, "valid_for", [&] { uservoice::sso_jwt(key, user, -1s); });
    fails(Status::invalid_argument, "user", [&] { uservoice::sso_jwt(key, {}); });
}

// Signed with Python's hmac, key "sandbox-sso-key".
static void web_hooks_are_read()
{
    const std::string key = "sandbox-sso-key", data = "{\"suggestion\":{\"id\":1}}";
    const std::string signature
        = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";
    uservoice::webhook_verify(key, data, signature);
    CHECK(uservoice::try_webhook_verify(key, data, signature));
    const auto refused = Status::invalid_argument;
    for (const std::string &forged : {data + ' ', data + '\0', std::string()})
        fails(refused, "signature", [&] { uservoice::webhook_verify(key, forged, signature); });
    fails(refused, "signature", [&] { uservoice::webhook_verify("another", data, signature); });
    fails(refused, "signature", [&] { uservoice::webhook_verify(key, data, {}); });
    fails(refused, "body", [&] { uservoice::webhook_read(key, {}); });

    const std::string rest
        = "&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D&signature=" + signature;
    const auto read = uservoice::webhook_read(key, "event=new_suggestion" + rest);
    EQUAL(read.event, "new_suggestion");
    EQUAL(read.data, data);
    // Whatever somebody calls the event.
    const auto odd
        = uservoice::webhook_read(key, "event=%22%5C%2F%08%0C%0A%0D%09%00%1f%7fZo%C3%AB" + rest);
    EQUAL(odd.event, std::string("\"\\/\b\f\n\r\t\0\x1f\x7fZoë", 15));
    EQUAL(odd.data, data);
    EQUAL(uservoice::webhook_read(key, "event=" + rest).event, "");
}

// A server that web hooks are sent to.
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

    // The body of the next request.
    std::string receive() const
    {
        const int connection = accept(listener_, nullptr, nullptr);
        CHECK(connection != -1);
        std::string request;
        const auto more = [&] {
            char part[4096];
            const auto got = read(connection, part, sizeof part);
            CHECK(got > 0);
            request.append(part, static_cast<std::size_t>(got));
        };
        while (!contains(request, "\r\n\r\n"))
            more();
        const auto body = request.find("\r\n\r\n") + 4;
        const auto length = std::stoul(between(request, "\r\ncontent-length: ", "\r\n"));
        while (request.size() < body + length)
            more();
        const std::string_view answer
            = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        CHECK(write(connection, answer.data(), answer.size()) != -1);
        close(connection);
        return request.substr(body);
    }

  private:
    sockaddr *address() { return reinterpret_cast<sockaddr *>(&address_); }

    int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

// A sandbox that sends web hooks to `hook`, until this program ends. Gives its URL.
static std::string start_sandbox(const char *program, const std::string &hook)
{
    int out[2];
    CHECK(pipe(out) == 0);
    const pid_t child = fork();
    CHECK(child != -1);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(out[1], STDOUT_FILENO);
        execl(program, program, "--port", "0", "--json", "--quiet", "--webhook-url", hook.c_str(),
              nullptr);
        _exit(127);
    }
    close(out[1]);
    std::string line;
    for (char c = 0; c != '\n'; line += c)
        CHECK(read(out[0], &c, 1) == 1);
    close(out[0]);
    return between(line, "\"url\":\"", "\"");
}

static void web_hooks_arrive(const char *program)
{
    const auto key = sandbox("USERVOICE_SANDBOX_SSO_KEY");
    const Receiver receiver;
    const Client client = sandbox_client(
        uservoice::Options().base_url(start_sandbox(program, receiver.url())));
    client.as(client.login_with_client_credentials())
        .post("/api/v2/admin/suggestions",
              {{"title", "Tea & \"cake\" 🍵"}, {"links", Json{{"forum", 1}}}});
    std::string body = receiver.receive();
    const auto hook = uservoice::webhook_read(key, body);
    EQUAL(hook.event, "new_suggestion");
    CHECK(hook.data.front() == '{' && contains(hook.data, "\"Tea & \\\"cake\\\" 🍵\""));
    CHECK(hook.data.back() == '}');

    const auto at = body.find("Tea");
    CHECK(at != std::string::npos);
    fails(Status::invalid_argument, "signature",
          [&] { uservoice::webhook_read(key, body.replace(at, 3, "Gin")); });
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    reset_sandbox();
    const Client client = sandbox_client();
    the_key_acts_as_the_owner(client);
    a_password_is_not_kept(client);
    a_person_allows_a_program();
    lists_are_read_by_cursor(client, "{}");
    lists_are_read_by_cursor(client, "{\"prefetch_pages\":0,\"per_page\":50}");
    whole_pages_have_what_stands_beside(client);
    mistakes_keep_their_body(client);
    the_site_takes_our_jwt(client);
    web_hooks_are_read();
    web_hooks_arrive(argv[1]);
}
