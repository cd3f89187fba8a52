// Prints the users of the site as CSV.
#include <iostream>

#include "site.hpp"

// Returns a cell in quotes, with every quote in it doubled (RFC 4180).
static std::string cell(const std::string &user, const char *pointer)
{
    const std::string value = uservoice::json_get(user, pointer).value_or("");
    std::string quoted = "\"";
    for (const char character : value == "null" ? "" : value) {
        if (character == '"')
            quoted += '"';
        quoted += character;
    }
    return quoted + '"';
}

int main()
try {
    std::cout << "id,name,email\n";
    // The collection loads its pages while it is read.
    for (const std::string &user : site_client().collection("/api/v1/users"))
        std::cout << cell(user, "/id") << ',' << cell(user, "/name") << ','
                  << cell(user, "/email") << '\n';
    finish();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
