# frozen_string_literal: true

# The examples of the documentation, one after the other, against the sandbox.
require "logger"
require "uservoice"

$stdout.sync = true
%w[calls single_sign_on logins errors].each { |file| require_relative file }

client = UserVoice::Client.from_environment
clients
calls(client)
lists(client)
single_sign_on(client)
web_hooks
act_as(client)
three_legged(client)
admin(client)
by_code(client)
failures(client)
waiting(client)
threads(client)
