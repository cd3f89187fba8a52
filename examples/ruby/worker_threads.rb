# frozen_string_literal: true

# Prints the newest comment on each of 20 suggestions. Four threads share a client to load them.

require_relative "site"

def newest_comment(client, path)
  comment = client.get(path, sort: "newest", per_page: 1)["comments"].first
  comment ? comment["text"] : "(no comment)"
end

Thread.report_on_exception = false # Thread#value raises it

begin
  client = Site.client
  forum = client.get("/api/v1/forums")["forums"].first
  path = "/api/v1/forums/#{forum['id']}/suggestions"
  suggestions = client.collection(path).first(20)
  # The threads share the client's connections and its rate limit.
  threads = suggestions.each_slice(5).map do |some|
    Thread.new { some.map { |suggestion| newest_comment(client, "#{path}/#{suggestion['id']}/comments") } }
  end
  suggestions.zip(threads.flat_map(&:value)) { |suggestion, comment| puts "#{suggestion['title']}: #{comment}" }
rescue UserVoice::Error => e
  abort e.message
end
