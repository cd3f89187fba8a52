// Runs all examples of the documentation against the sandbox.
#include "examples.hpp"

#include <cstdlib>

static void clients(const std::string &url)
{
    using namespace std::chrono_literals;
    {
        // [client]
        uservoice::Client client("acme", "API-KEY", "API-SECRET",
                                 uservoice::Options().timeout(5s).user_agent("MyApp/1.0"));
        // [end]
    }
    // [public]
    // Without an API secret, requests are unsigned and read public data only.
    uservoice::Client visitor("sandbox", "sandbox-trusted-key", std::nullopt,
                              uservoice::Options().base_url(url));
    // [end]
    visitor.get("/api/v1/forums/1");
}

int main()
try {
    const char *url = std::getenv("USERVOICE_BASE_URL");
    if (url == nullptr)
        throw std::runtime_error("USERVOICE_BASE_URL is not set");
    clients(url);
    uservoice::Client client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                             uservoice::Options().base_url(url));
    requests(client);
    collections(client);
    single_sign_on(client);
    webhooks();
    logins(client);
    admin(client);
    errors(client);
    recipes(client);
    threads(client);
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
