// A second translation unit of test_client, to check that several units can include the header.
#include <uservoice.hpp>

std::size_t version_length_elsewhere();

std::size_t version_length_elsewhere()
{
    return uservoice::version().size();
}
