# frozen_string_literal: true

def users_and_forum(client)
  # [recipe-users]
  begin
    users = client.collection("/api/v1/users") # needs a trusted key, but no user
    puts "The site has #{users.size} users."
    users.first(3).each { |user| puts "#{user['name']} #{user['url']}" }

    jo = client.login_as("jo@example.com") # a regular user
    user = jo.get("/api/v1/users/current")["user"]
    puts "#{user['name']} #{user['url']}"

    owner = client.login_as_owner
    forum = owner.post("/api/v1/forums", forum: {
      name: "Private feedback",
      private: true,
      allow_by_email_domain: true,
      allowed_email_domains: [{ domain: "example.com" }]
    })["forum"]
    puts "#{forum['name']} #{forum['url']}"
  rescue UserVoice::Unauthorized => e # a wrong key, one that is not trusted, or not an admin
    abort e.message
  rescue UserVoice::NotFound => e # no such record
    abort e.message
  end
  # [end]
end

def verify_user(url)
  # [recipe-verify]
  client = UserVoice::Client.new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", base_url: url,
                                 callback: "http://localhost:3000/") # your site
  request_token = client.request_token
  puts "1. Go to #{client.authorize_url(request_token)} and allow access."
  puts "2. Type the oauth_verifier that UserVoice passed to your site:"
  user = client.login_with_verifier($stdin.gets.chomp, request_token: request_token)
  verified = user.get("/api/v1/users/current")["user"]
  puts "#{verified['name']} has the address #{verified['email']}"
  # [end]
end

def attachment(client)
  # [recipe-attachment]
  admin = client.login_with_client_credentials # or login_with_password(email, password)
  begin
    uploaded = admin.upload("/api/v2/admin/attachments", Pathname("screen.png"))
    puts uploaded["attachments"].first["file_name"]
  rescue UserVoice::RateLimitExceeded => e # after a wait of max_retry_wait
    puts "The rate limit is reset in #{e.retry_after} seconds."
  rescue UserVoice::Error => e
    puts e.message
  end
  # [end]
end
