// The site that the examples connect to, configured by environment variables: see README.md.
#ifndef EXAMPLES_SITE_HPP
#define EXAMPLES_SITE_HPP

#include <uservoice.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>

struct Site {
    bool sandbox = false; // USERVOICE_SUBDOMAIN is not set
    std::string subdomain;
    std::string api_key;
    std::string api_secret;
    std::string sso_key;
    std::string url;     // empty: the sandbox's URL is not set
    std::string ca_file; // empty: the system's certificate authorities

    // Reads the environment. Without USERVOICE_SUBDOMAIN, returns the keys of the sandbox.
    static Site from_environment()
    {
        Site site;
        site.sandbox = variable("USERVOICE_SUBDOMAIN", "").empty();
        const bool sandbox = site.sandbox;
        site.subdomain = variable("USERVOICE_SUBDOMAIN", "sandbox");
        site.api_key = variable("USERVOICE_API_KEY", sandbox ? "sandbox-trusted-key" : "");
        site.api_secret = variable("USERVOICE_API_SECRET", sandbox ? "sandbox-trusted-secret" : "");
        site.sso_key = variable("USERVOICE_SSO_KEY", sandbox ? "sandbox-sso-key" : "");
        site.ca_file = variable("USERVOICE_CA_FILE", "");
        site.url = variable("USERVOICE_BASE_URL",
                            sandbox ? "" : "https://" + site.subdomain + ".uservoice.com");
        return site;
    }

    // Creates a client of the site.
    uservoice::Client client() const
    {
        if (url.empty())
            throw std::runtime_error(
                "No site is configured: set USERVOICE_BASE_URL to the URL that the sandbox prints,\n"
                "or USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET for a real site.");
        uservoice::Options options;
        options.base_url(url);
        if (!ca_file.empty())
            options.ca_file(ca_file);
        return uservoice::Client(subdomain, api_key, api_secret, options);
    }

  private:
    static std::string variable(const char *name, const std::string &default_value)
    {
        const char *value = std::getenv(name);
        return value != nullptr && *value != '\0' ? value : default_value;
    }
};

#endif
