#include "examples.hpp"

static void store(const uservoice::Client &client, const uservoice::Client &jo)
{
    const uservoice::Token token = client.login_as("jo@example.com");
    // [keep-token]
    const std::string stored = token.json(); // a secret: store it safely

    uservoice::Client again = client.as(uservoice::Token::from_json(stored)); // in any process
    // [end]
    std::cout << (again.get("/api/v1/users/current") == jo.get("/api/v1/users/current")
                      ? "the same user\n"
                      : "another user\n");
}

void logins(const uservoice::Client &client)
{
    // [act-as]
    uservoice::Client jo = client.as(client.login_as("jo@example.com"));
    std::string response = jo.get("/api/v1/users/current");
    // [end]
    std::cout << value(response, "/user/email") << '\n';
    store(client, jo);

    std::string verifier;
    // [three-legged-begin]
    uservoice::Token request_token = client.request_token();
    const std::string stored = request_token.json();
    std::cout << "Please allow it at " << client.authorize_url(request_token) << std::endl;
    // [end]
    std::getline(std::cin, verifier);

    // [three-legged-finish]
    uservoice::Client user = client.as(
        client.login_with_verifier(uservoice::Token::from_json(stored), verifier));
    // [end]
    response = user.get("/api/v1/users/current");
    std::cout << value(response, "/user/email") << '\n';
}

void admin(const uservoice::Client &client)
{
    // [admin-credentials]
    // The token is refreshed when it expires.
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
    std::cout << value(page, "/forums/0/name") << '\n';

    // [export]
    auto options = uservoice::ExportOptions().resource("forums").resource("users");
    auto backup = owner.open_export("backup", options);
    while (auto progress = backup.next())
        std::cout << progress->written << " of " << progress->total.value_or(0) << '\n';
    // [end]

    // [admin-password]
    uservoice::Client user = client.as(
        client.login_with_password("owner@sandbox.example", "sandbox-password"));
    std::string response = user.get("/api/v2/admin/users/current");
    // [end]
    std::cout << value(response, "/users/0/email_address") << '\n';

    // [admin-code-begin]
    // Store the state and the code verifier, which are secrets, until the user returns.
    const uservoice::AuthorizationRequest request = client.authorize_code_url("https://app.example/back");
    std::cout << "Please sign in at " << request.url << std::endl;
    // [end]
    std::string code, state;
    std::getline(std::cin, code);
    std::getline(std::cin, state);

    // [admin-code-finish]
    if (state != request.state)
        throw std::runtime_error("the state does not match");
    uservoice::Client signed_in = client.as(
        client.login_with_code(code, request.code_verifier, "https://app.example/back"));
    // [end]
    response = signed_in.get("/api/v2/admin/users/current");
    std::cout << value(response, "/users/0/email_address") << '\n';

    // [ideas-list]
    int count = 0;
    for (const std::string &idea : client.collection("/api/end_users/forums/1/ideas", {}, 3))
        count += idea.empty() ? 0 : 1; // {"id":...,"title":...,"text":...}
    // [end]
    std::cout << count << " ideas\n";

    // [ideas-vote]
    std::string idea = signed_in.post("/api/end_users/forums/1/ideas",
                                      {{"suggestion", uservoice::Json{{"title", "Tea"}}}});
    signed_in.post("/api/end_users/forums/1/ideas/1/vote");
    signed_in.del("/api/end_users/forums/1/ideas/1/vote");
    // [end]
    std::cout << value(idea, "/title") << '\n';
}
