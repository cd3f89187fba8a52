// Compiled with -fno-exceptions -fno-rtti: every function that returns a Result.
#include "check.hpp"

#if USERVOICE_EXCEPTIONS
#error "compile with -fno-exceptions"
#endif

using uservoice::Client;
using uservoice::Status;
using uservoice::Token;

// Returns the value of a result, which must succeed.
template <class T> static T value_of(uservoice::Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().what());
        std::exit(1);
    }
    return *std::move(result);
}

static void collection_returns_results(const Client &client)
{
    auto list = value_of(client.try_collection("/api/v1/users", {{"per_page", 40}}));
    CHECK(value_of(list.try_length()) == 250);
    CHECK(contains(value_of(list.try_at(249)), "{\"id\":250,"));
    CHECK(list.try_at(250).error().status() == Status::invalid_argument);
    CHECK(contains(value_of(list.try_info()), "\"total_records\":250"));
    CHECK(contains(value_of(list.try_next_page()).value_or(""), "[{\"id\":1,"));
    int read = 40;
    while (const auto record = value_of(list.try_next()))
        CHECK(contains(*record, "{\"id\":" + std::to_string(++read) + ","));
    CHECK(read == 250);
    auto not_a_list = value_of(client.try_collection("/api/v1/users/1"));
    CHECK(not_a_list.try_next().error().status() == Status::bad_response);
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    CHECK(contains(value_of(client.try_get("/api/v1/suggestions/1")), "Dark mode"));
    const auto missing = client.try_get("/api/v1/suggestions/999999");
    CHECK(!missing && missing.error().http_status() == 404);
    CHECK(contains(value_of(client.try_request("GET", "/api/v1/nothing")), "\"status\":404"));
    const uservoice::Json headers = {{"Content-Type", "text/plain"}};
    CHECK(contains(value_of(client.try_send("PUT", "/api/v1/nothing", headers, "{}")), "\"status\":4"));
    CHECK(client.try_upload("/api/v1/nothing", "a.txt", "a").error().http_status() >= 400);
    collection_returns_results(client);

    const Client owner = value_of(client.try_as(value_of(client.try_login_as_owner())));
    CHECK(value_of(owner.try_put("/api/v1/suggestions/7", "{\"suggestion\":{\"title\":\"New\"}}"))
          != "");
    CHECK(value_of(value_of(owner.try_clone()).try_del("/api/v1/suggestions/7")) != "");
    CHECK(client.try_login_as(std::string_view("\0", 1)).error().status() == Status::invalid_argument);
    CHECK(!value_of(client.try_login_as("user2@sandbox.example")).try_json()->empty());

    const Token request_token = value_of(client.try_request_token());
    CHECK(contains(value_of(client.try_authorize_url(request_token)), request_token.value()));
    CHECK(client.try_login_with_verifier(request_token, "wrong").error().status()
          == Status::unauthorized);
    const Token restored = value_of(Token::try_from_json(value_of(request_token.try_json())));
    CHECK(restored.value() == request_token.value());
    CHECK(!Token::try_create("", "").has_value());

    const std::string token = value_of(uservoice::try_sso_token("acme", "key", {{"guid", "1"}}));
    CHECK(contains(value_of(uservoice::try_sso_decrypt("acme", "key", token)), "\"guid\""));
    const std::string jwt = value_of(
        uservoice::try_sso_jwt("key", {{"guid", "1"}, {"email", "a@b"}}));
    CHECK(contains(value_of(uservoice::try_sso_jwt_verify("key", jwt)), "\"guid\""));
    CHECK(uservoice::try_sso_jwt_verify("another", jwt).error().status() == Status::not_verified);
    CHECK(contains(value_of(client.try_sso_url(jwt)), jwt));
    CHECK(!uservoice::try_webhook_read("key", "event=a&data={}&signature=b"));
    const auto signature = value_of(uservoice::try_webhook_sign("key", "{}"));
    CHECK(uservoice::try_webhook_verify("key", "{}", signature));
    CHECK(uservoice::try_webhook_verify("key", "{}", "b").error().status() == Status::not_verified);
    CHECK(value_of(uservoice::try_json_get("{\"a\":[1]}", "/a/0")) == "1");
    CHECK(!value_of(uservoice::try_json_get("{}", "/a")));
    CHECK(uservoice::try_json_get("{", "").error().argument() == "json");
    CHECK(value_of(uservoice::try_json_quote("a\"b")) == "\"a\\\"b\"");

    const Token bearer = value_of(client.try_login_with_client_credentials());
    CHECK(!bearer.value().empty() && bearer.secret().empty());
    CHECK(client.try_login_with_password("owner@sandbox.example", "a guess").error().status()
          == Status::unauthorized);
    const auto code = value_of(client.try_authorize_code_url("https://app.example/"));
    CHECK(contains(code.url, code.state));
    CHECK(client.try_login_with_code("no code", code.code_verifier, "https://app.example/")
              .error().status()
          == Status::unauthorized);

    CHECK(!Client::try_create("no such site", "key", "secret"));
    CHECK(Client::try_from_environment().error().status() == Status::invalid_argument);
}
