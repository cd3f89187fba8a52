// Single sign-on, tokens, acting users and the three-legged login.
#include "check.hpp"

#include <sstream>

using namespace std::chrono_literals;
using uservoice::Client;
using uservoice::Json;
using uservoice::Status;
using uservoice::Token;

// Tokens and clients cannot be printed by accident.
template <class T, class = void> struct Prints : std::false_type {};
template <class T>
struct Prints<T, std::void_t<decltype(std::declval<std::ostream &>() << std::declval<const T &>())>>
    : std::true_type {};
static_assert(Prints<std::string>::value && !Prints<Token>::value && !Prints<Client>::value);
// value() of a temporary token would dangle.
template <class T, class = void> struct HasValue : std::false_type {};
template <class T>
struct HasValue<T, std::void_t<decltype(std::declval<T>().value())>> : std::true_type {};
static_assert(HasValue<Token &>::value && !HasValue<Token>::value);

static void sso_token_can_be_decrypted()
{
    const std::string text = "{\"guid\":\"1\",\"expires\":\"2030-01-01 00:00:00\"}";
    const std::string token = uservoice::sso_token("acme", "key", text);
    CHECK_EQUAL(uservoice::sso_decrypt("acme", "key", token), text);
    const Json user{{"guid", "2"}, {"display_name", "Zoë \"Z\""}};
    for (const std::chrono::seconds valid_for : {0s, 60s})
        CHECK(contains(
            uservoice::sso_decrypt("acme", "key",
                                   uservoice::sso_token("acme", "key", user, valid_for)),
            "{\"guid\":\"2\",\"display_name\":\"Zoë \\\"Z\\\"\",\"expires\":\"2"));
    CHECK(!contains(token, "guid"));
    check_throws(Status::not_verified, "",
                 [&] { uservoice::sso_decrypt("acme", "another", token); });
    check_throws(Status::invalid_argument, "user",
                 [&] { uservoice::sso_token("acme", "key", "[1]"); });
    check_throws(Status::invalid_argument, "user",
                 [&] { uservoice::sso_token("acme", "key", {}); });
    check_throws(Status::invalid_argument, "valid_for",
                 [&] { uservoice::sso_token("acme", "key", user, -1s); });
}

static void what_does_not_verify_is_an_error_of_its_own()
{
    using uservoice::SignatureVerificationError;
    const auto fails_to_verify = [](const auto &call) {
        try {
            call();
        } catch (const SignatureVerificationError &error) {
            CHECK(error.status() == Status::not_verified && *error.what() != '\0');
            return true;
        } catch (const uservoice::Error &error) {
            CHECK(error.status() != Status::not_verified);
        }
        return false;
    };
    const auto result = uservoice::try_sso_jwt_verify("key", "a.b.c");
    CHECK(fails_to_verify([&] { (void)result.value(); }));
    CHECK(fails_to_verify([] { uservoice::sso_jwt_verify("key", "a.b.c"); }));
    CHECK(fails_to_verify([] { uservoice::sso_decrypt("acme", "key", "token"); }));
    CHECK(fails_to_verify([] { uservoice::webhook_read("key", "event=a&data={}&signature=b"); }));
    CHECK(fails_to_verify([] { uservoice::webhook_verify("key", "{}", "b"); }));
    CHECK(!fails_to_verify([] { uservoice::webhook_verify("", "{}", "b"); }));
    CHECK(!fails_to_verify([] { uservoice::sso_jwt("key", "[]"); }));
}

static void token_can_be_restored()
{
    const Token token("the value", "the secret");
    CHECK(token.value() == "the value" && token.secret() == "the secret");
    Token restored = Token::from_json(token.json());
    CHECK(restored.value() == "the value" && restored.secret() == "the secret");
    restored = Token("another", "");
    CHECK(restored.value() == "another" && restored.secret().empty());
    check_throws(Status::invalid_argument, "token", [] { Token("", "secret"); });
    check_throws(Status::invalid_argument, "", [] { Token::from_json("[]"); });
}

static void requests_act_as_token_user(const Client &client)
{
    const std::string me = "/api/v1/users/current";
    const Client owner = client.as(client.login_as_owner());
    CHECK(contains(owner.get(me), "\"owner@sandbox.example\""));
    const Token token = client.login_as("user2@sandbox.example");
    const Client user = client.as(token);
    CHECK(contains(user.get(me), "\"user2@sandbox.example\""));
    // A clone acts as the same user, and as() replaces the user.
    CHECK(contains(user.clone().get(me), "\"user2@sandbox.example\""));
    CHECK(contains(user.clone("{\"max_retries\":0}").get(me), "\"user2@sandbox.example\""));
    CHECK(contains(owner.as(token).get(me), "\"user2@sandbox.example\""));
    CHECK(contains(owner.as(owner.login_as("user4@sandbox.example")).get(me), "user4@"));
    CHECK(contains(owner.collection("/api/v1/tickets").next().value(), "{"));
    check_throws(Status::unauthorized, "",
                 [&] { (void)user.collection("/api/v1/tickets").next(); });

    // Messages contain neither the token nor a secret.
    const Client unauthorized = client.as(Token("my-token", "my-token-secret"));
    const auto error = catch_error([&] { unauthorized.get(me); });
    CHECK(error.status() == Status::unauthorized);
    for (const auto &secret :
         {std::string("my-token"), sandbox_env("USERVOICE_SANDBOX_API_SECRET")})
        CHECK(!contains(error.what(), secret));
}

// Submits the authorization page as the user would and returns the verifier that it shows.
static std::string allow(const Client &client, const Token &request_token)
{
    const std::string url = client.authorize_url(request_token);
    CHECK(contains(url, "/oauth/authorize?oauth_token=" + std::string(request_token.value())));
    const std::string page = run_command(
        curl + "--data oauth_token=" + std::string(request_token.value())
        + " --data decision=allow --data email=user1@sandbox.example '"
        + sandbox_env("USERVOICE_SANDBOX_URL") + "/oauth/authorize'");
    return extract_between(page, "<code id=\"verifier\">", "<");
}

static void three_legged_login_with_verifier(const Client &client)
{
    const Token request_token = client.request_token();
    const std::string stored = request_token.json();
    const std::string verifier = allow(client, request_token);
    check_throws(Status::unauthorized, "",
                 [&] { (void)client.login_with_verifier(request_token, "wrong"); });
    // Another client finishes the login.
    const Client other = sandbox_client();
    const Token token = other.login_with_verifier(Token::from_json(stored), verifier);
    CHECK(contains(other.as(token).get("/api/v1/users/current"), "\"user1@sandbox.example\""));
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    sso_token_can_be_decrypted();
    what_does_not_verify_is_an_error_of_its_own();
    token_can_be_restored();
    requests_act_as_token_user(client);
    three_legged_login_with_verifier(client);
}
