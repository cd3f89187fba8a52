// The examples of the documentation, one after the other, against the sandbox.
#include "examples.hpp"

static void clients()
{
    using namespace std::chrono_literals;
    {
        // [client]
        uservoice::Client client("acme", "API-KEY", "API-SECRET",
                                 uservoice::Options().timeout(5s).user_agent("MyApp/1.0"));
        // [end]
    }
    const std::string url = uservoice::Environment::read().base_url.value();
    // [public]
    // No secret: the calls are not signed, and see what is public.
    uservoice::Client visitor("sandbox", "sandbox-trusted-key", std::nullopt,
                              uservoice::Options().base_url(url));
    // [end]
    visitor.get("/api/v1/forums/1");
}

int main()
try {
    clients();
    uservoice::Client client = uservoice::Client::from_environment();
    calls(client);
    lists(client);
    single_sign_on(client);
    web_hooks();
    logins(client);
    admin(client);
    errors(client);
    threads(client);
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
