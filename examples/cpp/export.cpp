// Exports lists into files of a directory, or one list to standard output.
//
//     export --to DIRECTORY [--since TIME] [--format csv] LIST...
//     export --to backup suggestions users
//     export --to backup --since 2026-01-31 --format csv suggestions
//     export /api/v1/suggestions?sort=oldest > suggestions.jsonl
//
// A LIST is a name of the Admin API, such as suggestions, or a path of API v1 or of the Admin
// API; all lists must be of the same API. They are read as the owner of the site, which needs a
// trusted API key.
//
// After an interruption or an error, the same command resumes an export into files. After a
// complete one, it appends what has changed since.
//
// Exit status: 0 success, 1 other error, 2 usage error, 3 not authorized, 4 list not found,
// 5 rate limited, 6 service error, 7 service unreachable, 8 file error, 130 interrupted.
#include "site.hpp"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

using uservoice::Client;
using uservoice::Status;

namespace {

enum : int { done = 0, failed = 1, usage = 2, file_error = 8, interrupted = 130 };

// The command line.
struct Arguments {
    std::string directory; // empty: standard output
    std::string since;
    std::string format;
    std::vector<std::string> lists;

    bool is_api_v1() const { return lists[0].rfind("/api/v1/", 0) == 0; }
};

// Ctrl-C ends the running request. A second one exits, in case the program is blocked elsewhere,
// such as on a full pipe.
volatile std::sig_atomic_t stop = 0;

void on_ctrl_c(int)
{
    if (stop != 0)
        _exit(interrupted);
    stop = 1;
}

Client with_ctrl_c(const Client &client)
{
    struct sigaction action = {};
    action.sa_handler = on_ctrl_c;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    return client.with_interrupt([] { return stop != 0; });
}

// Returns a record as one line. JSON has line breaks only between values.
std::string line_of(std::string record)
{
    for (std::size_t i = 0; (i = record.find_first_of("\r\n", i)) != record.npos;)
        record[i] = ' ';
    return record + '\n';
}

Client log_in(const Client &site, const Arguments &arguments)
{
    return site.as(arguments.is_api_v1() ? site.login_as_owner()
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
    return file_error;
}

void print_progress(const uservoice::ExportProgress &progress)
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
            + std::to_string(static_cast<long>(progress.records_per_second)) + " per second";
    if (progress.remaining)
        line += ", " + std::to_string(static_cast<long>(progress.remaining->count()))
                + " s remaining";
    std::cerr << line << std::flush;
}

// Names a list that is given as a path after the end of the path.
uservoice::ExportResource resource_of(const std::string &list)
{
    if (list[0] != '/')
        return {list, ""};
    const std::string path = list.substr(0, list.find('?'));
    return {path.substr(path.rfind('/') + 1), list};
}

int write_files(const Client &client, const Arguments &arguments)
{
    uservoice::ExportOptions options;
    for (const std::string &list : arguments.lists)
        options.resource(resource_of(list));
    if (!arguments.since.empty())
        options.since(arguments.since);
    if (!arguments.format.empty())
        options.format(arguments.format);

    const bool terminal = isatty(STDERR_FILENO) != 0;
    auto exported = client.open_export(arguments.directory, options);
    try {
        while (const auto progress = exported.next()) {
            if (terminal)
                print_progress(*progress);
        }
    } catch (const uservoice::Error &) {
        std::cerr << (terminal ? "\n" : "") << "Stopped; run the same command again to resume. ";
        throw;
    }
    if (terminal)
        std::cerr << '\n';
    return done;
}

// Returns the exit status for a status of the library.
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
        return file_error;
    case Status::cancelled:
        return interrupted;
    default:
        return failed;
    }
}

// Parses the command line. Returns false if it is invalid.
bool parse_arguments(int argc, char **argv, Arguments &arguments)
{
    int i = 1;
    for (; i < argc && std::string_view(argv[i]).substr(0, 2) == "--"; i++) {
        const std::string_view option = argv[i];
        std::string *const value = option == "--to"       ? &arguments.directory
                                   : option == "--since"  ? &arguments.since
                                   : option == "--format" ? &arguments.format
                                                          : nullptr;
        if (value == nullptr || i + 1 == argc)
            return false;
        *value = argv[++i];
    }
    arguments.lists.assign(argv + i, argv + argc);
    for (const std::string &list : arguments.lists) {
        const bool is_v1 = list.rfind("/api/v1/", 0) == 0;
        if (list.empty() || is_v1 != arguments.is_api_v1())
            return false; // the APIs need different logins
    }
    if (!arguments.directory.empty())
        return !arguments.lists.empty();
    return arguments.lists.size() == 1 && arguments.lists[0][0] == '/' && arguments.since.empty()
           && arguments.format.empty();
}

} // namespace

int main(int argc, char **argv)
try {
    Arguments arguments;
    if (!parse_arguments(argc, argv, arguments)) {
        std::cerr
            << "usage: export --to DIRECTORY [--since TIME] [--format csv] LIST...\n"
               "       export PATH\n"
               "LIST is a name of the Admin API, such as suggestions, or a PATH, such as\n"
               "/api/v1/users?sort=oldest; all of the same API. Example of TIME: 2026-01-31.\n";
        return usage;
    }
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error instead
    const Client client = log_in(with_ctrl_c(Site::from_environment().client()), arguments);
    return arguments.directory.empty() ? write_list(client, arguments.lists[0])
                                       : write_files(client, arguments);
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return exit_status(error.status());
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return failed;
}
