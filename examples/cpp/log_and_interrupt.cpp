// Counts the suggestions, and logs each request. Ctrl-C ends a request at once.
#include <csignal>
#include <iostream>

#include "site.hpp"

// A signal handler can only set a flag. The library asks for it while a call waits.
static volatile std::sig_atomic_t interrupted = 0;

static void log(uservoice::LogLevel level, std::string_view line)
{
    std::clog << (level == uservoice::LogLevel::warning ? "warning: " : "info: ") << line << '\n';
}

int main()
try {
    std::signal(SIGINT, [](int) { interrupted = 1; });
    const auto client = site_client()
                            .with_interrupt([] { return interrupted != 0; })
                            .with_log(uservoice::LogLevel::info, log);
    std::size_t count = 0;
    try {
        for (auto suggestions = client.collection("/api/v1/suggestions"); suggestions.next();)
            count++;
    } catch (const uservoice::Error &error) {
        if (error.status() != uservoice::Status::cancelled)
            throw;
        std::cerr << "Interrupted after " << count << " suggestions\n";
        return 130;
    }
    std::cout << count << " suggestions\n";
    finish();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
