// Single sign-on, tokens, acting as somebody, and the three-legged login.
#include "check.hpp"

#include <sstream>

using namespace std::chrono_literals;
using uservoice::Client;
using uservoice::Json;
using uservoice::Status;
using uservoice::Token;

// Nothing prints a token or a client by accident.
template <class T, class = void> struct Prints : std::false_type {};
template <class T>
struct Prints<T, std::void_t<decltype(std::declval<std::ostream &>() << std::declval<const T &>())>>
    : std::true_type {};
static_assert(Prints<std::string>::value && !Prints<Token>::value && !Prints<Client>::value);
// A view of a token that is gone at once would dangle.
template <class T, class = void> struct HasValue : std::false_type {};
template <class T>
struct HasValue<T, std::void_t<decltype(std::declval<T>().value())>> : std::true_type {};
static_assert(HasValue<Token &>::value && !HasValue<Token>::value);

static void single_sign_on()
{
    const std::string text = "{\"guid\":\"1\",\"expires\":\"2030-01-01 00:00:00\"}";
    const std::string token = uservoice::sso_token("acme", "key", text);
    EQUAL(uservoice::sso_decrypt("acme", "key", token), text);
    const Json user{{"guid", "2"}, {"display_name", "Zoë \"Z\""}};
    for (const std::chrono::seconds valid_for : {0s, 60s})
        CHECK(contains(
            uservoice::sso_decrypt("acme", "key",
                                   uservoice::sso_token("acme", "key", user, valid_for)),
            "{\"guid\":\"2\",\"display_name\":\"Zoë \\\"Z\\\"\",\"expires\":\"2"));
    CHECK(!contains(token, "guid"));
    fails(Status::invalid_argument, "", [&] { uservoice::sso_decrypt("acme", "another", token); });
    fails(Status::invalid_argument, "user", [&] { uservoice::sso_token("acme", "key", "[1]"); });
    fails(Status::invalid_argument, "user", [&] { uservoice::sso_token("acme", "key", {}); });
    fails(Status::invalid_argument, "valid_for",
          [&] { uservoice::sso_token("acme", "key", user, -1s); });
}

static void tokens()
{
    const Token token("the value", "the secret");
    CHECK(token.value() == "the value" && token.secret() == "the secret");
    Token restored = Token::from_json(token.json());
    CHECK(restored.value() == "the value" && restored.secret() == "the secret");
    restored = Token("another", "");
    CHECK(restored.value() == "another" && restored.secret().empty());
    fails(Status::invalid_argument, "token", [] { Token("", "secret"); });
    fails(Status::invalid_argument, "", [] { Token::from_json("[]"); });
}

static void acting(const Client &client)
{
    const std::string me = "/api/v1/users/current";
    const Client owner = client.as(client.login_as_owner());
    CHECK(contains(owner.get(me), "\"owner@sandbox.example\""));
    const Token token = client.login_as("user2@sandbox.example");
    const Client user = client.as(token);
    CHECK(contains(user.get(me), "\"user2@sandbox.example\""));
    // A clone acts for the same user, and somebody else's place can be taken.
    CHECK(contains(user.clone().get(me), "\"user2@sandbox.example\""));
    CHECK(contains(user.clone("{\"max_retries\":0}").get(me), "\"user2@sandbox.example\""));
    CHECK(contains(owner.as(token).get(me), "\"user2@sandbox.example\""));
    CHECK(contains(owner.as(owner.login_as("user4@sandbox.example")).get(me), "user4@"));
    CHECK(contains(owner.collection("/api/v1/tickets").next().value(), "{"));
    fails(Status::unauthorized, "", [&] { (void)user.collection("/api/v1/tickets").next(); });

    // What is said about a failure has neither the token nor a secret in it.
    const Client stranger = client.as(Token("my-token", "my-token-secret"));
    const auto error = error_of([&] { stranger.get(me); });
    CHECK(error.status() == Status::unauthorized);
    for (const auto &secret : {std::string("my-token"), sandbox("USERVOICE_SANDBOX_API_SECRET")})
        CHECK(!contains(error.what(), secret));
}

// The person, who clicks "Allow" and reads the verifier on the page.
static std::string allow(const Client &client, const Token &request_token)
{
    const std::string url = client.authorize_url(request_token);
    CHECK(contains(url, "/oauth/authorize?oauth_token=" + std::string(request_token.value())));
    const std::string page
        = printed_by(curl + "--data oauth_token=" + std::string(request_token.value())
                     + " --data decision=allow --data email=user1@sandbox.example '"
                     + sandbox("USERVOICE_SANDBOX_URL") + "/oauth/authorize'");
    return between(page, "<code id=\"verifier\">", "<");
}

static void three_legged(const Client &client)
{
    const Token asked = client.request_token();
    const std::string kept = asked.json();
    const std::string verifier = allow(client, asked);
    fails(Status::unauthorized, "", [&] { (void)client.login_with_verifier(asked, "wrong"); });
    // Another process may finish what this one began.
    const Client later = sandbox_client();
    const Token token = later.login_with_verifier(Token::from_json(kept), verifier);
    CHECK(contains(later.as(token).get("/api/v1/users/current"), "\"user1@sandbox.example\""));
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    single_sign_on();
    tokens();
    acting(client);
    three_legged(client);
}
