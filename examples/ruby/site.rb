# frozen_string_literal: true

require "uservoice"

# Which UserVoice the examples talk to, from the environment: see README.md.
module Site
  # A variable that is set to nothing counts as not set.
  def self.variable(name)
    value = ENV.fetch(name, "")
    value.empty? ? nil : value
  end

  def self.sandbox?
    variable("USERVOICE_SUBDOMAIN").nil?
  end

  def self.subdomain
    variable("USERVOICE_SUBDOMAIN") || "sandbox"
  end

  def self.sso_key
    variable("USERVOICE_SSO_KEY") || ("sandbox-sso-key" if sandbox?)
  end

  def self.url
    variable("USERVOICE_BASE_URL") || "https://#{subdomain}.uservoice.com"
  end

  # Ends the program with an explanation where there is no site to talk to.
  def self.check
    return unless sandbox? && variable("USERVOICE_BASE_URL").nil?

    warn <<~TEXT
      No site to talk to. Either start a sandbox and set USERVOICE_BASE_URL to the URL
      that it prints:
          cargo run -p uservoice-sandbox
          export USERVOICE_BASE_URL=http://127.0.0.1:...
      or name a site of yours: USERVOICE_SUBDOMAIN, USERVOICE_API_KEY, USERVOICE_API_SECRET.
    TEXT
    exit 2
  end

  def self.client(**options)
    check
    UserVoice::Client.from_environment(**options)
  rescue KeyError => e
    warn e.message
    exit 2
  end

  def self.failed(what, error)
    warn "#{what}: #{error.message} (#{error.status.to_s.upcase})"
  end
end
