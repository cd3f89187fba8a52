// Compiled with -fno-exceptions -fno-rtti: everything through Result.
#include "check.hpp"

#if USERVOICE_EXCEPTIONS
#error "to be compiled with -fno-exceptions"
#endif

using uservoice::Client;
using uservoice::Status;
using uservoice::Token;

template <class T> static T good(uservoice::Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().what());
        std::exit(1);
    }
    return *std::move(result);
}

static void lists(const Client &client)
{
    auto list = good(client.try_collection("/api/v1/users", {{"per_page", 40}}));
    CHECK(good(list.try_length()) == 250);
    CHECK(contains(good(list.try_at(249)), "{\"id\":250,"));
    CHECK(list.try_at(250).error().status() == Status::invalid_argument);
    CHECK(contains(good(list.try_info()), "\"total_records\":250"));
    CHECK(contains(good(list.try_next_page()).value_or(""), "[{\"id\":1,"));
    int read = 40;
    while (const auto record = good(list.try_next()))
        CHECK(contains(*record, "{\"id\":" + std::to_string(++read) + ","));
    CHECK(read == 250);
    auto no_list = good(client.try_collection("/api/v1/users/1"));
    CHECK(no_list.try_next().error().status() == Status::bad_response);
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    CHECK(contains(good(client.try_get("/api/v1/suggestions/1")), "Dark mode"));
    const auto missing = client.try_get("/api/v1/suggestions/999999");
    CHECK(!missing && missing.error().http_status() == 404);
    CHECK(contains(good(client.try_request("GET", "/api/v1/nothing")), "\"status\":404"));
    lists(client);

    const Client owner = good(client.try_as(good(client.try_login_as_owner())));
    CHECK(good(owner.try_put("/api/v1/suggestions/7", "{\"suggestion\":{\"title\":\"New\"}}")) != "");
    CHECK(good(good(owner.try_clone()).try_del("/api/v1/suggestions/7")) != "");
    CHECK(client.try_login_as(std::string_view("\0", 1)).error().status() == Status::invalid_argument);
    CHECK(!good(client.try_login_as("user2@sandbox.example")).try_json()->empty());

    const Token asked = good(client.try_request_token());
    CHECK(contains(good(client.try_authorize_url(asked)), asked.value()));
    CHECK(client.try_login_with_verifier(asked, "wrong").error().status() == Status::unauthorized);
    const Token restored = good(Token::try_from_json(good(asked.try_json())));
    CHECK(restored.value() == asked.value());
    CHECK(!Token::try_make("", "").has_value());

    const std::string token = good(uservoice::try_sso_token("acme", "key", {{"guid", "1"}}));
    CHECK(contains(good(uservoice::try_sso_decrypt("acme", "key", token)), "\"guid\""));
    const std::string jwt = good(uservoice::try_sso_jwt("key", {{"guid", "1"}, {"email", "a@b"}}));
    CHECK(contains(good(uservoice::try_sso_jwt_verify("key", jwt)), "\"guid\""));
    CHECK(!uservoice::try_sso_jwt_verify("another", jwt));
    CHECK(contains(good(client.try_sso_url(jwt)), jwt));
    CHECK(!uservoice::try_webhook_read("key", "event=a&data={}&signature=b"));
    CHECK(!uservoice::try_webhook_verify("key", "{}", "b"));

    const Token bearer = good(client.try_login_with_client_credentials());
    CHECK(!bearer.value().empty() && bearer.secret().empty());
    CHECK(client.try_login_with_password("owner@sandbox.example", "a guess").error().status()
          == Status::unauthorized);
    const auto code = good(client.try_authorize_code_url("https://app.example/"));
    CHECK(contains(code.url, code.state));
    CHECK(client.try_login_with_code("no code", code.code_verifier, "https://app.example/")
              .error().status()
          == Status::unauthorized);

    CHECK(!Client::try_make("no such site", "key", "secret"));
    CHECK(Client::try_from_environment().error().status() == Status::invalid_argument);
}
