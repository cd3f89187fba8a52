# frozen_string_literal: true

require "uservoice"

# The sandbox. For your site: UserVoice::Client.new("acme", "API-KEY", "API-SECRET")
client = UserVoice::Client.new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                               base_url: ENV.fetch("USERVOICE_BASE_URL"))

client.collection("/api/v1/forums/1/suggestions", limit: 3).each do |suggestion|
  puts suggestion["title"]
end
