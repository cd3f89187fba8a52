// What the examples of the documentation share.
#pragma once

#include <iostream>
#include <string>
#include <uservoice.hpp>

void calls(const uservoice::Client &client);
void lists(const uservoice::Client &client);
void single_sign_on(const uservoice::Client &client);
void web_hooks();
void logins(const uservoice::Client &client);
void admin(const uservoice::Client &client);
void errors(const uservoice::Client &client);
void threads(uservoice::Client &client);
