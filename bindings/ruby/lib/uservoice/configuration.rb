# frozen_string_literal: true

module UserVoice
  # The site, key and options of clients that are made without naming any: see
  # {UserVoice.configure}.
  class Configuration
    # @return [String, nil] "acme" of acme.uservoice.com
    attr_accessor :subdomain
    # @return [String, nil]
    attr_accessor :api_key
    # @return [String, nil] without it calls are not signed
    attr_accessor :api_secret
    # @return [Hash] options of {Client#initialize}
    attr_accessor :options

    # Of no site.
    def initialize
      @options = {}
    end

    # @return [String] without any key or secret
    def inspect
      "#<#{self.class} #{subdomain}>"
    end

    # @api private
    # @return [Array] what {Client#initialize} takes
    def site
      raise ArgumentError, "no subdomain is given, and UserVoice.configure has named none" unless subdomain

      [subdomain, api_key, api_secret, options]
    end

    # No more changes: threads may read it.
    # @return [self]
    def freeze
      @options = options.to_h.dup.freeze
      super
    end

    private

    # That of the other one is read by other threads.
    def initialize_copy(other)
      super
      @options = other.options.dup
    end
  end

  @configuration = Configuration.new.freeze

  class << self
    # Names the site and options of clients that are made without any, for all threads:
    # once, where a program begins. Clients that are there already stay as they are.
    #
    # @yieldparam configuration [Configuration] what was configured before, to be changed
    # @return [void]
    # @example
    #   UserVoice.configure do |config|
    #     config.subdomain = "acme"
    #     config.api_key = ENV.fetch("USERVOICE_API_KEY")
    #     config.api_secret = ENV.fetch("USERVOICE_API_SECRET")
    #     config.options = { timeout: 10 }
    #   end
    #   UserVoice::Client.new.get("/api/v1/forums")
    def configure
      changed = @configuration.dup
      yield changed
      @configuration = changed.freeze
      nil
    end

    # @api private
    attr_reader :configuration
  end
end
