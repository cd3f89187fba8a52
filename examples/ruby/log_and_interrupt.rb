# frozen_string_literal: true

# Counts the suggestions, and logs each request. Ctrl-C ends a request at once.

require "logger"
require_relative "site"

count = 0
begin
  client = Site.client(logger: Logger.new($stderr)) # level: Logger::WARN logs only failed attempts
  client.collection("/api/v1/suggestions").each { count += 1 }
  puts "#{count} suggestions"
rescue Interrupt
  warn "Interrupted after #{count} suggestions"
  exit 130
rescue UserVoice::Error => e
  abort e.message
end
