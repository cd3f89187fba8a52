# frozen_string_literal: true

require "json"

require "uservoice/version"
require "uservoice/error"
require "uservoice/native"
require "uservoice/log"
require "uservoice/resource"
require "uservoice/text"
require "uservoice/email"
require "uservoice/session"
require "uservoice/token"
require "uservoice/response"
require "uservoice/collection"
require "uservoice/client"
require "uservoice/sso"

# A client for UserVoice: its API for programs, and single sign-on.
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
