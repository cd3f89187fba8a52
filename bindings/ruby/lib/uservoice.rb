# frozen_string_literal: true

require "date"
require "json"
require "pathname"
require "set"
require "uri"

require "uservoice/version"
require "uservoice/names"
require "uservoice/error"
require "uservoice/native"
require "uservoice/log"
require "uservoice/resource"
require "uservoice/argument"
require "uservoice/email"
require "uservoice/session"
require "uservoice/token"
require "uservoice/code_request"
require "uservoice/response"
require "uservoice/reader"
require "uservoice/collection"
require "uservoice/progress"
require "uservoice/export"
require "uservoice/configuration"
require "uservoice/client"
require "uservoice/sso"
require "uservoice/webhook"

# A client for UserVoice: its API for programs, single sign-on and web hooks.
#
# @example
#   client = UserVoice::Client.new("acme", api_key, api_secret)
#   client.collection("/api/v1/users").each { |user| puts user["name"] }
module UserVoice
  # @return [String] the version of the library underneath, libuservoice
  def self.library_version
    Native.uservoice_version
  end
end
