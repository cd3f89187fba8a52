#include "examples.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

static void users_and_forum(const uservoice::Client &client)
{
    // [recipe-users]
    try {
        uservoice::Collection users = client.collection("/api/v1/users"); // needs a trusted key
        std::cout << "The site has " << users.length() << " users.\n";
        for (std::size_t index = 0; index < std::min<std::size_t>(users.length(), 3); ++index)
            std::cout << value(users.at(index), "/name") << ' ' << value(users.at(index), "/url") << '\n';

        uservoice::Client jo = client.as(client.login_as("jo@example.com")); // a regular user
        std::string json = jo.get("/api/v1/users/current");
        std::cout << value(json, "/user/name") << ' ' << value(json, "/user/url") << '\n';

        uservoice::Client owner = client.as(client.login_as_owner());
        json = owner.post("/api/v1/forums",
                          {{"forum",
                            {{"name", "Private feedback"},
                             {"private", true},
                             {"allow_by_email_domain", true},
                             {"allowed_email_domains",
                              uservoice::Json(R"([{"domain":"example.com"}])")}}}});
        std::cout << value(json, "/forum/name") << ' ' << value(json, "/forum/url") << '\n';
    } catch (const uservoice::Error &error) {
        // Status::unauthorized: a wrong key, one that is not trusted, or not an admin.
        // Status::not_found: no such record.
        std::cerr << error.what() << '\n';
    }
    // [end]
}

static void verify_user(const char *url)
{
    // [recipe-verify]
    uservoice::Client client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                             uservoice::Options()
                                 .base_url(url)
                                 .callback("http://localhost:3000/")); // your site
    uservoice::Token request_token = client.request_token();
    std::cout << "1. Go to " << client.authorize_url(request_token) << " and allow access.\n"
              << "2. Type the oauth_verifier that UserVoice passed to your site:" << std::endl;
    std::string verifier;
    std::getline(std::cin, verifier);
    uservoice::Client user = client.as(client.login_with_verifier(request_token, verifier));
    std::string json = user.get("/api/v1/users/current");
    std::cout << value(json, "/user/name") << " has the address " << value(json, "/user/email")
              << '\n';
    // [end]
}

static void attachment(const uservoice::Client &client)
{
    // [recipe-attachment]
    // Or login_with_password(email, password).
    uservoice::Client admin = client.as(client.login_with_client_credentials());
    std::ifstream file("screen.png", std::ios::binary);
    try {
        std::string json = admin.upload("/api/v2/admin/attachments", "screen.png", file);
        std::cout << value(json, "/attachments/0/file_name") << '\n';
    } catch (const uservoice::Error &error) {
        if (error.status() == uservoice::Status::rate_limited && error.retry_after())
            std::cout << "The rate limit is reset in " << error.retry_after()->count() << " ms.\n";
        else
            std::cout << error.what() << '\n';
    }
    // [end]
}

void recipes(const uservoice::Client &client)
{
    users_and_forum(client);
    verify_user(std::getenv("USERVOICE_BASE_URL"));
    attachment(client);
}
