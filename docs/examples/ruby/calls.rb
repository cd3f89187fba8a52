# frozen_string_literal: true

def clients
  # [client]
  client = UserVoice::Client.new("acme", "API-KEY", "API-SECRET", timeout: 5, user_agent: "MyApp/1.0")
  # [end]
  client.close

  url = ENV.fetch("USERVOICE_BASE_URL")
  # [public]
  # Without a secret, requests are not signed and only public data can be read.
  visitor = UserVoice::Client.new("sandbox", "sandbox-trusted-key", base_url: url)
  # [end]
  visitor.get("/api/v1/forums/1")
end

def calls(client)
  # [get]
  found = client.get("/api/v1/suggestions/search", query: "dark mode", per_page: 1)
  puts found["suggestions"].first["title"]
  # [end]

  # [act-as-owner]
  owner = client.login_as_owner
  owner.post("/api/v1/forums", forum: { name: "Ideas" })
  # [end]

  # [post]
  created = owner.post("/api/v1/forums/1/suggestions",
                       suggestion: { title: "Tea in the afternoon", votes: 1 })
  # [end]
  puts created["suggestion"]["title"]

  # [put]
  changed = owner.put("/api/v1/suggestions/7", suggestion: { title: "Darker mode" })
  # [end]
  puts changed["suggestion"]["title"]

  # [delete]
  owner.delete("/api/v1/suggestions/9")
  # [end]

  # [request]
  response = client.send_request(:get, "/api/v1/suggestions/9", headers: { "X-Request-Id" => "42" })
  puts response.status, response["content-type"]
  # [end]

  admin = client.login_with_client_credentials
  File.write("screen.png", "...")
  # [upload]
  # A Pathname, an IO, or a String with the content.
  uploaded = admin.upload("/api/v2/admin/attachments", Pathname("screen.png"))
  token = uploaded["attachments"].first["token"]
  # [end]

  # [send]
  form = URI.encode_www_form("attachment_tokens" => token)
  response = admin.send_body(:put, "/api/v2/admin/suggestions/1", form,
                             content_type: "application/x-www-form-urlencoded")
  puts response.status
  # [end]
end

def lists(client)
  # [list]
  users = client.collection("/api/v1/users", sort: "oldest", limit: 3)
  users.each { |user| puts user["email"] }
  # [end]

  # [list-length]
  users = client.collection("/api/v1/users?sort=oldest", limit: 150)
  puts "#{users.size} records, the last one is #{users[-1]['id']}"
  # [end]

  # [list-pages]
  users.each_page { |page| puts "a page of #{page.size}" }
  # [end]
end
