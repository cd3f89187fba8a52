"""The examples of the documentation, one after the other, against the sandbox."""
import calls
import errors
import logins
import single_sign_on

import uservoice

client = uservoice.Client.from_environment()
calls.clients()
calls.calls(client)
calls.lists(client)
single_sign_on.single_sign_on(client)
single_sign_on.web_hooks()
logins.act_as(client)
logins.three_legged(client)
logins.admin(client)
logins.by_code(client)
errors.failures(client)
errors.waiting(client)
errors.logs(client)
errors.threads(client)
