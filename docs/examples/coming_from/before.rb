# frozen_string_literal: true

# A program for the gem uservoice-ruby, which also runs with the gem uservoice.
require "uservoice-ruby"
require "cgi"
require "uri"

SUBDOMAIN = "127"
API_KEY = "sandbox-trusted-key"
API_SECRET = "sandbox-trusted-secret"
# The sandbox at 127.0.0.1, split into the subdomain and domain of a site.
SITE = { :protocol => "http", :uservoice_domain => "0.0.1:#{URI(ENV.fetch('USERVOICE_BASE_URL')).port}" }.freeze
$stdout.sync = true
client = UserVoice::Client.new(SUBDOMAIN, API_KEY, API_SECRET, SITE)

# [calls]
users = client.get_collection("/api/v1/users", :limit => 2)
users.each { |user| puts user["email"] }
client.login_as("jo@example.com") do |jo|
  puts jo.get("/api/v1/users/current.json")["user"]["email"]
end
begin
  client.get("/api/v1/forums/999999.json")
rescue UserVoice::NotFound
  puts "no such forum"
end
# [end]

# [query]
found = client.get("/api/v1/suggestions/search.json?per_page=1&query=#{CGI.escape('dark mode')}")
# [end]
puts found["suggestions"].first["title"]

# [sso]
token = UserVoice.generate_sso_token("acme", "SSO-KEY", { :guid => "1001", :email => "jo@example.com" }, 5 * 60)
# [end]
puts UserVoice.decrypt_sso_token("acme", "SSO-KEY", token)["email"]

# [three-legged]
# In one process: the client remembers the request token.
puts "Please allow it at #{client.authorize_url}"
person = client.login_with_verifier($stdin.gets.chomp)
# [end]
puts person.get("/api/v1/users/current.json")["user"]["email"]
