# frozen_string_literal: true

# Runs the examples of the documentation against the sandbox at USERVOICE_BASE_URL.
require "logger"
require "uservoice"

$stdout.sync = true
%w[calls single_sign_on logins errors recipes].each { |file| require_relative file }

client = UserVoice::Client.new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                               base_url: ENV.fetch("USERVOICE_BASE_URL"))
clients
calls(client)
lists(client)
single_sign_on(client)
webhooks
act_as(client)
three_legged(client)
admin(client)
authorization_code(client)
errors(client)
options(client)
threads(client)
users_and_forum(client)
verify_user(ENV.fetch("USERVOICE_BASE_URL"))
attachment(client)
