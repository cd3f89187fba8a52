// Exports lists of the Admin API into files: export DIRECTORY LIST...
//
// Interrupted, the same command resumes the export. Later it appends what has changed.
#include <iostream>

#include "site.hpp"

static void export_lists(const char *directory, char **lists)
{
    uservoice::ExportOptions options;
    for (; *lists != nullptr; lists++)
        options.resource(*lists);
    const auto client = site_client();
    auto run = client.as(client.login_with_client_credentials()).open_export(directory, options);
    while (const auto progress = run.next())
        std::cerr << '\r' << progress->written << " of "
                  << (progress->total ? std::to_string(*progress->total) : "?") << " records";
    std::cerr << '\n';
}

int main(int argc, char **argv)
try {
    if (argc < 3) {
        std::cerr << "usage: export DIRECTORY LIST...\n";
        return 2;
    }
    export_lists(argv[1], argv + 2);
} catch (const std::exception &error) {
    std::cerr << '\n' << error.what() << "\nThe same command resumes the export.\n";
    return 1;
}
