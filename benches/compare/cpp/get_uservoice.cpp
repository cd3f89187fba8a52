// Sends GET requests with uservoice.hpp. Usage: get_uservoice BASE-URL PATH BYTES; BYTES is the expected length of
// the body.
#include <uservoice.hpp>

#include "../contestant.h"

namespace {

struct Work {
    uservoice::Client client;
    std::string path;
    std::size_t length;
};

void work(void *data, long repetitions)
{
    const auto &work = *static_cast<Work *>(data);
    while (repetitions-- > 0)
        if (work.client.get(work.path).size() != work.length)
            fail("unexpected response");
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 4)
        fail("get_uservoice BASE-URL PATH BYTES");
    const uservoice::Client client("acme", "oQt2BaunWNuainc8BvZpAm", "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
                                   uservoice::Options().base_url(argv[1]));
    Work of_user{client.as({"FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA"}), argv[2],
                 std::stoul(argv[3])};
    return contest(work, &of_user);
}
