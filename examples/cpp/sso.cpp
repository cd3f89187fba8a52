// Single sign-on: prints a link that logs a user in at UserVoice.
//
//     sso [--token] [USER-JSON]      prints the link, or with --token the token
//     sso --decrypt [TOKEN]          prints the user of a token
//
// USER-JSON or TOKEN is read from standard input by default. Needs the SSO key only; sends
// nothing.
#include "site.hpp"

#include <iostream>
#include <iterator>
#include <string>

static std::string read_input()
{
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    text.erase(text.find_last_not_of("\r\n") + 1);
    return text;
}

int main(int argc, char **argv)
try {
    const std::string option = argc > 1 && std::string_view(argv[1]).substr(0, 2) == "--" ? argv[1] : "";
    const int first = option.empty() ? 1 : 2;
    const bool known = option.empty() || option == "--token" || option == "--decrypt";
    if (!known || argc > first + 1) {
        std::cerr << "usage: sso [--token] [USER-JSON]\n       sso --decrypt [TOKEN]\n";
        return 2;
    }
    const auto site = Site::from_environment();
    if (site.sso_key.empty()) {
        std::cerr << "USERVOICE_SSO_KEY must be set too.\n";
        return 2;
    }
    const std::string input = argc > first ? argv[first] : read_input();
    if (option == "--decrypt") {
        std::cout << uservoice::sso_decrypt(site.subdomain, site.sso_key, input) << '\n';
    } else {
        // Valid for five minutes, unless the user has "expires".
        const std::string token = uservoice::sso_token(site.subdomain, site.sso_key, input);
        std::cout << (option == "--token" ? token : site.url + "/?sso=" + token) << '\n';
    }
    return std::cout.flush() ? 0 : 1;
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return 1;
}
