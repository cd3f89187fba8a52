// Writes lists into files of a directory, or one list to standard output.
//
//     export --to DIRECTORY [--since MOMENT] [--format csv] LIST...
//     export --to backup suggestions users
//     export --to backup --since 2026-01-31 --format csv suggestions
//     export /api/v1/suggestions?sort=oldest > suggestions.jsonl
//
// A LIST is a name of the Admin API, such as suggestions, or the path of a list of either
// API; all are of one. They are read as the owner of the site, which needs a trusted API
// key.
//
// Into files: interrupted, killed or stopped by an error, the same command goes on where
// it was. After one that came to its end, it appends what has changed since.
//
// Exit status: 0 all was written, 1 any other error, 2 wrong usage, 3 not authorized, 4 no
// such list, 5 rate limit, 6 the service failed, 7 the service was not reached, 8 a file
// cannot be written or used, 130 interrupted.
#include <uservoice.hpp>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <pthread.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

using uservoice::Client;
using uservoice::Status;

namespace {

enum : int { done = 0, failed = 1, usage = 2, no_file = 8, interrupted = 130 };

// What the command line asks for.
struct Request {
    std::string directory; // empty: standard output
    std::string since;
    std::string format;
    std::vector<std::string> lists;

    bool is_old_api() const { return lists[0].rfind("/api/v1/", 0) == 0; }
};

// Ctrl-C. A signal handler may not call cancel(), so the signals are blocked and a
// thread of its own waits for them: it ends the call that is running at once. A second
// Ctrl-C ends the program, should it hang in something else, such as a full pipe.
class CancelOnSignal {
  public:
    explicit CancelOnSignal(const Client &client)
    {
        sigemptyset(&signals_);
        for (const int number : {SIGINT, SIGTERM, SIGUSR1})
            sigaddset(&signals_, number);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        waiter_ = std::thread([this, &client] { wait(client); });
    }

    ~CancelOnSignal()
    {
        pthread_kill(waiter_.native_handle(), SIGUSR1); // main is done
        waiter_.join();
    }

  private:
    void wait(const Client &client) const
    {
        int number = 0;
        for (int seen = 0; sigwait(&signals_, &number) == 0 && number != SIGUSR1; seen++) {
            if (seen > 0)
                _exit(interrupted);
            client.cancel();
        }
    }

    sigset_t signals_;
    std::thread waiter_;
};

// One record as one line: a line break in JSON stands between two values only.
std::string line_of(std::string record)
{
    for (std::size_t at = 0; (at = record.find_first_of("\r\n", at)) != record.npos;)
        record[at] = ' ';
    return record + '\n';
}

Client log_in(const Client &site, const Request &request)
{
    const CancelOnSignal cancel_on_signal(site);
    return site.as(request.is_old_api() ? site.login_as_owner()
                                        : site.login_with_client_credentials());
}

int write_list(const Client &client, const std::string &path)
{
    for (auto &&record : client.collection(path)) {
        if (!(std::cout << line_of(record)))
            break;
    }
    if (std::cout.flush())
        return done;
    std::cerr << "standard output cannot be written\n";
    return no_file;
}

void draw(const uservoice::Progress &progress)
{
    std::string line = "\r\033[K";
    if (progress.total) {
        const auto total = static_cast<double>(*progress.total);
        const double share = total > 0 ? static_cast<double>(progress.written) / total : 1;
        std::string bar(static_cast<std::size_t>(share * 30), '#');
        bar.resize(30, ' ');
        line += '[' + bar + "] " + std::to_string(static_cast<int>(share * 100)) + " % ";
    }
    line += std::to_string(progress.written) + " records, "
            + std::to_string(static_cast<long>(progress.records_per_second)) + " a second";
    if (progress.left)
        line += ", " + std::to_string(static_cast<long>(progress.left->count())) + " s left";
    std::cerr << line << std::flush;
}

// A list that is given by its path is called as the path ends.
uservoice::Resource resource_of(const std::string &list)
{
    if (list[0] != '/')
        return {list, ""};
    const std::string path = list.substr(0, list.find('?'));
    return {path.substr(path.rfind('/') + 1), list};
}

int write_files(const Client &client, const Request &request)
{
    uservoice::ExportOptions options;
    for (const std::string &list : request.lists)
        options.resource(resource_of(list));
    if (!request.since.empty())
        options.since(request.since);
    if (!request.format.empty())
        options.format(request.format);

    const bool terminal = isatty(STDERR_FILENO) != 0;
    const auto exported = client.open_export(request.directory, options);
    try {
        while (const auto progress = exported.next()) {
            if (terminal)
                draw(*progress);
        }
    } catch (const uservoice::Error &) {
        std::cerr << (terminal ? "\n" : "") << "Stopped; the same command goes on there. ";
        throw;
    }
    if (terminal)
        std::cerr << '\n';
    return done;
}

// Tells a script what kind of failure it was.
int exit_status(Status status)
{
    switch (status) {
    case Status::invalid_argument:
        return usage;
    case Status::unauthorized:
        return 3;
    case Status::not_found:
        return 4;
    case Status::rate_limited:
        return 5;
    case Status::application_error:
    case Status::api_error:
    case Status::bad_response:
        return 6;
    case Status::transport:
    case Status::timeout:
        return 7;
    case Status::file_error:
        return no_file;
    case Status::cancelled:
        return interrupted;
    default:
        return failed;
    }
}

// Whether they make sense.
bool read_arguments(int argc, char **argv, Request &request)
{
    int at = 1;
    for (; at < argc && std::string_view(argv[at]).substr(0, 2) == "--"; at++) {
        const std::string_view option = argv[at];
        std::string *const value = option == "--to"       ? &request.directory
                                   : option == "--since"  ? &request.since
                                   : option == "--format" ? &request.format
                                                          : nullptr;
        if (value == nullptr || at + 1 == argc)
            return false;
        *value = argv[++at];
    }
    request.lists.assign(argv + at, argv + argc);
    for (const std::string &list : request.lists) {
        const bool is_old = list.rfind("/api/v1/", 0) == 0;
        if (list.empty() || is_old != request.is_old_api())
            return false; // the two are logged in to in different ways
    }
    if (!request.directory.empty())
        return !request.lists.empty();
    return request.lists.size() == 1 && request.lists[0][0] == '/' && request.since.empty()
           && request.format.empty();
}

} // namespace

int main(int argc, char **argv)
try {
    Request request;
    if (!read_arguments(argc, argv, request)) {
        std::cerr << "usage: export --to DIRECTORY [--since MOMENT] [--format csv] LIST...\n"
                     "       export PATH\n"
                     "A LIST is a name of the Admin API, such as suggestions, or a PATH, such as\n"
                     "/api/v1/users?sort=oldest; all are of one API. MOMENT is such as 2026-01-31.\n";
        return usage;
    }
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of the output
    const Client client = log_in(Client::from_environment(), request);
    const CancelOnSignal cancel_on_signal(client);
    return request.directory.empty() ? write_list(client, request.lists[0])
                                     : write_files(client, request);
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return exit_status(error.status());
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return failed;
}
