// Writes every record of a list as a line of JSON.
//
//     export [--admin] [--since MOMENT] PATH [OUTPUT-FILE]
//     export /api/v1/suggestions > suggestions.jsonl
//     export /api/v1/suggestions suggestions.jsonl
//     export --admin --since 2026-01-01T00:00:00Z /api/v2/admin/suggestions suggestions.jsonl
//
// --admin reads a list of the Admin API, as the owner of the site. --since leaves out the
// records that were not changed after that moment.
//
// With an output file, an export that was interrupted goes on after its last complete
// page when it is started again: OUTPUT-FILE.state says how far it came. Exit status: 0
// all was written, 1 an error, 2 wrong usage, 130 interrupted.
#include "member.hpp"

#include <uservoice.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;
using uservoice::Client;

namespace {

enum : int { done = 0, failed = 1, usage = 2, interrupted = 130 };

constexpr std::size_t per_page = 100;

// What the command line asks for.
struct Request {
    bool admin = false;
    std::string since;
    std::string path;
    std::string output;

    // In the state file: what it is about.
    std::string list() const { return since.empty() ? path : path + " since " + since; }
};

// How far an export has come.
struct State {
    std::size_t pages = 0;
    std::size_t records = 0;
    std::uintmax_t bytes = 0;
    std::string cursor; // where the next page of the Admin API is, as JSON
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

// The state file: three numbers and the list that they are about; then the cursor.
class StateFile {
  public:
    StateFile(std::string list, const fs::path &output)
        : list_(std::move(list)), path_(output.string() + ".state")
    {
    }

    State read() const
    {
        State state;
        std::string list;
        std::ifstream file(path_);
        if (!file)
            return {};
        file >> state.pages >> state.records >> state.bytes >> std::ws;
        if (!std::getline(file, list) || !std::getline(file, state.cursor))
            throw std::runtime_error(path_.string() + " cannot be read; remove it to start over");
        if (list != list_)
            throw std::runtime_error(path_.string() + " is about " + list
                                     + "; remove it to start over");
        return state;
    }

    // In one step: what is read later is this state or the one before.
    void write(const State &state) const
    {
        const fs::path fresh = path_.string() + ".new";
        std::ofstream file(fresh);
        file << state.pages << ' ' << state.records << ' ' << state.bytes << ' ' << list_ << '\n'
             << state.cursor << '\n';
        file.close();
        if (!file)
            throw std::runtime_error(fresh.string() + " cannot be written");
        fs::rename(fresh, path_);
    }

    void remove() const { fs::remove(path_); }

  private:
    std::string list_;
    fs::path path_;
};

// One record as one line: a line break in JSON stands between two values only.
std::string line_of(std::string record)
{
    for (std::size_t at = 0; (at = record.find_first_of("\r\n", at)) != record.npos;)
        record[at] = ' ';
    return record + '\n';
}

// The next page's cursor, where the paging object of a page has one: a text or a number.
std::string cursor_of(const std::string &info)
{
    const auto rest = member(info, "cursor");
    if (rest.empty() || rest[0] == 'n') // null
        return "";
    return std::string(rest[0] == '"' ? rest.substr(0, last_quote(rest, 0) + 1)
                                      : value(info, "cursor"));
}

uservoice::Collection list_from(const Client &client, const Request &request, const State &state)
{
    uservoice::Json params{{"per_page", per_page}};
    if (!request.since.empty())
        params.set("updated_after", request.since);
    if (!request.admin)
        params.set("page", state.pages + 1);
    if (!state.cursor.empty())
        params.set("cursor", uservoice::Json(state.cursor));
    return client.collection(request.path, params);
}

class Export {
  public:
    // Goes on after `state`. `file` is nullptr where there is nothing to go on with later.
    Export(const Client &client, const Request &request, std::ostream &output, State state = {},
           const StateFile *file = nullptr)
        : list_(list_from(client, request, state)), by_cursor_(request.admin), output_(output),
          state_(std::move(state)), file_(file)
    {
    }

