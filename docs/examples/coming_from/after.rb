# frozen_string_literal: true

# The same as before.rb, as it is written today.
require "uservoice"

$stdout.sync = true
client = UserVoice::Client.from_environment

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
kept = request_token.dump # in the session: any process may finish the login
puts "Please allow it at #{client.authorize_url(request_token)}"

person = client.login_with_verifier($stdin.gets.chomp, request_token: UserVoice::Token.load(kept))
# [end]
puts person.get("/api/v1/users/current")["user"]["email"]
