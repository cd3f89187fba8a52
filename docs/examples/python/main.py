"""Runs the examples of the documentation against the sandbox at USERVOICE_BASE_URL."""
import os

import calls
import errors
import logins
import recipes
import single_sign_on

import uservoice

client = uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                          base_url=os.environ["USERVOICE_BASE_URL"])
calls.clients()
calls.requests(client)
calls.collections(client)
single_sign_on.single_sign_on(client)
single_sign_on.webhooks()
logins.act_as(client)
logins.three_legged(client)
logins.admin(client)
logins.authorization_code(client)
errors.errors(client)
errors.options(client)
errors.logs(client)
errors.threads(client)
recipes.users_and_forum(client)
recipes.verify_user(os.environ["USERVOICE_BASE_URL"])
recipes.attachment(client)
