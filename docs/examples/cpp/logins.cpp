#include "examples.hpp"

static void keep(const uservoice::Client &client, const uservoice::Client &jo)
{
    const uservoice::Token token = client.login_as("jo@example.com");
    // [keep-token]
    const std::string kept = token.json(); // a secret, for your store

    uservoice::Client again = client.as(uservoice::Token::from_json(kept)); // in any process
    // [end]
    std::cout << (again.get("/api/v1/users/current") == jo.get("/api/v1/users/current")
                      ? "the same user\n"
                      : "another user\n");
}

void logins(const uservoice::Client &client)
{
    // [act-as]
    uservoice::Client jo = client.as(client.login_as("jo@example.com"));
    std::string answer = jo.get("/api/v1/users/current");
    // [end]
    std::cout << (answer.find("jo@example.com") != answer.npos ? "acting as Jo" : answer) << '\n';
    keep(client, jo);

    std::string verifier;
    // [three-legged-begin]
    uservoice::Token request_token = client.request_token();
    const std::string kept = request_token.json();
    std::cout << "Please allow it at " << client.authorize_url(request_token) << std::endl;
    // [end]
    std::getline(std::cin, verifier);

    // [three-legged-finish]
    uservoice::Client person =
        client.as(client.login_with_verifier(uservoice::Token::from_json(kept), verifier));
    // [end]
    answer = person.get("/api/v1/users/current");
    std::cout << (answer.find("user1@sandbox.example") != answer.npos ? "she allowed it" : answer)
              << '\n';
}

void admin(const uservoice::Client &client)
{
    // [admin-credentials]
    // The token renews itself.
    uservoice::Client owner = client.as(client.login_with_client_credentials());
    auto list = owner.collection("/api/v2/admin/suggestions",
                                 {{"sort", "-id"}, {"updated_after", "2013-01-31T00:00:00Z"}}, 5);
    // [end]
    std::cout << list.length() << " suggestions\n";

    // [admin-includes]
    auto whole = owner.clone(uservoice::Options().whole_pages(true))
                     .collection("/api/v2/admin/suggestions",
                                 {{"includes", uservoice::Value::array({"forums", "users"})}}, 2);
    std::string page = whole.next_page().value(); // {"suggestions":[...],"forums":[...],...}
    // [end]
    std::cout << (page.find("\"forums\":[{") != page.npos ? "with their forums" : page) << '\n';

    // [export]
    auto options = uservoice::ExportOptions().resource("forums").resource("users");
    auto backup = owner.open_export("backup", options);
    while (auto progress = backup.next())
        std::cout << progress->written << " of " << progress->total.value_or(0) << '\n';
    // [end]

    // [admin-password]
    uservoice::Client person =
        client.as(client.login_with_password("owner@sandbox.example", "sandbox-password"));
    std::string answer = person.get("/api/v2/admin/users/current");
    // [end]
    std::cout << (answer.find("owner@sandbox.example") != answer.npos ? "logged in" : answer)
              << '\n';

    // [admin-code-begin]
    // Keep the state and the code verifier, secrets, until they come back.
    const uservoice::CodeRequest asked = client.authorize_code_url("https://app.example/back");
    std::cout << "Please sign in at " << asked.url << std::endl;
    // [end]
    std::string code, state;
    std::getline(std::cin, code);
    std::getline(std::cin, state);

    // [admin-code-finish]
    if (state != asked.state)
        throw std::runtime_error("they do not come from there");
    uservoice::Client signed_in = client.as(
        client.login_with_code(code, asked.code_verifier, "https://app.example/back"));
    // [end]
    answer = signed_in.get("/api/v2/admin/users/current");
    std::cout << (answer.find("owner@sandbox.example") != answer.npos ? "signed in" : answer)
              << '\n';
}
