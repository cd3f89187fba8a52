# frozen_string_literal: true

# The same as before.rb, with the gem uservoice.
require "uservoice"

$stdout.sync = true
client = UserVoice::Client.new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                               base_url: ENV.fetch("USERVOICE_BASE_URL"))

# [calls]
users = client.collection("/api/v1/users", limit: 2)
users.each { |user| puts user["email"] }
client.login_as("jo@example.com") do |jo|
  puts jo.get("/api/v1/users/current")["user"]["email"]
end
begin
  client.get("/api/v1/forums/999999")
rescue UserVoice::NotFound
  puts "no such forum"
end
# [end]

# [query]
found = client.get("/api/v1/suggestions/search", per_page: 1, query: "dark mode")
# [end]
puts found["suggestions"].first["title"]

# [sso]
jwt = UserVoice.sso_jwt("SSO-KEY", { guid: "1001", email: "jo@example.com" })
# [end]
puts UserVoice.verify_sso_jwt("SSO-KEY", jwt)["email"]

# [three-legged]
request_token = client.request_token
stored = request_token.dump # in the session: any process can complete the login
puts "Please allow it at #{client.authorize_url(request_token)}"

user = client.login_with_verifier($stdin.gets.chomp, request_token: UserVoice::Token.load(stored))
# [end]
puts user.get("/api/v1/users/current")["user"]["email"]
