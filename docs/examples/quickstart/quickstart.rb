# frozen_string_literal: true

require "uservoice"

# The sandbox, as USERVOICE_BASE_URL says. For a site of yours:
# UserVoice::Client.new("acme", "API-KEY", "API-SECRET")
client = UserVoice::Client.from_environment

client.collection("/api/v1/forums/1/suggestions", limit: 3).each do |suggestion|
  puts suggestion["title"]
end
