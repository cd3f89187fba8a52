# frozen_string_literal: true

require "uservoice"

# Without it, Ruby ignores that the last output cannot be written, as on a full disk.
$stdout.sync = true

# The UserVoice site that the examples use: see README.md.
module Site
  # Returns a client for the site.
  def self.client(**options)
    UserVoice::Client.new(variable("USERVOICE_SUBDOMAIN", "sandbox"),
                          variable("USERVOICE_API_KEY", "sandbox-trusted-key"),
                          variable("USERVOICE_API_SECRET", "sandbox-trusted-secret"),
                          base_url: read("USERVOICE_BASE_URL"), ca_file: read("USERVOICE_CA_FILE"), **options)
  end

  # Returns the site's key for single sign-on and webhooks.
  def self.sso_key
    variable("USERVOICE_SSO_KEY", "sandbox-sso-key")
  end

  # Returns a web server at the port that the first argument names. It logs no requests, which contain verifiers.
  def self.web_server(default_port)
    port = Integer(ARGV.fetch(0, default_port), exception: false)
    port&.between?(0, 65_535) || abort("#{ARGV[0]}: must be a port, a number from 0 to 65535")
    WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: port, AccessLog: [],
                            Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN))
  rescue SystemCallError => e
    abort "port #{port}: #{e.message}"
  end

  # Returns an environment variable, or the value that every sandbox has.
  def self.variable(name, sandbox_value)
    sandbox = read("USERVOICE_BASE_URL") && !read("USERVOICE_SUBDOMAIN")
    read(name) || (sandbox && sandbox_value) ||
      abort("Set #{name}, or USERVOICE_BASE_URL alone to the URL that the sandbox prints.")
  end

  # Returns an environment variable, nil if it is not set or empty.
  def self.read(name)
    value = ENV.fetch(name, "")
    value unless value.empty?
  end
end
