# frozen_string_literal: true

module UserVoice
  # One site and one API key, and whom the calls act for: the key itself, or the user
  # of a {#login_as} and the like. May be used by any number of threads at once, and
  # after a fork.
  #
  # A call can be ended by Timeout.timeout, Thread#raise, Thread#kill and Ctrl-C.
  class Client
    # @return [String] "acme" of acme.uservoice.com
    attr_reader :subdomain

    # Sends nothing yet. Where neither site nor key is given they are those of
    # {UserVoice.configure}, and the options go over those there.
    #
    # @param subdomain [String] "acme" of acme.uservoice.com
    # @param api_key [String] Admin Console, Settings, Integrations
    # @param api_secret [String, nil] without it calls are not signed, and see what is public
    # @param options [Hash] as a last argument or as keywords; those that are nil do not count
    # @option options [String] :callback where a person goes after "Allow"
    # @option options [String] :protocol ("https") "http" for a loopback host only
    # @option options [String] :uservoice_domain ("uservoice.com")
    # @option options [String] :base_url the whole origin, instead of the two above
    # @option options [String] :oauth_token act with this access token,
    # @option options [String] :oauth_token_secret and its secret
    # @option options [Numeric] :timeout (30) seconds for one attempt
    # @option options [Numeric] :connect_timeout (10) seconds
    # @option options [Integer] :max_retries (2)
    # @option options [Numeric] :max_retry_wait (60) seconds; a longer wait raises
    # @option options [Integer] :max_connections (16) idle connections kept
    # @option options [Integer] :prefetch_pages (4) loaded ahead of a collection's reader
    # @option options [Integer] :per_page (100) records a page of a collection
    # @option options [Integer] :max_response_bytes (67108864)
    # @option options [String] :ca_file PEM file of the authorities to trust instead
    # @option options [String] :proxy `"http://[user:password@]host:port"`; `""` for none
    # @option options [String] :user_agent put in front of ours
    # @option options [Boolean] :allow_insecure (false) plain http to other hosts
    # @option options [Symbol] :response_format (:hash) +:json+ gives JSON text as it
    #   came, +:raw+ a {Response}
    # @option options [Logger] :logger told of each attempt at a call: its warnings, and
    #   where the logger's level is info or debug all; never with a secret or a value
    # @raise [InvalidArgument]
    # @raise [ArgumentError] where no site is given, nor was one configured
    def initialize(subdomain = UserVoice.configuration, api_key = nil, api_secret = nil, options = {}, **keywords)
      subdomain, api_key, api_secret, options = subdomain.site if subdomain.is_a?(Configuration)
      api_secret, options = nil, api_secret if api_secret.is_a?(Hash)
      options = options.to_h.compact.merge(keywords.compact)
      token = options.delete(:oauth_token).to_s
      secret = options.delete(:oauth_token_secret).to_s
      format = options.delete(:response_format) || :hash
      logger = options.delete(:logger)
      handle = Handle.open(Argument.text("subdomain", subdomain), Argument.text("api_key", api_key),
                           Argument.optional_text("api_secret", api_secret), Client.native_options(options),
                           logger && Log.new(logger))
      token = token.empty? ? nil : Token.new(token, secret)
      set_up(subdomain, Session.new(handle, token, format))
    end

    class << self
      # A client that is closed when the block ends. Takes what {#initialize} takes.
      # @yieldparam client [Client]
      # @return [Object] what the block gives
      def open(*arguments, **options)
        client = new(*arguments, **options)
        return client unless block_given?

        begin
          yield client
        ensure
          client.close
        end
      end

      # A client of the site that the environment names: USERVOICE_SUBDOMAIN,
      # USERVOICE_API_KEY, USERVOICE_API_SECRET, USERVOICE_BASE_URL and
      # USERVOICE_CA_FILE. Without a subdomain the sandbox at USERVOICE_BASE_URL is
      # meant. A variable that is set to nothing counts as not set.
      #
      # @param options [Hash] options of {#initialize}, put over those
      # @return [Client]
      # @raise [KeyError] where one is missing
      def from_environment(**options)
        environment = ENV.to_h.reject { |_, value| value.empty? }
        options = { base_url: environment["USERVOICE_BASE_URL"],
                    ca_file: environment["USERVOICE_CA_FILE"] }.merge(options)
        unless environment.key?("USERVOICE_SUBDOMAIN")
          raise KeyError, "USERVOICE_SUBDOMAIN is not set, nor is USERVOICE_BASE_URL" unless options[:base_url]

          environment = { "USERVOICE_SUBDOMAIN" => "sandbox",
                          "USERVOICE_API_KEY" => "sandbox-trusted-key",
                          "USERVOICE_API_SECRET" => "sandbox-trusted-secret" }.merge(environment)
        end
        new(environment.fetch("USERVOICE_SUBDOMAIN"), environment.fetch("USERVOICE_API_KEY"),
            environment.fetch("USERVOICE_API_SECRET"), **options)
      end

      # @api private
      def native_options(options)
        if options.any? { |name, _| name.to_sym == :whole_pages }
          raise ArgumentError, "whole_pages is no option of a client: see Collection#each_whole_page"
        end

        Argument.json("options", options.to_h do |name, value|
          in_seconds = Names::SECONDS.include?(name.to_s)
          in_seconds ? [:"#{name}_ms", Argument.milliseconds(name, value)] : [name, value]
        end)
      end
    end

    # Reads.
    #
    # @param path [String] within the site, such as "/api/v1/users"
    # @param params [Hash, nil] more of the query, also as keywords
    # @return [Hash, nil] the answer's JSON; nil for an empty one
    # @raise [Error]
    # @example
    #   client.get("/api/v1/users", per_page: 5)["users"]
    def get(path, params = nil, **keywords)
      send_call(:get, path, params, keywords)
    end

    # Creates. It is sent again only where it certainly did not arrive.
    #
    # @param path [String]
    # @param params [Hash, Array, String, nil] the body; a String is taken for its JSON
    # @return [Hash, nil]
    # @raise [Error]
    # @example
    #   owner.post("/api/v1/forums", forum: { name: "Ideas" })["forum"]
    def post(path, params = nil, **keywords)
      send_call(:post, path, params, keywords)
    end

    # Changes. Takes what {#post} takes.
    # @return [Hash, nil]
    # @raise [Error]
    def put(path, params = nil, **keywords)
      send_call(:put, path, params, keywords)
    end

    # Deletes. Takes what {#get} takes.
    # @return [Hash, nil]
    # @raise [Error]
    def delete(path, params = nil, **keywords)
      send_call(:delete, path, params, keywords)
    end

    # {#get}, {#post}, {#put} or {#delete} by its name.
    #
    # @param method [Symbol, String]
    # @return [Hash, nil]
    # @raise [Error]
    def request(method, path, params = nil, **keywords)
      method = method.to_s.downcase.to_sym
      unless %i[get post put delete].include?(method)
        raise ArgumentError, "#{method} is none of get, post, put and delete: see Client#response"
      end

      send_call(method, path, params, keywords)
    end

    # Any call, with its whole answer: an error status is an answer here, and raises nothing.
    #
    # @param method [Symbol, String] get, head, delete, post, put or patch
    # @param params [Hash, Array, String, nil] the query, or the body of the last three;
    #   also as keywords
    # @param headers [Hash, nil] more headers; those that the library sets are refused
    # @return [Response]
    # @raise [Error] where there is no answer
    def response(method, path, params = nil, headers: nil, **keywords)
      @session.response(Argument.text("method", method.to_s.upcase), Argument.text("path", path),
                        Argument.json("params", join(params, keywords)), Argument.json("headers", headers))
    end

    # A list of records. Sends nothing yet.
    #
    # @param path [String] such as "/api/v1/suggestions"
    # @param params [Hash, nil] more of the query, also as keywords
    # @param limit [Integer, nil] records at most
    # @return [Collection]
    # @raise [InvalidArgument]
    # @example
    #   client.collection("/api/v1/suggestions", sort: "newest").first(10)
    def collection(path, params = nil, limit: nil, **keywords)
      params = join(params, keywords).to_h
      limit = params[:limit] if limit.nil?
      Collection.new(@session, path, params.reject { |name, _| name == :limit }, limit)
    end
    # The name that it had in the gem uservoice-ruby.
    alias get_collection collection

    # Writes lists into files of a directory, page by page and several lists at once.
    #
    # +NAME.jsonl+ gets the records of a list, one a line as it came; or +NAME.csv+. When
    # that ends early, by an error, an interruption or a kill, the same call goes on: no
    # record is lost, and none is there twice. When it came to its end, the same call adds
    # what has changed since.
    #
    # @param directory [String, Pathname] made where it is missing
    # @param resources [Array<String, Symbol, Hash, Array>] names of lists of the Admin API
    #   ("suggestions" is /api/v2/admin/suggestions), or Hashes with +name:+, of the file,
    #   and as needed +path:+ (of API v1, too), +params:+, +columns:+ (of CSV) and
    #   +incremental:+ (false writes the whole list anew in each run, as lists of API v1
    #   always are); also as an Array
    # @param options [Hash]
    # @option options [Time, Date, String] :since only what was updated at this moment or
    #   later
    # @option options [Time, Date, String] :until only what was updated before this moment
    # @option options [String, Symbol] :format ("jsonl") or "csv"
    # @yieldparam progress [Progress] after each page
    # @return [Export, Progress, nil] the last progress; nil where +until+ was reached
    #   before. Without a block an Export, which writes when it is read.
    # @raise [FileError] where a file cannot be used
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

    # Acts as the user with that e-mail address, who is created where there is none.
    # Needs a trusted API key.
    #
    # @param email [String]
    # @yieldparam user [Client]
    # @return [Client, Object] a client that acts as the user, or what the block gives
    # @raise [Unauthorized] also where it is no e-mail address, before anything is sent
    # @example
    #   client.login_as("jo@example.com") { |jo| jo.get("/api/v1/users/current") }
    def login_as(email, &block)
      Email.check(email)
      email = Argument.text("email", email)
      acting_with(@session.token { |client, token| [:uservoice_login_as, client, token, email] }, &block)
    end

    # Acts as the owner of the site. Needs a trusted API key.
    #
    # @yieldparam owner [Client]
    # @return [Client, Object] a client that acts as the owner, or what the block gives
    # @raise [Error]
    def login_as_owner(&block)
      acting_with(@session.token { |client, token| [:uservoice_login_as_owner, client, token] }, &block)
    end

    # Asks for a request token, the first step of a three-legged login, and remembers
    # it for {#login_with_verifier}. Where another process may finish the login, keep
    # its {Token#dump}.
    #
    # @return [Token]
    # @raise [Error]
    def request_token
      @request_token = @session.token { |client, _| [:uservoice_request_token, client] }
    end

    # The URL to send a person to, who is asked there whether to allow the access.
    #
    # @param request_token [Token] a new one unless given
    # @return [String]
    # @raise [Error]
    def authorize_url(request_token = self.request_token)
      @session.authorize_url(request_token)
    end

    # Finishes a three-legged login: acts as the person who allowed it.
    #
    # @param verifier [String] "oauth_verifier" of the callback, or what the person
    #   read on the page
    # @param request_token [Token, nil] the last that this client asked for unless given
    # @yieldparam person [Client]
    # @return [Client, Object] a client that acts as the person, or what the block gives
    # @raise [Unauthorized] also where there is no request token
    def login_with_verifier(verifier, request_token: @request_token, &block)
      raise Argument.unauthorized("Call request_token or authorize_url first") unless request_token

      acting_with(@session.verify(request_token, Argument.text("verifier", verifier)), &block)
    end

    # Acts as the owner of the site in the Admin API (API v2). Needs a trusted API key.
    # When the service ends the token, any call or list renews it and goes on.
    #
    # @yieldparam owner [Client]
    # @return [Client, Object] a client that acts as the owner, or what the block gives
    # @raise [Error]
    # @example
    #   owner = client.login_with_client_credentials
    #   owner.collection("/api/v2/admin/users").each { |user| puts user["name"] }
    def login_with_client_credentials(&block)
      acting_with(@session.token { |client, _| [:uservoice_login_with_client_credentials, client] }, &block)
    end

    # Acts as the user with that e-mail address and password in the Admin API. When the
    # service ends the token, calls raise {Unauthorized}, unless it came with a refresh
    # token: the password is not kept.
    #
    # @param email [String]
    # @param password [String]
    # @yieldparam user [Client]
    # @return [Client, Object] a client that acts as the user, or what the block gives
    # @raise [Unauthorized] also where the password is wrong
    def login_with_password(email, password, &block)
      email, password = Argument.text("email", email), Argument.text("password", password)
      acting_with(@session.token { |client, _| [:uservoice_login_with_password, client, email, password] }, &block)
    end

    # Begins a login in which a person allows this program to act for them in the Admin
    # API: send them to its URL. They come back to +redirect_uri+ with "state", which is
    # to be compared, and "code", which is for {#login_with_code}. Needs no API secret,
    # and sends nothing.
    #
    # @param redirect_uri [String]
    # @param state [String, nil] one is made up unless given
    # @return [CodeRequest]
    # @raise [InvalidArgument]
    # @example
    #   login = client.code_request("https://app.example/back")
    #   session[:login] = [login.state, login.code_verifier]
    #   redirect_to login.url
    def code_request(redirect_uri, state: nil)
      redirect_uri = Argument.text("redirect_uri", redirect_uri)
      url, code_verifier = @session.authorize_code_url(redirect_uri, Argument.optional_text("state", state))
      CodeRequest.new(url, code_verifier, redirect_uri)
    end

    # Finishes it: acts as the person who came back with the code. When the service ends
    # the token, calls raise {Unauthorized}, unless it came with a refresh token.
    #
    # @param code [String] as it came back
    # @param code_verifier [String] that of the {CodeRequest}
    # @param redirect_uri [String] the same as there
    # @yieldparam person [Client]
    # @return [Client, Object] a client that acts as the person, or what the block gives
    # @raise [Unauthorized] also where the code is not good
    def login_with_code(code, code_verifier:, redirect_uri:, &block)
      texts = { "code" => code, "code_verifier" => code_verifier, "redirect_uri" => redirect_uri }
      texts = texts.map { |name, text| Argument.text(name, text) }
      acting_with(@session.token { |client, _| [:uservoice_login_with_code, client, *texts] }, &block)
    end

    # The URL that logs a person in.
    #
    # @param token [String] of {UserVoice.sso_jwt} or {UserVoice.sso_token}
    # @param return_path [String, nil] the page within the site, such as "/forums/1"
    # @return [String]
    # @raise [InvalidArgument]
    def sso_url(token, return_path = nil)
      @session.sso_url(Argument.text("token", token), Argument.optional_text("return_path", return_path))
    end

    # Acts with an access token that was kept.
    #
    # @param token [Token, String]
    # @param secret [String] not needed for a {Token}
    # @yieldparam user [Client]
    # @return [Client, Object] a client that acts with it, or what the block gives
    # @raise [InvalidArgument]
    def login_with_access_token(token, secret = "", &block)
      acting_with(token.is_a?(Token) ? token : Token.new(token, secret), &block)
    end

    # A client of the same site, key and user with other options. It shares the
    # connections and rate limits with this one unless an option says how to connect.
    #
    # @param options [Hash] those of {#initialize}; those that are nil do not count
    # @return [Client]
    # @raise [InvalidArgument]
    # @example
    #   patient = client.with(timeout: 120)
    def with(response_format: nil, logger: nil, **options)
      log = logger && Log.new(logger)
      derive(@session.copy(Client.native_options(options.compact), format: response_format, log: log))
    end

    # @return [Token, nil] whom the calls act for; nil for the API key itself
    def access_token
      @session.access_token
    end

    # @return [String] the access token; "" for the API key itself
    def token
      access_token ? access_token.token : ""
    end

    # @return [String] the access token's secret; "" for the API key itself and for a
    #   bearer token, which has none
    def secret
      access_token&.secret || ""
    end

    # Ends all calls of this client and of its collections, now and for good: each
    # raises {Cancelled}. Clients made from it go on. From any thread, but not in a
    # +trap+ block.
    # @return [void]
    def cancel
      @session.cancel
    end

    # Frees the native client; otherwise that happens with the object. Calls that are
    # running go on, new ones raise {ClosedError}.
    # @return [void]
    def close
      @session.close
    end

    # @return [Boolean]
    def closed?
      @session.closed?
    end

    # @return [String] without any key or secret
    def inspect
      "#<#{self.class} #{subdomain}#{' with an access token' if access_token}>"
    end

    private

    def marshal_dump
      raise TypeError, "a client cannot be marshalled: keep its access_token, for login_with_access_token"
    end

    def set_up(subdomain, session)
      @subdomain = subdomain
      @session = session
      @request_token = nil
    end

    def initialize_copy(other)
      super
      @session = @session.copy
    end

    def derive(session)
      Client.allocate.tap { |client| client.send(:set_up, subdomain, session) }
    end

    # The client lives on after the block, for programs that keep it or a collection.
    def acting_with(token)
      client = derive(@session.copy(access_token: token))
      block_given? ? yield(client) : client
    end

    def send_call(method, path, params, keywords)
      @session.call(method, Argument.text("path", path), Argument.json("params", join(params, keywords)))
    end

    def join(params, keywords)
      return params if keywords.empty?
      raise TypeError, "keywords cannot be added to #{params.class}" unless params.nil? || params.is_a?(Hash)

      params.to_h.merge(keywords)
    end
  end
end
