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
      options = Argument.optional_hash("options", options).transform_keys(&:to_sym).compact.merge(keywords.compact)
      token, secret = %i[oauth_token oauth_token_secret].map do |name|
        Argument.optional_string(name, options.delete(name)).to_s
      end
      response_format = options.delete(:response_format) || :hash
      logger = options.delete(:logger)
      handle = ClientHandle.open(Argument.string("subdomain", subdomain), Argument.string("api_key", api_key),
                                 Argument.optional_string("api_secret", api_secret), Options.to_json({ language: "ruby" }.merge(options)),
                                 logger && Log.new(logger))
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

    # Sends a GET request.
    #
    # @param path [String] such as "/api/v1/users"
    # @param params [Hash, nil] query parameters, also as keyword arguments
    # @return [Hash, nil] the parsed response body; nil if it is empty
    # @raise [Error]
    # @example
    #   client.get("/api/v1/users", per_page: 5)["users"]
    def get(path, params = nil, **keywords)
      request_json(:get, path, params, keywords)
    end

    # Sends a POST request. It is retried only if the service cannot have processed it.
    #
    # @param path [String]
    # @param params [Hash, Array, String, nil] the JSON body, also as keyword arguments; a
    #   String is JSON already
    # @return [Hash, nil] the parsed response body; nil if it is empty
    # @raise [Error]
    # @example
    #   owner.post("/api/v1/forums", forum: { name: "Ideas" })["forum"]
    def post(path, params = nil, **keywords)
      request_json(:post, path, params, keywords)
    end

    # Sends a PUT request. Takes the arguments of {#post}.
    #
    # @return [Hash, nil]
    # @raise [Error]
    def put(path, params = nil, **keywords)
      request_json(:put, path, params, keywords)
    end

    # Sends a DELETE request. Takes the arguments of {#get}.
    #
    # @return [Hash, nil]
    # @raise [Error]
    def delete(path, params = nil, **keywords)
      request_json(:delete, path, params, keywords)
    end

    # Sends a request as {#get}, {#post}, {#put} or {#delete} does.
    #
    # @param method [Symbol, String] the name of one of them
    # @return [Hash, nil]
    # @raise [Error]
    def request(method, path, params = nil, **keywords)
      method = method.to_s.downcase.to_sym
      unless %i[get post put delete].include?(method)
        raise ArgumentError, "method must be get, post, put or delete (got #{method}): see Client#send_request"
      end

      request_json(method, path, params, keywords)
    end

    # Sends a request with any method and headers, and returns the response whatever its
    # status.
    #
    # @param method [Symbol, String] get, head, delete, post, put or patch
    # @param path [String]
    # @param params [Hash, Array, String, nil] query parameters of GET, HEAD and DELETE, or
    #   the JSON body of POST, PUT and PATCH; also as keyword arguments
    # @param headers [Hash, nil] additional headers; those that the library sets are rejected
    # @return [Response]
    # @raise [Error] if there is no response
    def send_request(method, path, params = nil, headers: nil, **keywords)
      @session.send_request(Argument.string("method", method.to_s.upcase), Argument.string("path", path),
                            Argument.json("params", merge(params, keywords)), Argument.json("headers", headers))
    end

    # Sends a request with a body of any kind, and returns the response whatever its status.
    # The body is read into memory, up to the option +max_request_bytes+.
    #
    # @param method [Symbol, String] post, put, patch or delete
    # @param path [String]
    # @param body [String, Pathname, IO, nil] the bytes, a file, or what +read+ returns
    # @param content_type [String] a form ("application/x-www-form-urlencoded") is part of an
    #   OAuth 1.0a signature
    # @param headers [Hash, nil] additional headers
    # @return [Response]
    # @raise [Error] if there is no response
    # @example
    #   form = URI.encode_www_form("suggestion[title]" => "Dark mode")
    #   client.send_body(:post, "/api/v1/forums/1/suggestions", form,
    #                    content_type: "application/x-www-form-urlencoded")
    def send_body(method, path, body, content_type:, headers: nil)
      headers = Argument.optional_hash("headers", headers)
      headers = headers.merge("Content-Type" => Argument.string("content_type", content_type))
      @session.send_body(Argument.string("method", method.to_s.upcase), Argument.string("path", path),
                         Argument.json("headers", headers), body)
    end

    # Uploads a file: a POST request with the field +file+ as multipart/form-data. It is
    # retried like {#post}.
    #
    # @param path [String] such as "/api/v2/admin/attachments"
    # @param file [Pathname, IO, String] a file, what +read+ returns, or the content
    # @param filename [String, nil] by default the name of the Pathname or File
    # @param content_type [String, nil] by default that of files with such a name
    # @return [Hash, nil] the parsed response body
    # @raise [ArgumentError] if there is no filename
    # @raise [Error]
    # @example
    #   token = owner.upload("/api/v2/admin/attachments", Pathname("screen.png"))["attachments"][0]["token"]
    #   owner.put("/api/v2/admin/suggestions/1", attachment_tokens: token)
    def upload(path, file, filename: nil, content_type: nil)
      filename ||= RequestBody.filename(file)
      raise ArgumentError, "filename is missing: #{file.class} has none" unless filename

      @session.upload(Argument.string("path", path), Argument.string("filename", filename),
                      Argument.optional_string("content_type", content_type), file)
    end

    # Creates a collection of the records of a list. Sends no request until it is read.
    #
    # @param path [String] such as "/api/v1/suggestions"
    # @param params [Hash, nil] query parameters, also as keyword arguments
    # @param limit [Integer, nil] the maximum number of records
    # @return [Collection]
    # @raise [InvalidArgument]
    # @example
    #   client.collection("/api/v1/suggestions", sort: "newest").first(10)
    def collection(path, params = nil, limit: nil, **keywords)
      params = Argument.optional_hash("params", merge(params, keywords))
      limit = params[:limit] || params["limit"] if limit.nil?
      Collection.new(self, path, params.reject { |name, _| name.to_s == "limit" }, limit: limit)
    end
    # The name in the gem uservoice-ruby.
    alias get_collection collection

    # Exports lists into files of a directory, several lists at once.
    #
    # Each list is written to NAME.jsonl, one record per line as the service sent it, or to
    # NAME.csv. If an export was interrupted, killed or ended by an error, the same call
    # resumes it without losing or repeating a record. If it was completed, the same call
    # appends what has changed since.
    #
    # @param directory [String, Pathname] created if missing
    # @param resources [Array<String, Symbol, Hash, Array>] names of Admin API lists
    #   ("suggestions" is /api/v2/admin/suggestions), or Hashes with +name:+ (of the file) and
    #   optionally +path:+ (also of API v1), +params:+, +columns:+ (of CSV) and
    #   +incremental:+ (false rewrites the whole list in each run, as for all lists of API v1)
    # @param options [Hash]
    # @option options [Time, Date, String] :since export only records updated at this time or
    #   later
    # @option options [Time, Date, String] :until export only records updated before this time
    # @option options [String, Symbol] :format ("jsonl") or "csv"
    # @yieldparam progress [Progress] after each page
    # @return [Progress, nil, Export] with a block the last progress, or nil if an earlier run
    #   has reached +until+; without a block an Export, which runs when it is enumerated
    # @raise [FileError] if a file cannot be used
    # @raise [Error]
    # @example
    #   owner = client.login_with_client_credentials
    #   owner.export("backup", "suggestions", "users", since: Time.utc(2026)) do |progress|
    #     puts "#{progress.written} of #{progress.total}"
    #   end
    def export(directory, *resources, **options)
      export = Export.new(@session, directory, resources, options)
      return export unless block_given?

      last = nil
      export.each { |progress| yield(last = progress) }
      last
    end

    # Logs in as the user with an e-mail address, who is created if necessary. Requires a
    # trusted API key.
    #
    # @param email [String]
    # @yieldparam user [Client]
    # @return [Client, Object] a client with the user as acting user, or the result of the
    #   block
    # @raise [Unauthorized] also without a request, if this is not an e-mail address
    # @example
    #   client.login_as("jo@example.com") { |jo| jo.get("/api/v1/users/current") }
    def login_as(email, &block)
      Argument.check_email(email)
      email = Argument.string("email", email)
      act_with(@session.obtain_token { |client, token| [:uservoice_login_as, client, token, email] }, &block)
    end

    # Logs in as the owner of the site. Requires a trusted API key.
    #
    # @yieldparam owner [Client]
    # @return [Client, Object] a client with the owner as acting user, or the result of the
    #   block
    # @raise [Error]
    def login_as_owner(&block)
      act_with(@session.obtain_token { |client, token| [:uservoice_login_as_owner, client, token] }, &block)
    end

    # Obtains a request token, the first step of a three-legged login. The client remembers
    # it for {#login_with_verifier}. If another process may complete the login, store its
    # {Token#dump}.
    #
    # @return [Token]
    # @raise [Error]
    def request_token
      @request_token = @session.obtain_token { |client, _| [:uservoice_request_token, client] }
    end

    # Returns the URL where a user can authorize a request token.
    #
    # @param request_token [Token] by default a new one
    # @return [String]
    # @raise [Error]
    def authorize_url(request_token = self.request_token)
      @session.authorize_url(Argument.token("request_token", request_token))
    end

    # Completes a three-legged login with the verifier of the user's authorization.
    #
    # @param verifier [String] "oauth_verifier" of the callback, or what the user copied from
    #   the page
    # @param request_token [Token, nil] by default the last one that this client obtained
    # @yieldparam user [Client]
    # @return [Client, Object] a client with that user as acting user, or the result of the
    #   block
    # @raise [Unauthorized] also if there is no request token, and for a verifier that is not
    #   valid UTF-8
    def login_with_verifier(verifier, request_token: @request_token, &block)
      raise Argument.unauthorized("Call request_token or authorize_url first") unless request_token

      request_token = Argument.token("request_token", request_token)
      verifier = Argument.credential("verifier", verifier)
      act_with(@session.obtain_token(with: request_token) do |client, token|
        [:uservoice_login_with_verifier, client, token, verifier]
      end, &block)
    end

    # Logs in to the Admin API (API v2) as the owner of the site. Requires a trusted API key.
    # The token is refreshed when it expires.
    #
    # @yieldparam owner [Client]
    # @return [Client, Object] a client with the owner as acting user, or the result of the
    #   block
    # @raise [Error]
    # @example
    #   owner = client.login_with_client_credentials
    #   owner.collection("/api/v2/admin/users").each { |user| puts user["name"] }
    def login_with_client_credentials(&block)
      act_with(@session.obtain_token { |client, _| [:uservoice_login_with_client_credentials, client] }, &block)
    end

    # Logs in to the Admin API with an e-mail address and a password. The password is not
    # stored: when the token expires, calls raise {Unauthorized} unless the service issued a
    # refresh token.
    #
    # @param email [String]
    # @param password [String]
    # @yieldparam user [Client]
    # @return [Client, Object] a client with that user as acting user, or the result of the
    #   block
    # @raise [Unauthorized] also if the password is wrong
    def login_with_password(email, password, &block)
      email, password = Argument.credential("email", email), Argument.credential("password", password)
      act_with(@session.obtain_token { |client, _| [:uservoice_login_with_password, client, email, password] }, &block)
    end

    # Creates an OAuth 2.0 authorization request with PKCE for the Admin API. Redirect the
    # user to its URL. The callback receives "state", which must equal that of the request,
    # and "code" for {#login_with_code}. Needs no API secret and sends no request.
    #
    # @param redirect_uri [String] the callback URL
    # @param state [String, nil] by default a random one
    # @return [AuthorizationRequest]
    # @raise [InvalidArgument]
    # @example
    #   request = client.authorization_request("https://app.example/callback")
    #   session[:login] = [request.state, request.code_verifier]
    #   redirect_to request.url
    def authorization_request(redirect_uri, state: nil)
      redirect_uri = Argument.string("redirect_uri", redirect_uri)
      url, code_verifier = @session.authorize_code_url(redirect_uri, Argument.optional_string("state", state))
      AuthorizationRequest.new(url, code_verifier, redirect_uri)
    end

    # Completes an authorization request with the code of the callback. When the token
    # expires, calls raise {Unauthorized} unless the service issued a refresh token.
    #
    # @param code [String] the "code" parameter of the callback
    # @param code_verifier [String] of the {AuthorizationRequest}
    # @param redirect_uri [String] of the {AuthorizationRequest}
    # @yieldparam user [Client]
    # @return [Client, Object] a client with that user as acting user, or the result of the
    #   block
    # @raise [Unauthorized] also if the code is invalid
    def login_with_code(code, code_verifier:, redirect_uri:, &block)
      code = Argument.credential("code", code)
      arguments = { "code_verifier" => code_verifier, "redirect_uri" => redirect_uri }
      arguments = [code, *arguments.map { |name, value| Argument.string(name, value) }]
      act_with(@session.obtain_token { |client, _| [:uservoice_login_with_code, client, *arguments] }, &block)
    end

    # Creates a client that uses a stored access token.
    #
    # @param token [Token, String]
    # @param secret [String] ignored for a {Token}
    # @yieldparam user [Client]
    # @return [Client, Object] the client, or the result of the block
    # @raise [InvalidArgument]
    def login_with_access_token(token, secret = "", &block)
      act_with(token.is_a?(Token) ? token : Token.new(token, secret), &block)
    end

    # Returns the URL that logs a user in by single sign-on.
    #
    # @param token [String] of {UserVoice.sso_jwt} or {UserVoice.sso_token}
    # @param return_path [String, nil] the page to show, such as "/forums/1"
    # @return [String]
    # @raise [InvalidArgument]
    def sso_url(token, return_path = nil)
      @session.sso_url(Argument.string("token", token), Argument.optional_string("return_path", return_path))
    end

    # Creates a client with the same site, API key and acting user, and other options. It
    # shares connections and rate limits with this one unless an option changes how to
    # connect.
    #
    # @param options [Hash] options of {#initialize}, except those for an access token; nil
    #   values are ignored
    # @return [Client]
    # @raise [InvalidArgument]
    # @example
    #   patient = client.with(timeout: 120)
    def with(**options)
      options = options.transform_keys(&:to_sym)
      response_format, logger = options.delete(:response_format), options.delete(:logger)
      log = logger && Log.new(logger)
      derive(@session.copy(options.compact, response_format: response_format, log: log))
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

    # The client is not closed after the block, because programs of the gem uservoice-ruby
    # keep it or a collection of it.
    def act_with(token)
      client = derive(@session.copy(access_token: token))
      block_given? ? yield(client) : client
    end

    def request_json(method, path, params, keywords)
      raise ArgumentError, "#{method} takes no headers: use Client#send_request" if keywords.key?(:headers)

      @session.request(method, Argument.string("path", path), Argument.json("params", merge(params, keywords)))
    end

    def merge(params, keywords)
      return params if keywords.empty?
      raise TypeError, "keyword arguments cannot be added to #{params.class}" unless params.nil? || params.is_a?(Hash)

      params.to_h.merge(keywords)
    end
  end
end
