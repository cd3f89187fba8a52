# frozen_string_literal: true

module UserVoice
  # Client sends requests to one UserVoice site with one API key, and optionally as an
  # acting user (see {#login_as} and the other logins). Threads can share a client, and it
  # can be used after fork.
  #
  # Timeout.timeout, Thread#raise, Thread#kill and Ctrl-C interrupt a call within 50 ms.
  class Client
    # @return [String] "acme" for acme.uservoice.com
    attr_reader :subdomain

    # Creates a client without sending a request. Without a subdomain, the site and API key
    # are those of {UserVoice.configure}, and the options are added to those configured.
    #
    # @param subdomain [String] "acme" for acme.uservoice.com
    # @param api_key [String] Admin Console, Settings, Integrations
    # @param api_secret [String, nil] if nil, requests are not signed and only public data
    #   can be read
    # @param options [Hash] also as keyword arguments; nil values are ignored
    # @option options [String] :callback ("oob") URL to which a three-legged login redirects
    # @option options [String] :protocol ("https") "http" only for loopback hosts
    # @option options [String] :uservoice_domain ("uservoice.com")
    # @option options [String] :base_url the origin; replaces the two options above
    # @option options [String] :oauth_token an access token of the acting user
    # @option options [String] :oauth_token_secret its secret
    # @option options [Numeric] :timeout (30) seconds for one attempt of a request
    # @option options [Numeric] :connect_timeout (10) seconds
    # @option options [Integer] :max_retries (2)
    # @option options [Numeric] :max_retry_wait (60) seconds; a longer wait raises an error
    # @option options [Integer] :max_idle_connections (16) idle connections kept open
    # @option options [Integer] :prefetch_pages (4) pages that a collection prefetches
    # @option options [Integer] :per_page (100) records per page of a collection
    # @option options [Integer] :max_request_bytes (67108864)
    # @option options [Integer] :max_response_bytes (67108864)
    # @option options [String] :ca_file PEM file of certificate authorities, instead of the
    #   system's
    # @option options [String] :proxy `"http://[user:password@]host:port"`, or `""` for none
    # @option options [String] :user_agent prefix of the User-Agent header
    # @option options [Boolean] :allow_insecure (false) permit plain http to other hosts
    # @option options [Symbol] :response_format (:hash) +:json+ returns JSON strings, +:raw+
    #   returns a {Response} for any status
    # @option options [Logger] :logger receives a line for each attempt of a request at
    #   level info, and for failed attempts at level warn; without secrets and values. Its
    #   level is read when the client is created
    # @raise [InvalidArgument]
    # @raise [ArgumentError] without a subdomain if none is configured
    def initialize(subdomain = UserVoice.configuration, api_key = nil, api_secret = nil, options = {}, **keywords)
      subdomain, api_key, api_secret, options = subdomain.client_arguments if subdomain.is_a?(Configuration)
      api_secret, options = nil, api_secret if api_secret.is_a?(Hash)
      options = Options.merge(options, keywords)
      token, secret = %i[oauth_token oauth_token_secret].map do |name|
        Argument.optional_string(name, options.delete(name)).to_s
      end
      response_format = options.delete(:response_format) || :hash
      logger = options.delete(:logger)
      handle = ClientHandle.open(Argument.string("subdomain", subdomain), Argument.string("api_key", api_key),
                                 Argument.optional_string("api_secret", api_secret), Options.to_json({ language: "ruby" }.merge(options)),
                                 Log.for(logger))
      token = token.empty? ? nil : Token.new(token, secret)
      assign(subdomain, Session.new(handle, token, response_format, options[:max_request_bytes]))
    end

    class << self
      # Creates a client and closes it after the block. Takes the arguments of {#initialize}.
      #
      # @yieldparam client [Client]
      # @return [Object] the result of the block; without a block the client
      def open(*arguments, **options)
        client = new(*arguments, **options)
        return client unless block_given?

        begin
          yield client
        ensure
          client.close
        end
      end

      # Creates a client from the environment variables USERVOICE_SUBDOMAIN,
      # USERVOICE_API_KEY, USERVOICE_API_SECRET and, if set, USERVOICE_BASE_URL and
      # USERVOICE_CA_FILE. An empty variable counts as not set.
      #
      # @param options [Hash] options of {#initialize}, which take precedence
      # @return [Client]
      # @raise [KeyError] if a variable is missing
      def from_environment(**options)
        environment = ENV.to_h.reject { |_, value| value.empty? }
        credentials = %w[USERVOICE_SUBDOMAIN USERVOICE_API_KEY USERVOICE_API_SECRET].map do |name|
          environment.fetch(name) { raise KeyError, "#{name} is not set" }
        end
        defaults = { base_url: environment["USERVOICE_BASE_URL"], ca_file: environment["USERVOICE_CA_FILE"] }
        new(*credentials, **defaults, **options)
      end
    end

    # Creates a client with the same site, API key and acting user, and other options. It
    # shares connections and rate limits with this one unless an option changes how to
    # connect.
    #
    # @param options [Hash, nil] options of {#initialize}, also as keyword arguments, except
    #   those for an access token; nil values are ignored
    # @return [Client]
    # @raise [InvalidArgument]
    # @raise [ArgumentError] for oauth_token: use {#login_with_access_token}
    # @example
    #   patient = client.with(timeout: 120)
    def with(options = nil, **keywords)
      options = Options.merge(options, keywords)
      of_token = options.keys.find { |name| %i[oauth_token oauth_token_secret].include?(name) }
      raise ArgumentError, "#{of_token} cannot be changed: use Client#login_with_access_token" if of_token

      response_format, logger = options.delete(:response_format), options.delete(:logger)
      log = logger && Log.new(logger)
      derive(@session.copy(options, response_format: response_format, log: log))
    end

    # @return [Token, nil] the access token of the acting user; nil if requests are
    #   authenticated with the API key alone
    def access_token
      @session.access_token
    end

    # @return [String] the access token; "" if there is none
    def token
      access_token ? access_token.token : ""
    end

    # @return [String] the access token secret; "" if there is none
    def secret
      access_token&.secret || ""
    end

    # Cancels all calls of this client, its collections and its exports, now and in the
    # future: they raise {Cancelled}. Clients derived from it are not affected. Can be called
    # from any thread, but not in a +trap+ block.
    #
    # @return [void]
    def cancel
      @session.cancel
    end

    # Frees the native client before the object is garbage collected. Calls in progress
    # complete, new ones raise {ClosedError}.
    #
    # @return [void]
    def close
      @session.close
    end

    # @return [Boolean]
    def closed?
      @session.closed?
    end

    # @return [String] without keys and secrets
    def inspect
      "#<#{self.class} #{subdomain}#{' with an access token' if access_token}>"
    end

    # @api private
    attr_reader :session

    # Refuses YAML, as Marshal is refused.
    #
    # @api private
    def encode_with(_coder)
      marshal_dump
    end

    private

    def marshal_dump
      raise TypeError, "cannot dump a client: store its access_token, for login_with_access_token"
    end

    def assign(subdomain, session)
      @subdomain = subdomain
      @session = session
      @request_token = nil
    end

    def initialize_copy(other)
      super
      @session = @session.copy
    end

    def derive(session)
      Client.allocate.tap { |client| client.send(:assign, subdomain, session) }
    end
  end
end
