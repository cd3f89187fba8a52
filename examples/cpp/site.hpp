// What the examples share: a client for the site that the environment names. See README.md.
#ifndef EXAMPLES_SITE_HPP
#define EXAMPLES_SITE_HPP

#include <uservoice.hpp>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

// Returns an environment variable; if it is not set, "", or without USERVOICE_SUBDOMAIN the value
// that every sandbox has.
inline std::string setting(const char *name, const char *sandbox_value = "")
{
    const auto variable = [](const char *of) {
        const char *value = std::getenv(of);
        return std::string(value != nullptr ? value : "");
    };
    const bool is_sandbox = variable("USERVOICE_SUBDOMAIN").empty();
    return is_sandbox && variable(name).empty() ? sandbox_value : variable(name);
}

// Returns an argument as a number from 1 to `max`.
inline int number(const std::string &argument, int max)
{
    int value = 0;
    const char *end = argument.data() + argument.size();
    const auto parsed = std::from_chars(argument.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || value < 1 || value > max)
        throw std::invalid_argument(argument + ": must be a number from 1 to "
                                    + std::to_string(max));
    return value;
}

// Throws if what was printed cannot be written, as on a full disk.
inline void finish()
{
    if (!std::cout.flush())
        throw std::runtime_error("standard output cannot be written");
}

// Creates the client, with more options.
inline uservoice::Client site_client(uservoice::Options options = {})
{
    if (!setting("USERVOICE_SUBDOMAIN").empty())
        return uservoice::Client::from_environment(options);
    const auto base_url = setting("USERVOICE_BASE_URL"), ca_file = setting("USERVOICE_CA_FILE");
    if (base_url.empty())
        throw std::runtime_error(
            "Set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET,\n"
            "or USERVOICE_BASE_URL alone to the URL that the sandbox prints.");
    options.base_url(base_url);
    if (!ca_file.empty())
        options.ca_file(ca_file);
    return uservoice::Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options);
}

#endif
