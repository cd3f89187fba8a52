// Runs the lines of docs/reference/api in C++, see calls.py.
#include <uservoice.hpp>

#include <cstdlib>
#include <iostream>
#include <sstream>

static void check(const std::string &json)
{
    if (json.empty())
        throw std::runtime_error("no response");
}

static void check(uservoice::Collection &records)
{
    for (auto &&json : records)
        return check(json);
    throw std::runtime_error("no records");
}

int main()
try {
    const char *url = std::getenv("USERVOICE_BASE_URL");
    uservoice::Client client(
        "sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
        uservoice::Options().base_url(url != nullptr ? url : "").prefetch_pages(0));
    std::istringstream file("...");
    // [calls]
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
