# frozen_string_literal: true

require "json"
require "net/http"

# Starts and controls the sandbox that all tests use.
module Sandbox
  PROGRAM = ENV.fetch("USERVOICE_SANDBOX", "uservoice-sandbox")

  class << self
    attr_reader :url, :api_key, :api_secret, :sso_key, :owner, :password

    def start
      @output, about = launch
      @url, @api_key, @api_secret, @sso_key = about.values_at("url", "api_key", "api_secret", "sso_key")
      @owner, @password = about.values_at("owner_email", "password")
    end

    # Runs another sandbox, which sends webhooks, during the block.
    #
    # @yieldparam url [String]
    def with_webhooks(webhook_url)
      output, about = launch("--webhook-url", webhook_url)
      yield about["url"]
    ensure
      terminate(output) if output
    end

    # Uses the sandbox that another process started.
    def attach(url)
      @url = url
    end

    # Environment variables for UserVoice::Client.from_environment in another process.
    def environment
      { "USERVOICE_SUBDOMAIN" => "sandbox", "USERVOICE_API_KEY" => api_key, "USERVOICE_API_SECRET" => api_secret,
        "USERVOICE_BASE_URL" => url }
    end

    def stop
      terminate(@output)
    end

    def reset
      post("reset")
    end

    # Makes all bearer tokens expire.
    def expire_tokens
      post("expire_tokens")
    end

    def fault(*faults)
      post("faults", faults)
    end

    def clear_requests
      send_request(Net::HTTP::Delete.new("/_sandbox/requests"))
    end

    # The API requests that were received, without logins.
    def requests
      read("requests").select { |request| request["path"].start_with?("/api/v1/", "/api/v2/admin/") }
    end

    # Waits until each fault was applied to a request.
    def wait_for_faults
      sleep 0.01 until read("faults").empty?
    end

    # Authorizes a request token as a user. The response body shows the verifier, or its
    # Location header is the callback URL.
    def allow(oauth_token, email: "user1@sandbox.example")
      decide(oauth_token, "allow", email)
    end

    def deny(oauth_token)
      decide(oauth_token, "deny", "user1@sandbox.example")
    end

    # Signs in on the page of an authorization request.
    #
    # @return [Hash{String => String}] the query parameters of the callback
    def sign_in(url, decision: "allow")
      url = URI(url)
      request = Net::HTTP::Post.new(url.path)
      request.form_data = URI.decode_www_form(url.query).to_h.merge("decision" => decision, "email" => owner,
                                                                    "password" => password)
      URI.decode_www_form(URI(send_request(request)["Location"]).query).to_h
    end

    def verifier(oauth_token, **options)
      allow(oauth_token, **options).body[%r{<code id="verifier">([^<]*)</code>}, 1]
    end

    def client(**options)
      UserVoice::Client.new("sandbox", api_key, api_secret, base_url: url, **options)
    end

    private

    def launch(*options)
      output = IO.popen([PROGRAM, "--port", "0", "--json", "--quiet", *options])
      [output, JSON.parse(output.gets || abort("#{PROGRAM} did not start"))]
    end

    def terminate(output)
      Process.kill(:TERM, output.pid)
      output.close
    end

    def decide(oauth_token, decision, email)
      request = Net::HTTP::Post.new("/oauth/authorize")
      request.form_data = { "oauth_token" => oauth_token, "decision" => decision, "email" => email }
      send_request(request)
    end

    def read(resource)
      JSON.parse(send_request(Net::HTTP::Get.new("/_sandbox/#{resource}")).body)
    end

    def post(resource, value = {})
      request = Net::HTTP::Post.new("/_sandbox/#{resource}", "Content-Type" => "application/json")
      request.body = JSON.generate(value)
      send_request(request)
    end

    def send_request(request)
      target = URI(url)
      Net::HTTP.start(target.host, target.port, nil) { |http| http.request(request) }
    end
  end
end
