#include <cstdlib>
#include <iostream>
#include <uservoice.hpp>

int main()
try {
    // The URL of the sandbox. A real site needs no options.
    const char *url = std::getenv("USERVOICE_BASE_URL");
    uservoice::Client client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                             uservoice::Options().base_url(url != nullptr ? url : ""));

    for (auto &&record : client.collection("/api/v1/forums/1/suggestions", {}, 3))
        std::cout << record << '\n'; // a suggestion as JSON, unchanged
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
