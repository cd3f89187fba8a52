# frozen_string_literal: true

require "uservoice"

# The UserVoice site that the examples use, from the environment: see README.md. Without
# USERVOICE_SUBDOMAIN it is the sandbox at USERVOICE_BASE_URL.
module Site
  SANDBOX = { "USERVOICE_SUBDOMAIN" => "sandbox", "USERVOICE_API_KEY" => "sandbox-trusted-key",
              "USERVOICE_API_SECRET" => "sandbox-trusted-secret", "USERVOICE_SSO_KEY" => "sandbox-sso-key" }.freeze

  # Returns an environment variable, nil if it is unset or empty. For the sandbox, its
  # subdomain and keys are the defaults.
  def self.variable(name)
    value = ENV.fetch(name, "")
    return value unless value.empty?

    SANDBOX[name] if sandbox?
  end

  def self.sandbox?
    ENV.fetch("USERVOICE_SUBDOMAIN", "").empty?
  end

  def self.subdomain
    variable("USERVOICE_SUBDOMAIN")
  end

  def self.sso_key
    variable("USERVOICE_SSO_KEY")
  end

  def self.url
    variable("USERVOICE_BASE_URL") || "https://#{subdomain}.uservoice.com"
  end

  # Exits with an explanation unless the environment names a site.
  def self.check
    return unless sandbox? && variable("USERVOICE_BASE_URL").nil?

    warn <<~TEXT
      No site is configured. Either start the sandbox and set USERVOICE_BASE_URL to the URL
      that it prints:
          cargo run -p uservoice-sandbox
          export USERVOICE_BASE_URL=http://127.0.0.1:...
      or set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET of your site.
    TEXT
    exit 2
  end

  def self.client(**options)
    check
    return UserVoice::Client.from_environment(**options) unless sandbox?

    UserVoice::Client.new(subdomain, variable("USERVOICE_API_KEY"), variable("USERVOICE_API_SECRET"),
                          base_url: url, ca_file: variable("USERVOICE_CA_FILE"), **options)
  rescue KeyError => e
    warn e.message
    exit 2
  end

  def self.report(summary, error)
    warn "#{summary}: #{error.message} (#{error.status.to_s.upcase})"
  end
end
