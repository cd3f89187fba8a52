// Shared by the examples of the documentation.
#pragma once

#include <iostream>
#include <string>
#include <uservoice.hpp>

// Returns the value at a JSON pointer, such as "/user/email".
inline std::string value(const std::string &json, std::string_view pointer)
{
    return uservoice::json_get(json, pointer).value_or("(absent)");
}

void requests(const uservoice::Client &client);
void collections(const uservoice::Client &client);
void single_sign_on(const uservoice::Client &client);
void webhooks();
void logins(const uservoice::Client &client);
void admin(const uservoice::Client &client);
void errors(const uservoice::Client &client);
void recipes(const uservoice::Client &client);
void threads(uservoice::Client &client);
