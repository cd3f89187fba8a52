// What the C++ tests share: checks that say where they failed, and the sandbox.
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

#define EQUAL(got, wanted)                                                                         \
    do {                                                                                           \
        const std::string got_(got), wanted_(wanted);                                              \
        if (got_ != wanted_) {                                                                     \
            std::fprintf(stderr, "%s:%d: %s instead of %s\n", __FILE__, __LINE__, got_.c_str(),    \
                         wanted_.c_str());                                                         \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (0)

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// A variable that run.sh sets for the sandbox, such as USERVOICE_SANDBOX_URL.
inline std::string sandbox(const char *variable)
{
    const char *value = std::getenv(variable);
    if (value == nullptr) {
        std::fprintf(stderr, "%s is not set: run tests/cpp/run.sh\n", variable);
        std::exit(1);
    }
    return value;
}

// What a command of the shell prints, which must go well.
inline std::string printed_by(const std::string &command)
{
    std::FILE *pipe = popen(command.c_str(), "r");
    CHECK(pipe != nullptr);
    std::string text;
    for (int c; (c = std::fgetc(pipe)) != EOF;)
        text += static_cast<char>(c);
    CHECK(pclose(pipe) == 0);
    return text;
}

// For the pages that are made for people.
inline const std::string curl = "curl --silent --show-error --fail --noproxy '*' ";

// What stands between two texts.
inline std::string between(std::string_view text, std::string_view before, std::string_view after)
{
    const auto start = text.find(before);
    CHECK(start != text.npos);
    const auto from = start + before.size();
    return std::string(text.substr(from, text.find(after, from) - from));
}

inline uservoice::Options sandbox_options()
{
    return uservoice::Options().base_url(sandbox("USERVOICE_SANDBOX_URL"));
}

inline uservoice::Client sandbox_client(const uservoice::Options &options = sandbox_options())
{
    auto client = uservoice::Client::try_make("sandbox", sandbox("USERVOICE_SANDBOX_API_KEY"),
                                              sandbox("USERVOICE_SANDBOX_API_SECRET"), options);
    CHECK(client);
    return *std::move(client);
}

// For what is no call of the API. With a key of its own: the limits that a test meets
// hold for all clients of a key.
inline uservoice::Client control_client()
{
    auto client = uservoice::Client::try_make("sandbox", "control", std::nullopt, sandbox_options());
    CHECK(client);
    return *std::move(client);
}

// Data, tokens and faults as at the start, then these faults.
inline void reset_sandbox(const uservoice::Json &faults = {})
{
    const auto control = control_client();
    CHECK(control.try_post("/_sandbox/reset"));
    if (!faults.text().empty())
        CHECK(control.try_post("/_sandbox/faults", faults));
    CHECK(control.try_del("/_sandbox/requests"));
}

// How many API calls the sandbox saw.
inline int requests_seen()
{
    const auto seen = control_client().try_get("/_sandbox/requests");
    CHECK(seen);
    int count = 0;
    for (std::size_t at = 0; (at = seen->find("\"path\":\"/api/", at)) != std::string::npos; at++)
        count++;
    return count;
}

#if USERVOICE_EXCEPTIONS
// The Error that a call throws.
template <class Call> uservoice::Error error_of(const Call &call)
{
    try {
        call();
    } catch (const uservoice::Error &error) {
        CHECK(*error.what() != '\0');
        return error;
    }
    std::fputs("a call that should fail did not\n", stderr);
    std::abort();
}

// The call throws that status, and its message has that in it.
template <class Call>
void fails(uservoice::Status status, std::string_view message, const Call &call)
{
    const auto error = error_of(call);
    if (error.status() == status && contains(error.what(), message))
        return;
    std::fprintf(stderr, "%s: %s, instead of %s: %.*s\n", uservoice::status_name(error.status()),
                 error.what(), uservoice::status_name(status), static_cast<int>(message.size()),
                 message.data());
    std::exit(1);
}
#endif

#endif
