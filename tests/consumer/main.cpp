#include <cstdio>
#include <uservoice.hpp>

int main()
{
    const std::string token = uservoice::sso_token("acme", "key", "{}");
    if (uservoice::version() != USERVOICE_VERSION || token.empty())
        return 1;
    std::puts("linked with libuservoice " USERVOICE_VERSION);
}
