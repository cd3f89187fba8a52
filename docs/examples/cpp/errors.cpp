#include "examples.hpp"

#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

// [outcome]
// Posts a record without risking to post it twice.
static bool post_once(const uservoice::Client &client, std::string_view path,
                      const uservoice::Json &body)
{
    try {
        client.post(path, body);
        return true;
    } catch (const uservoice::Error &error) {
        switch (error.outcome()) {
        case uservoice::Outcome::not_sent: // put it back into the queue
        case uservoice::Outcome::unknown: // check whether the record exists before sending it again
        case uservoice::Outcome::answered: // the service responded: see the status
            std::cout << error.what() << '\n';
        }
        return false;
    }
}
// [end]

void errors(const uservoice::Client &client)
{
    using namespace std::chrono_literals;
    // [errors]
    try {
        std::cout << client.get("/api/v1/suggestions/999999") << '\n';
    } catch (const uservoice::Error &error) {
        if (error.status() != uservoice::Status::not_found)
            throw;
        std::cout << "The suggestion does not exist.\n";
    }
    // [end]

    // [no-exceptions]
    if (auto response = client.try_get("/api/v1/suggestions/999999"))
        std::cout << *response << '\n';
    else
        std::cout << response.error().what() << '\n';
    // [end]

    // [options]
    uservoice::Client quick = client.clone(
        uservoice::Options().timeout(2s).connect_timeout(500ms).max_retries(0).max_retry_wait(0s));
    // [end]

    // [clone]
    uservoice::Client patient = client.clone(uservoice::Options().timeout(2min).max_retries(5));
    // [end]
    patient.get("/api/v1/forums/1");

    // [rate-limit]
    try {
        quick.get("/api/v1/forums/1");
    } catch (const uservoice::Error &error) {
        if (error.status() == uservoice::Status::rate_limited && error.retry_after())
            std::cout << "retry after " << error.retry_after()->count() << " ms\n";
    }
    // [end]
    post_once(client, "nowhere", {});

    // [log]
    uservoice::Client logged = client.with_log(
        uservoice::LogLevel::info,
        [](uservoice::LogLevel, std::string_view line) { std::cout << line << '\n'; });
    // [end]
    logged.get("/api/v1/users", {{"per_page", 1}});
}

// [fork]
static bool read_in_child(const uservoice::Client &client)
{
    const pid_t child = fork();
    if (child == 0) // the client works here too, over new connections
        _exit(client.try_get("/api/v1/forums") ? 0 : 1);
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 0;
}
// [end]

// [interrupt]
static volatile std::sig_atomic_t interrupted;

static void run_until_ctrl_c(const uservoice::Client &client)
{
    std::signal(SIGINT, [](int) { interrupted = 1; });
    const auto interruptible = client.with_interrupt([] { return interrupted != 0; });
    for (;;)
        interruptible.get("/api/v1/suggestions"); // throws Status::cancelled after Ctrl-C
}
// [end]

static void interrupt(const uservoice::Client &client)
{
    std::thread keyboard([thread = pthread_self()] { pthread_kill(thread, SIGINT); });
    try {
        run_until_ctrl_c(client);
    } catch (const uservoice::Error &error) {
        std::cout << uservoice::status_name(error.status()) << '\n';
    }
    keyboard.join();
}

void threads(uservoice::Client &client)
{
    auto list = client.collection("/api/v1/users");
    // [threads]
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&list] {
            while (
                [[maybe_unused]] auto record = list.next()) // each record is returned to one thread
                ;
        });
    for (std::thread &thread : threads)
        thread.join();
    // [end]
    std::cout << (list.next() ? "not all records were read\n" : "all records were read\n");
    std::cout.flush();
    std::cout << (read_in_child(client) ? "read in the child\n" : "not read in the child\n");

    uservoice::Client cancelled = client.clone();
    // [cancel]
    std::thread canceller([&cancelled] { cancelled.cancel(); }); // returns at once
    try {
        for (;;)
            cancelled.get("/api/v1/suggestions");
    } catch (const uservoice::Error &error) {
        std::cout << uservoice::status_name(error.status()) << '\n'; // CANCELLED
    }
    canceller.join();
    // [end]
    interrupt(client);
}
