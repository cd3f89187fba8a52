// Writes every record of a list as a line of JSON.
//
//     export PATH [OUTPUT-FILE]
//     export /api/v1/suggestions > suggestions.jsonl
//     export /api/v1/suggestions suggestions.jsonl
//
// With an output file, an export that was interrupted goes on after its last complete
// page when it is started again: OUTPUT-FILE.state says how far it came. Exit status: 0
// all was written, 1 an error, 2 wrong usage, 130 interrupted.
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

// How far an export has come.
struct State {
    std::size_t pages = 0;
    std::size_t records = 0;
    std::uintmax_t bytes = 0;
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

// The state file: three numbers and the list that they are about.
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
        if (!(file >> state.pages >> state.records >> state.bytes >> list))
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
        file << state.pages << ' ' << state.records << ' ' << state.bytes << ' ' << list_ << '\n';
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

class Export {
  public:
    // Goes on after `state`. `file` is nullptr where there is nothing to go on with later.
    Export(uservoice::Collection list, std::ostream &output, State state, const StateFile *file)
        : list_(std::move(list)), output_(output), state_(state), file_(file)
    {
    }

    void run()
    {
        std::string page;
        std::size_t on_page = 0;
        for (auto &&record : list_) {
            page += line_of(record);
            if (++on_page == per_page) {
                write(page, on_page);
                page.clear();
                on_page = 0;
            }
        }
        write(page, on_page);
        if (isatty(STDERR_FILENO) != 0)
            std::cerr << '\n';
    }

    const State &state() const { return state_; }

  private:
    void write(const std::string &page, std::size_t records)
    {
        if (!output_.write(page.data(), static_cast<std::streamsize>(page.size())).flush())
            throw std::runtime_error("the output cannot be written");
        state_.records += records;
        state_.bytes += page.size();
        if (file_ != nullptr && records == per_page) {
            state_.pages++;
            file_->write(state_);
        }
        if (isatty(STDERR_FILENO) != 0)
            std::cerr << '\r' << state_.records << " records" << std::flush;
    }

    uservoice::Collection list_;
    std::ostream &output_;
    State state_;
    const StateFile *file_;
};

uservoice::Collection list_from(const Client &client, const std::string &path, const State &state)
{
    return client.collection(path, {{"page", state.pages + 1}, {"per_page", per_page}});
}

void export_to_file(const Client &client, const std::string &path, const fs::path &output)
{
    const StateFile file(path, output);
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
    Export(list_from(client, path, state), stream, state, &file).run();
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

} // namespace

int main(int argc, char **argv)
try {
    const std::string path = argc > 1 ? argv[1] : "";
    const bool names_page = path.find("page=") != path.npos;
    if (argc > 3 || path.empty() || path[0] != '/' || names_page) {
        std::cerr << "usage: export PATH [OUTPUT-FILE]\n"
                     "PATH is a list such as /api/v1/suggestions or /api/v1/users?sort=oldest,\n"
                     "without a page or per_page.\n";
        return usage;
    }
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of the output
    const Client client = Client::from_environment();
    const CancelOnSignal cancel_on_signal(client);
    try {
        if (argc == 3)
            export_to_file(client, path, argv[2]);
        else
            Export(list_from(client, path, {}), std::cout, {}, nullptr).run();
        return done;
    } catch (const uservoice::Error &error) {
        if (argc == 3)
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
