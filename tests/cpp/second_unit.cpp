// Another file of the program of test_client.cpp: the header can be in both.
#include <uservoice.hpp>

std::size_t version_length_elsewhere();

std::size_t version_length_elsewhere()
{
    return uservoice::version().size();
}
