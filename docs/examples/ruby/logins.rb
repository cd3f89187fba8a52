# frozen_string_literal: true

def act_as(client)
  # [act-as]
  jo = client.login_as("jo@example.com")
  user = jo.get("/api/v1/users/current")["user"]
  # [end]
  puts "acting as #{user['email']}"

  # [keep-token]
  kept = jo.access_token.dump # a secret, for your store

  again = client.login_with_access_token(UserVoice::Token.load(kept)) # later, in any process
  # [end]
  again.get("/api/v1/users/current")
end

def three_legged(client)
  # [three-legged-begin]
  request_token = client.request_token
  kept = request_token.dump
  puts "Please allow it at #{client.authorize_url(request_token)}" # or redirect the browser there
  # [end]
  verifier = $stdin.gets.chomp

  # [three-legged-finish]
  person = client.login_with_verifier(verifier, request_token: UserVoice::Token.load(kept))
  # [end]
  puts "#{person.get('/api/v1/users/current')['user']['email']} allowed it"
end

def admin(client)
  # [admin-credentials]
  owner = client.login_with_client_credentials # its token renews itself
  list = owner.collection("/api/v2/admin/suggestions",
                          sort: "-id", updated_after: "2013-01-31T00:00:00Z", limit: 5)
  # [end]
  puts "#{list.size} suggestions"

  # [admin-includes]
  whole = owner.collection("/api/v2/admin/suggestions", includes: %w[forums users], per_page: 2, limit: 2)
  whole.each_whole_page do |answer|
    puts "#{answer['suggestions'].size} suggestions of #{answer['forums'].first['name']}"
  end
  # [end]

  # [export]
  owner.export("backup", "forums", "users") do |progress|
    puts "#{progress.written} of #{progress.total}"
  end
  # [end]

  # [admin-password]
  person = client.login_with_password("owner@sandbox.example", "sandbox-password")
  person.get("/api/v2/admin/users/current")
  # [end]
  puts "logged in"
end

def by_code(client)
  # [admin-code-begin]
  login = client.code_request("https://app.example/back")
  session = { state: login.state, verifier: login.code_verifier } # secrets, until they come back
  puts "Please sign in at #{login.url}"
  # [end]
  code = $stdin.gets.chomp
  state = $stdin.gets.chomp

  # [admin-code-finish]
  raise "they do not come from there" unless state == session[:state]

  person = client.login_with_code(code, code_verifier: session[:verifier],
                                        redirect_uri: "https://app.example/back")
  # [end]
  person.get("/api/v2/admin/users/current")
  puts "signed in"
end
