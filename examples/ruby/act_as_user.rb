# frozen_string_literal: true

# Reads a suggestion as a user, who sees only the forums that are open to them.
#
#     ruby act_as_user.rb EMAIL SUGGESTION
#
# UserVoice creates a user who does not exist. The API key must be trusted.

require_relative "site"

email, suggestion = ARGV
abort "usage: act_as_user.rb EMAIL SUGGESTION" unless ARGV.size == 2 && suggestion.match?(/\A\d+\z/)

begin
  user = Site.client.login_as(email)
  name = user.get("/api/v1/users/current")["user"]["name"]
  begin
    title = user.get("/api/v1/suggestions/#{suggestion}")["suggestion"]["title"]
  rescue UserVoice::NotFound
    abort "#{name} sees no suggestion #{suggestion}."
  end
  puts "#{name} sees: #{title}"
rescue UserVoice::Unauthorized => e
  abort "#{e.message}\nIs the API key trusted?"
rescue UserVoice::Error => e
  abort e.message
end
