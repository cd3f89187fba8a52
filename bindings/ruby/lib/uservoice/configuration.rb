# frozen_string_literal: true

module UserVoice
  # Configuration holds the site, API key and options of clients that are created without
  # arguments. See {UserVoice.configure}.
  class Configuration
    # @return [String, nil] the subdomain of the site: "acme" for acme.uservoice.com
    attr_accessor :subdomain
    # @return [String, nil]
    attr_accessor :api_key
    # @return [String, nil] if nil, requests are not signed
    attr_accessor :api_secret
    # @return [Hash] options of {Client#initialize}
    attr_accessor :options

    # Creates an empty configuration.
    def initialize
      @options = {}
    end

    # @return [String] without the API key and secret
    def inspect
      "#<#{self.class} #{subdomain}>"
    end

    # @api private
    # @return [Array] arguments of {Client#initialize}
    # @raise [ArgumentError]
    def client_arguments
      raise ArgumentError, "subdomain is missing: pass it, or set it with UserVoice.configure" unless subdomain

      [subdomain, api_key, api_secret, options]
    end

    # Freezes the configuration and its options, so that threads can share it.
    #
    # @return [self]
    def freeze
      @options = Argument.optional_hash("options", options).dup.freeze
      super
    end

    private

    def initialize_copy(other)
      super
      @options = other.options.dup
    end
  end

  @configuration = Configuration.new.freeze

  class << self
    # Sets the site, API key and options of clients that are created without arguments. Call
    # it once at the start of a program, such as in an initializer: it affects all threads,
    # and existing clients do not change.
    #
    # @yieldparam configuration [Configuration] a copy of the current configuration
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
      configuration = @configuration.dup
      yield configuration
      @configuration = configuration.freeze
      nil
    end

    # @api private
    attr_reader :configuration
  end
end
