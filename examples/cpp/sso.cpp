// Single sign-on: a link that logs a user of yours in at UserVoice.
//
//     sso [--token] [USER-JSON]      the link, or with --token the token alone
//     sso --decrypt [TOKEN]          the user that a token was made for
//
// USER-JSON or TOKEN is read from standard input where it is not given. Nothing is sent:
// a token is made from the SSO key alone.
#include <uservoice.hpp>

#include <iostream>
#include <iterator>
#include <string>

static std::string read_input()
{
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    text.erase(text.find_last_not_of("\r\n") + 1);
    return text;
}

static std::string link_with(const uservoice::Environment &site, const std::string &token)
{
    const std::string origin = site.base_url.value_or("https://" + site.subdomain + ".uservoice.com");
    return origin + "/?sso=" + token;
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
    const auto site = uservoice::Environment::read();
    if (!site.sso_key) {
        std::cerr << "USERVOICE_SUBDOMAIN is set: USERVOICE_SSO_KEY is needed too.\n";
        return 2;
    }
    const std::string input = argc > first ? argv[first] : read_input();
    if (option == "--decrypt") {
        std::cout << uservoice::sso_decrypt(site.subdomain, *site.sso_key, input) << '\n';
    } else {
        // Good for five minutes, unless the user has an "expires".
        const std::string token = uservoice::sso_token(site.subdomain, *site.sso_key, input);
        std::cout << (option == "--token" ? token : link_with(site, token)) << '\n';
    }
    return std::cout.flush() ? 0 : 1;
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return 1;
}