    void run()
    {
        std::string page;
        std::size_t on_page = 0;
        std::size_t page_size = 0;
        for (auto &&record : list_) {
            if (on_page == 0) {
                const std::string info = list_.info();
                // The service may make them smaller than it was asked to.
                const std::string size(value(info, "per_page"));
                page_size = size.empty() ? per_page : std::stoul(size);
                state_.cursor = cursor_of(info);
            }
            page += line_of(record);
            if (++on_page == page_size) {
                write(page, on_page);
                keep_state();
                page.clear();
                on_page = 0;
            }
        }
        write(page, on_page);
        if (isatty(STDERR_FILENO) != 0)
            std::cerr << '\n';
    }

  private:
    void write(const std::string &page, std::size_t records)
    {
        if (!output_.write(page.data(), static_cast<std::streamsize>(page.size())).flush())
            throw std::runtime_error("the output cannot be written");
        state_.records += records;
        state_.bytes += page.size();
        if (isatty(STDERR_FILENO) != 0)
            std::cerr << '\r' << state_.records << " records" << std::flush;
    }

    // A page is complete.
    void keep_state()
    {
        state_.pages++;
        const bool is_last = by_cursor_ && state_.cursor.empty();
        if (file_ != nullptr && !is_last)
            file_->write(state_);
    }

    uservoice::Collection list_;
    bool by_cursor_;
    std::ostream &output_;
    State state_;
    const StateFile *file_;
};

// The client that reads the list, which Ctrl-C shall find while it logs in, too.
Client client_for(const Request &request, const Client &site)
{
    if (!request.admin)
        return site.clone();
    const CancelOnSignal cancel_on_signal(site);
    // One page after the other, so that info() is of the page that is being read.
    return site.as(site.login_with_client_credentials())
        .clone(uservoice::Options().prefetch_pages(0));
}

void export_to_file(const Client &client, const Request &request)
{
    const fs::path output = request.output;
    const StateFile file(request.list(), output);
    const State state = file.read();
    if (state.pages > 0) {
        if (!fs::exists(output) || fs::file_size(output) < state.bytes)
            throw std::runtime_error(output.string()
                                     + " is not what it was; remove its .state to start over");
        // What came after the last complete page was cut off by the interruption.
        fs::resize_file(output, state.bytes);
        std::cerr << "Going on after " << state.records << " records.\n";
    }
    std::ofstream stream(output, state.pages > 0 ? std::ios::app : std::ios::trunc);
    if (!stream)
        throw std::runtime_error(output.string() + " cannot be written");
    Export(client, request, stream, state, &file).run();
    stream.close();
    if (!stream)
        throw std::runtime_error(output.string() + " cannot be written");
    file.remove();
}

int failure(const uservoice::Error &error)
{
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return error.status() == uservoice::Status::cancelled ? interrupted : failed;
}

// Whether they make sense.
bool read_arguments(int argc, char **argv, Request &request)
{
    int at = 1;
    for (; at < argc && std::string_view(argv[at]).substr(0, 2) == "--"; at++) {
        const std::string_view option = argv[at];
        if (option == "--admin")
            request.admin = true;
        else if (option == "--since" && at + 1 < argc)
            request.since = argv[++at];
        else
            return false;
    }
    if (argc - at < 1 || argc - at > 2)
        return false;
    request.path = argv[at];
    if (argc - at == 2)
        request.output = argv[at + 1];
    const auto has = [&](const char *key) { return request.path.find(key) != std::string::npos; };
    return request.path.substr(0, 1) == "/" && !has("page=") && !has("cursor=")
           && (request.admin || request.since.empty());
}

} // namespace

int main(int argc, char **argv)
try {
    Request request;
    if (!read_arguments(argc, argv, request)) {
        std::cerr << "usage: export [--admin] [--since MOMENT] PATH [OUTPUT-FILE]\n"
                     "PATH is a list such as /api/v1/users?sort=oldest, or with --admin such as\n"
                     "/api/v2/admin/suggestions, without a page, per_page or cursor. MOMENT is\n"
                     "such as 2026-01-01T00:00:00Z, for --admin only.\n";
        return usage;
    }
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of the output
    const Client site = Client::from_environment();
    try {
        const Client client = client_for(request, site);
        const CancelOnSignal cancel_on_signal(client);
        if (request.output.empty())
            Export(client, request, std::cout).run();
        else
            export_to_file(client, request);
        return done;
    } catch (const uservoice::Error &error) {
        if (!request.output.empty())
            std::cerr << "Stopped; the same command goes on after the last complete page. ";
        return failure(error);
    }
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    return usage;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return failed;
}
