# frozen_string_literal: true

# Receives webhooks, and rejects those that UserVoice has not signed.
#
#     ruby webhook_receiver.rb [PORT]

require "webrick"
require_relative "site"

MAX_BYTES = 1_000_000

# Returns the body as it arrived, which is what the signature is over.
def read_body(request)
  body = +""
  request.body do |chunk|
    body << chunk
    raise WEBrick::HTTPStatus::RequestEntityTooLarge if body.bytesize > MAX_BYTES
  end
  body
end

def receive(request, sso_key)
  webhook = UserVoice.read_webhook(sso_key, read_body(request))
  # The signature covers the data, but not the event: decide by the data.
  puts "Suggestion: #{webhook.data['suggestion']['title']}" if webhook.data.key?("suggestion")
rescue UserVoice::SignatureVerificationError => e
  raise WEBrick::HTTPStatus::Unauthorized, e.message
end

$stdout.sync = true
sso_key = Site.sso_key
server = Site.web_server(4000)
server.mount_proc("/") do |request, response|
  receive(request, sso_key)
  response.status = 204
end
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
puts "Listening on http://127.0.0.1:#{server.config[:Port]}/"
server.start
