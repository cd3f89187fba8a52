# frozen_string_literal: true

require "json"
require "net/http"

# The sandbox that the tests talk to: started once, stopped at the end.
module Sandbox
  PROGRAM = ENV.fetch("USERVOICE_SANDBOX", "uservoice-sandbox")

  class << self
    attr_reader :url, :api_key, :api_secret, :sso_key

    def start
      @output = IO.popen([PROGRAM, "--port", "0", "--json", "--quiet"])
      about = JSON.parse(@output.gets || abort("#{PROGRAM} does not start"))
      @url, @api_key, @api_secret, @sso_key = about.values_at("url", "api_key", "api_secret", "sso_key")
    end

    # Uses the sandbox that another process started.
    def attach(url)
      @url = url
    end

    def stop
      Process.kill(:TERM, @output.pid)
      @output.close
    end

    def reset
      post("reset")
    end

    def fault(*faults)
      post("faults", faults)
    end

    def forget
      send_request(Net::HTTP::Delete.new("/_sandbox/requests"))
    end

    # The calls of the API so far.
    def requests
      read("requests").select { |request| request["path"].start_with?("/api/v1/") }
    end

    # Waits until the faults have met all calls that they were made for.
    def wait_for_faults
      sleep 0.01 until read("faults").empty?
    end

    # Clicks "Allow" for the person. Where a page shows the verifier, it is in the body;
    # else the Location header leads back to the program.
    def allow(oauth_token, email: "user1@sandbox.example")
      decide(oauth_token, "allow", email)
    end

    def deny(oauth_token)
      decide(oauth_token, "deny", "user1@sandbox.example")
    end

    def verifier(oauth_token, **options)
      allow(oauth_token, **options).body[%r{<code id="verifier">([^<]*)</code>}, 1]
    end

    def client(**options)
      UserVoice::Client.new("sandbox", api_key, api_secret, base_url: url, **options)
    end

    private

    def decide(oauth_token, decision, email)
      request = Net::HTTP::Post.new("/oauth/authorize")
      request.form_data = { "oauth_token" => oauth_token, "decision" => decision, "email" => email }
      send_request(request)
    end

    def read(what)
      JSON.parse(send_request(Net::HTTP::Get.new("/_sandbox/#{what}")).body)
    end

    def post(what, value = {})
      request = Net::HTTP::Post.new("/_sandbox/#{what}", "Content-Type" => "application/json")
      request.body = JSON.generate(value)
      send_request(request)
    end

    def send_request(request)
      target = URI(url)
      Net::HTTP.start(target.host, target.port, nil) { |http| http.request(request) }
    end
  end
end
