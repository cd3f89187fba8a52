# frozen_string_literal: true

# A web application whose users connect their UserVoice account.
#
#     ruby three_legged_login.rb [PORT]
#
# /connect redirects to UserVoice. There the user clicks "Allow", and is redirected to /callback.

require "cgi"
require "webrick"
require_relative "site"

class Application < WEBrick::HTTPServlet::AbstractServlet
  def initialize(server, client)
    super(server)
    @client = client
  end

  def do_GET(request, response)
    case request.path
    when "/connect" then connect(response)
    when "/callback" then callback(request, response)
    else show(response, 200, "Example", '<a href="/connect">Connect to UserVoice</a>')
    end
  rescue UserVoice::Error => e
    refused = [UserVoice::Unauthorized, UserVoice::InvalidArgument].any? { |kind| e.is_a?(kind) }
    show(response, refused ? 403 : 502, "Not connected", CGI.escapeHTML(e.message))
  end

  private

  def connect(response)
    request_token = @client.request_token
    # Only this browser can complete the login. The token in the cookie is of no use without the
    # API secret. Add "Secure" if the application uses https.
    response["Set-Cookie"] = "login=#{CGI.escape(request_token.dump)}; Path=/callback; Max-Age=600; HttpOnly; SameSite=Lax"
    response["Location"] = @client.authorize_url(request_token)
    response.status = 303
  end

  def callback(request, response)
    token, verifier = request.query.values_at("oauth_token", "oauth_verifier")
    return show(response, 403, "Not connected", "You did not allow the access.") unless verifier

    cookie = request.cookies.find { |one| one.name == "login" }
    request_token = UserVoice::Token.load(CGI.unescape(cookie.value)) if cookie
    if request_token.nil? || request_token.token != token
      return show(response, 403, "Not connected", "This login was started in another browser.")
    end

    # An application stores user.access_token.dump, a secret, with its own user.
    user = @client.login_with_verifier(verifier, request_token: request_token)
    name, email = user.get("/api/v1/users/current")["user"].values_at("name", "email")
    show(response, 200, "Connected", CGI.escapeHTML("Hello #{name} <#{email}>!"))
  end

  def show(response, status, title, content)
    response.status = status
    response.content_type = "text/html; charset=utf-8"
    response.body = "<!DOCTYPE html><title>#{title}</title><p>#{content}</p>"
  end
end

server = Site.web_server(3000)
url = "http://127.0.0.1:#{server.config[:Port]}"
server.mount("/", Application, Site.client(callback: "#{url}/callback"))
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
puts "Open #{url}/"
$stdout.flush
server.start
