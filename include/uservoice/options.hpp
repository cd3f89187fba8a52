/// @file options.hpp
/// Options of a Client.
#ifndef USERVOICE_OPTIONS_HPP
#define USERVOICE_OPTIONS_HPP

#include "json.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace uservoice {

/// The options of a Client: set one by one, or written as JSON with the keys that
/// uservoice_client_new() lists.
///
/// ```cpp
/// uservoice::Client client("acme", key, secret, uservoice::Options().timeout(5s).max_retries(0));
/// ```
class Options {
  public:
    /// Creates the default options.
    Options() = default;

    /// Creates options from JSON text. More can be set.
    template <class T, std::enable_if_t<std::is_convertible_v<const T &, std::string_view>, int> = 0>
    Options(const T &json) : json_(json)
    {
    }

    /// "https" (the default), or "http" for loopback hosts.
    Options &protocol(std::string_view value) { return set("protocol", value); }
    /// The site is SUBDOMAIN.uservoice_domain. Default: "uservoice.com".
    Options &uservoice_domain(std::string_view value) { return set("uservoice_domain", value); }
    /// The whole origin, such as the sandbox's URL. Replaces the two above.
    Options &base_url(std::string_view value) { return set("base_url", value); }
    /// Where UserVoice redirects a user after "Allow". Default: "oob", which shows a verifier.
    Options &callback(std::string_view value) { return set("callback", value); }
    /// One attempt, from connecting to the last byte. Default: 30 s.
    Options &timeout(std::chrono::milliseconds value) { return set("timeout_ms", value.count()); }
    /// Name lookup, connection and TLS. Default: 10 s.
    Options &connect_timeout(std::chrono::milliseconds value)
    {
        return set("connect_timeout_ms", value.count());
    }
    /// 0 to 100. Default: 2.
    Options &max_retries(int value) { return set("max_retries", value); }
    /// A longer wait is returned as an error. Default: 60 s.
    Options &max_retry_wait(std::chrono::milliseconds value)
    {
        return set("max_retry_wait_ms", value.count());
    }
    /// Idle connections kept open, 1 to 1024. Default: 16.
    Options &max_idle_connections(int value) { return set("max_idle_connections", value); }
    /// Pages that a collection loads ahead of its reader, 0 to 64. Default: 4.
    Options &prefetch_pages(int value) { return set("prefetch_pages", value); }
    /// Records per page of a collection, 1 to 100. Default: 100.
    Options &per_page(int value) { return set("per_page", value); }
    /// A larger request body fails with Status::invalid_argument, and a stream is not read
    /// further. Default: 64 MiB.
    Options &max_request_bytes(std::uint64_t value) { return set("max_request_bytes", value); }
    /// A larger response fails with Status::bad_response. Default: 64 MiB.
    Options &max_response_bytes(std::uint64_t value) { return set("max_response_bytes", value); }
    /// PEM file of certificate authorities to trust instead of the system's.
    Options &ca_file(std::string_view value) { return set("ca_file", value); }
    /// "http://[user:password@]host:port", or "" for none. Default: HTTPS_PROXY and so on.
    Options &proxy(std::string_view value) { return set("proxy", value); }
    /// Prefix of the User-Agent header, such as "MyApp/1.0".
    Options &user_agent(std::string_view value) { return set("user_agent", value); }
    /// Collection::next_page() returns complete responses. Default: false.
    Options &whole_pages(bool value) { return set("whole_pages", value); }
    /// Permit plain http to hosts other than loopback. Default: false.
    Options &allow_insecure(bool value) { return set("allow_insecure", value); }

    /// Returns the options as JSON; empty if none was set.
    const Json &json() const noexcept { return json_; }

  private:
    Options &set(std::string_view key, const Value &value)
    {
        json_.set(key, value);
        return *this;
    }

    Json json_;
};

} // namespace uservoice

#endif // USERVOICE_OPTIONS_HPP
