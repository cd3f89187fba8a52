// Shared by the C++ tests: assertions, and access to the sandbox.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <uservoice.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                   \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (0)

#define CHECK_EQUAL(actual, expected)                                                                    \
    do {                                                                                           \
        const std::string actual_(actual), expected_(expected);                                    \
        if (actual_ != expected_) {                                                                \
            std::fprintf(stderr, "%s:%d: %s instead of %s\n", __FILE__, __LINE__, actual_.c_str(), \
                         expected_.c_str());                                                       \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (0)

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// Returns an environment variable that run.sh sets, such as USERVOICE_SANDBOX_URL.
inline std::string sandbox_env(const char *variable)
{
    const char *value = std::getenv(variable);
    if (value == nullptr) {
        std::fprintf(stderr, "%s is not set: run tests/cpp/run.sh\n", variable);
        std::exit(1);
    }
    return value;
}

// Returns the output of a shell command, which must succeed.
inline std::string run_command(const std::string &command)
{
    std::FILE *pipe = popen(command.c_str(), "r");
    CHECK(pipe != nullptr);
    std::string text;
    for (int c; (c = std::fgetc(pipe)) != EOF;)
        text += static_cast<char>(c);
    CHECK(pclose(pipe) == 0);
    return text;
}

// Prefix of a shell command that requests an HTML page.
inline const std::string curl = "curl --silent --show-error --fail --noproxy '*' ";

// Returns the part of `text` between two strings.
inline std::string extract_between(std::string_view text, std::string_view begin, std::string_view end)
{
    const auto start = text.find(begin);
    CHECK(start != text.npos);
    const auto from = start + begin.size();
    return std::string(text.substr(from, text.find(end, from) - from));
}

inline uservoice::Options sandbox_options()
{
    return uservoice::Options().base_url(sandbox_env("USERVOICE_SANDBOX_URL"));
}

inline uservoice::Client sandbox_client(const uservoice::Options &options = sandbox_options())
{
    auto client = uservoice::Client::try_create("sandbox", sandbox_env("USERVOICE_SANDBOX_API_KEY"),
                                              sandbox_env("USERVOICE_SANDBOX_API_SECRET"), options);
    CHECK(client);
    return *std::move(client);
}

// Returns a client for control requests. It has a separate key, since a rate limit applies to all
// clients with the same key.
inline uservoice::Client control_client()
{
    auto client = uservoice::Client::try_create("sandbox", "control", std::nullopt, sandbox_options());
    CHECK(client);
    return *std::move(client);
}

// Resets the data, tokens, faults and recorded requests of the sandbox, and adds faults.
inline void reset_sandbox(const uservoice::Json &faults = {})
{
    const auto control = control_client();
    CHECK(control.try_post("/_sandbox/reset"));
    if (!faults.text().empty())
        CHECK(control.try_post("/_sandbox/faults", faults));
    CHECK(control.try_del("/_sandbox/requests"));
}

// Returns the number of API requests that the sandbox has recorded.
inline int count_requests()
{
    const auto requests = control_client().try_get("/_sandbox/requests");
    CHECK(requests);
    int count = 0;
    for (std::size_t at = 0; (at = requests->find("\"path\":\"/api/", at)) != std::string::npos; at++)
        count++;
    return count;
}

#if USERVOICE_EXCEPTIONS
// Returns the Error that a function throws.
template <class Call> uservoice::Error catch_error(const Call &call)
{
    try {
        call();
    } catch (const uservoice::Error &error) {
        CHECK(*error.what() != '\0');
        return error;
    }
    std::fputs("an Error was expected\n", stderr);
    std::abort();
}

// The call throws that status, and its message has that in it.
template <class Call>
void check_throws(uservoice::Status status, std::string_view message, const Call &call)
{
    const auto error = catch_error(call);
    if (error.status() == status && contains(error.what(), message))
        return;
    std::fprintf(stderr, "%s: %s, instead of %s: %.*s\n", uservoice::status_name(error.status()),
                 error.what(), uservoice::status_name(status), static_cast<int>(message.size()),
                 message.data());
    std::exit(1);
}
#endif

#endif
