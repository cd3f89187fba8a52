# frozen_string_literal: true

require "date"
require "json"
require "pathname"
require "set"
require "timeout"
require "uri"

require "uservoice/version"
require "uservoice/error"
require "uservoice/argument"
require "uservoice/native"
require "uservoice/options"
require "uservoice/log"
require "uservoice/notifications"
require "uservoice/native_handle"
require "uservoice/client_handle"
require "uservoice/token"
require "uservoice/response"
require "uservoice/request_body"
require "uservoice/session"
require "uservoice/reader"
require "uservoice/collection"
require "uservoice/collection_of_get"
require "uservoice/list_progress"
require "uservoice/progress"
require "uservoice/export"
require "uservoice/authorization_request"
require "uservoice/configuration"
require "uservoice/client"
require "uservoice/client/requests"
require "uservoice/client/logins"
require "uservoice/sso"
require "uservoice/webhook"

# A client for UserVoice: its REST APIs, single sign-on and webhooks.
#
# @example
#   client = UserVoice::Client.new("acme", api_key, api_secret)
#   client.collection("/api/v1/users").each { |user| puts user["name"] }
module UserVoice
  # @return [String] the version of libuservoice
  def self.library_version
    Native.uservoice_version
  end
end
