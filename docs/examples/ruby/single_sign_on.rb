# frozen_string_literal: true

def single_sign_on(client)
  sso_key = "sandbox-sso-key"
  # [sso-aes]
  token = UserVoice.sso_token("acme", "SSO-KEY", { guid: "1001", email: "jo@example.com" }, valid_for: 300)
  puts "https://acme.uservoice.com/?sso=#{token}"
  # [end]

  # [sso-decrypt]
  user = UserVoice.decrypt_sso_token("acme", "SSO-KEY", token)
  # [end]
  puts user["email"]

  # [sso-jwt]
  jwt = UserVoice.sso_jwt(sso_key, { guid: "1001", email: "jo@example.com", display_name: "Jo" }, valid_for: 300)
  puts client.sso_url(jwt, "/forums/1")
  # [end]

  # [sso-jwt-verify]
  claims = UserVoice.verify_sso_jwt(sso_key, jwt, leeway: 30)
  # [end]
  puts claims["guid"]
end

def webhooks
  signature = "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0"
  body = "event=new_suggestion&data=%7B%22suggestion%22%3A%7B%22id%22%3A1%7D%7D&signature=#{signature}"
  # [webhook-read]
  begin
    webhook = UserVoice.read_webhook("sandbox-sso-key", body) # Rails: request.raw_post
    puts webhook.event, webhook.data["suggestion"]["id"]
  rescue UserVoice::SignatureVerificationError => e
    warn e.message # forged or malformed: respond with 401
  end
  # [end]

  # [webhook-verify]
  data = '{"suggestion":{"id":1}}' # the decoded form field
  UserVoice.verify_webhook("sandbox-sso-key", data, signature)
  # [end]
end
