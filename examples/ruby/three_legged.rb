#!/usr/bin/env ruby
# frozen_string_literal: true

# A web application whose users connect their UserVoice account by a three-legged login.
#
#     ruby three_legged.rb [PORT]
#
# /connect redirects to UserVoice, where the user clicks "Allow" and is redirected to
# /callback. In the meantime the request token is stored in a file of the directory
# THREE_LEGGED_STATE (by default a temporary one), so that the application can be restarted.
# Requires WEBrick: the Debian package ruby-webrick or the gem webrick.

require "cgi"
require "fileutils"
require "securerandom"
require "tmpdir"
require "webrick"
require_relative "site"

# Stores one request token per browser, in files that only their owner can read.
class RequestTokenStore
  MAXIMUM_AGE = 3600

  def initialize(directory)
    @directory = directory
    FileUtils.mkdir_p(directory, mode: 0o700)
  end

  def store(browser, request_token)
    delete_expired
    File.open(path(browser), File::WRONLY | File::CREAT | File::TRUNC, 0o600) { |file| file.write(request_token.dump) }
  end

  # Returns and deletes a request token, which can be used once.
  #
  # @return [UserVoice::Token, nil]
  def take(browser)
    json = File.read(path(browser))
    File.delete(path(browser))
    UserVoice::Token.load(json)
  rescue Errno::ENOENT
    nil
  end

  private

  def path(browser)
    File.join(@directory, browser)
  end

  def delete_expired
    Dir.glob("#{@directory}/*").each do |file|
      File.delete(file) if File.mtime(file) < Time.now - MAXIMUM_AGE
    end
  end
end

class Application < WEBrick::HTTPServlet::AbstractServlet
  BROWSER = /\A\h{32}\z/

  def initialize(server, client, request_tokens)
    super(server)
    @client = client
    @request_tokens = request_tokens
  end

  def do_GET(request, response)
    case request.path
    when "/" then page(response, '<p><a href="/connect">Connect to UserVoice</a></p>')
    when "/connect" then connect(response)
    when "/callback" then callback(request, response)
    else page(response, "<p>Not found.</p>", 404)
    end
  rescue UserVoice::Error => e
    page(response, "<p>The request to UserVoice failed: #{CGI.escapeHTML(e.message)}</p>", 502)
  end

  private

  def connect(response)
    request_token = @client.request_token
    browser = SecureRandom.hex(16)
    @request_tokens.store(browser, request_token)
    cookie = WEBrick::Cookie.new("browser", browser)
    cookie.path = "/"
    # With SameSite=Lax the browser sends the cookie when UserVoice redirects to /callback.
    response["Set-Cookie"] = "#{cookie}; HttpOnly; SameSite=Lax"
    response.status = 302
    response["Location"] = @client.authorize_url(request_token)
  end

  def callback(request, response)
    browser = request.cookies.find { |cookie| cookie.name == "browser" }&.value
    request_token = @request_tokens.take(browser) if browser&.match?(BROWSER)
    token, verifier, denied = request.query.values_at("oauth_token", "oauth_verifier", "denied")
    # The request token must be the one that was issued to this browser.
    unless request_token && request_token.token == (denied || token)
      return page(response, '<p>This login was not started in this browser. <a href="/">Start again</a></p>', 400)
    end
    return page(response, '<p>Access was denied. <a href="/">Back</a></p>', 403) if denied

    greet(@client.login_with_verifier(verifier.to_s, request_token: request_token), response)
  end

  def greet(client, response)
    user = client.get("/api/v1/users/current")["user"]
    page(response, "<p>Hello #{CGI.escapeHTML(user['name'])}, your address is " \
                   "#{CGI.escapeHTML(user['email'])}.</p>")
  end

  def page(response, body, status = 200)
    response.status = status
    response.content_type = "text/html; charset=utf-8"
    response["Cache-Control"] = "no-store"
    response.body = "<!DOCTYPE html><title>Three-legged login</title>#{body}"
  end
end

port = Integer(ARGV.fetch(0, 3000))
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: port, AccessLog: [],
                                 Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN))
url = "http://127.0.0.1:#{server.config[:Port]}"
client = Site.client(callback: "#{url}/callback")
state = ENV.fetch("THREE_LEGGED_STATE") { File.join(Dir.tmpdir, "three_legged-#{Process.uid}") }
server.mount("/", Application, client, RequestTokenStore.new(state))
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
puts url
$stdout.flush
server.start
