#include <iostream>
#include <uservoice.hpp>

int main()
try {
    // The sandbox, as USERVOICE_BASE_URL says. For a site of yours:
    // uservoice::Client client("acme", "API-KEY", "API-SECRET");
    uservoice::Client client = uservoice::Client::from_environment();

    for (auto &&record : client.collection("/api/v1/forums/1/suggestions", {}, 3))
        std::cout << record << '\n'; // a suggestion as JSON, as the service sent it
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
