# frozen_string_literal: true

module UserVoice
  class Client
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

    private

    # The client is not closed after the block, because programs of the gem uservoice-ruby
    # keep it or a collection of it.
    def act_with(token)
      client = derive(@session.copy(access_token: token))
      block_given? ? yield(client) : client
    end
  end
end
