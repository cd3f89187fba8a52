// Prints the link that logs a user of your application in at UserVoice.
#include <iostream>

#include "site.hpp"

int main()
try {
    // The token is signed here: nothing is sent. It expires after five minutes, so an application
    // creates it when the user clicks, and redirects.
    const std::string jwt = uservoice::sso_jwt(
        setting("USERVOICE_SSO_KEY", "sandbox-sso-key"),
        {{"guid", "1001"}, {"email", "jo@example.com"}, {"display_name", "Jo"}});
    std::cout << site_client().sso_url(jwt) << '\n';
    finish();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
