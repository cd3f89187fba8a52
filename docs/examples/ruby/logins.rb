# frozen_string_literal: true

def act_as(client)
  # [act-as]
  jo = client.login_as("jo@example.com")
  user = jo.get("/api/v1/users/current")["user"]
  # [end]
  puts "acting as #{user['email']}"

  # [keep-token]
  stored = jo.access_token.dump # store it as a secret

  jo = client.login_with_access_token(UserVoice::Token.load(stored)) # later, in any process
  # [end]
  jo.get("/api/v1/users/current")
end

def three_legged(client)
  # [three-legged-begin]
  request_token = client.request_token
  stored = request_token.dump
  puts "Please log in at #{client.authorize_url(request_token)}" # or redirect the browser
  # [end]
  verifier = $stdin.gets.chomp

  # [three-legged-finish]
  user = client.login_with_verifier(verifier, request_token: UserVoice::Token.load(stored))
  # [end]
  puts "#{user.get('/api/v1/users/current')['user']['email']} logged in"
end

def admin(client)
  # [admin-credentials]
  owner = client.login_with_client_credentials # its token is refreshed automatically
  suggestions = owner.collection("/api/v2/admin/suggestions",
                                 sort: "-id", updated_after: "2013-01-31T00:00:00Z", limit: 5)
  # [end]
  puts "#{suggestions.size} suggestions"

  # [admin-includes]
  suggestions = owner.collection("/api/v2/admin/suggestions", includes: %w[forums users], per_page: 2, limit: 2)
  suggestions.each_whole_page do |page|
    puts "#{page['suggestions'].size} suggestions of #{page['forums'].first['name']}"
  end
  # [end]

  # [export]
  owner.export("backup", "forums", "users") do |progress|
    puts "#{progress.written} of #{progress.total}"
  end
  # [end]

  # [admin-password]
  user = client.login_with_password("owner@sandbox.example", "sandbox-password")
  user.get("/api/v2/admin/users/current")
  # [end]
  puts "logged in"
end

def authorization_code(client)
  # [admin-code-begin]
  request = client.authorization_request("https://app.example/callback")
  session = { state: request.state, code_verifier: request.code_verifier } # keep them secret
  puts "Please sign in at #{request.url}"
  # [end]
  code = $stdin.gets.chomp
  state = $stdin.gets.chomp

  # [admin-code-finish]
  raise "unexpected state" unless state == session[:state]

  user = client.login_with_code(code, code_verifier: session[:code_verifier],
                                      redirect_uri: "https://app.example/callback")
  # [end]
  user.get("/api/v2/admin/users/current")
  puts "signed in"
  ideas(client, user)
end

def ideas(client, user)
  # [ideas-list]
  titles = client.collection("/api/end_users/forums/1/ideas", limit: 3).map { |idea| idea["title"] }
  # [end]
  puts "#{titles.size} ideas"

  # [ideas-vote]
  idea = user.post("/api/end_users/forums/1/ideas", suggestion: { title: "Tea" })
  user.post("/api/end_users/forums/1/ideas/1/vote")
  user.delete("/api/end_users/forums/1/ideas/1/vote")
  # [end]
  puts "#{idea['title']} #{idea['voted']}"
end
