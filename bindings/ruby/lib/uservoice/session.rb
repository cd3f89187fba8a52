# frozen_string_literal: true

module UserVoice
  # A native client, the access token of its acting user, the response format, and the
  # calls in progress.
  #
  # @api private
  class Session
    RESPONSE_FORMATS = %i[hash json raw].freeze

    # @return [Token, nil]
    attr_reader :access_token

    # @param client [ClientHandle]
    # @param access_token [Token, nil]
    # @param response_format [Symbol, String]
    # @param max_request_bytes [Integer, nil] the option of the client
    # @raise [ArgumentError]
    def initialize(client, access_token, response_format, max_request_bytes)
      @response_format = response_format.to_s.to_sym
      unless RESPONSE_FORMATS.include?(@response_format)
        raise ArgumentError, "response_format must be one of #{RESPONSE_FORMATS.join(', ')}"
      end

      @client = client
      @max_request_bytes = max_request_bytes
      @access_token = access_token
      @lock = Mutex.new
      @running = {}
      @cancelled = false
    end

    # @param options [Hash] options of the library
    # @return [Session] with the same site and API key
    def copy(options = {}, access_token: @access_token, response_format: nil, log: nil)
      Session.new(@client.copy(Options.to_json(options), log), access_token, response_format || @response_format,
                  options[:max_request_bytes] || @max_request_bytes)
    end

    # @param options [String, nil] JSON
    # @return [ClientHandle] can be cancelled without cancelling the session
    def clone_client(options = nil)
      @client.copy(options)
    end

    # Sends a request, and raises on an error status unless the response format is raw.
    #
    # @return [Object] the response in the response format
    def request(method, path, params)
      return send_request(method.to_s.upcase, path, params, nil) if @response_format == :raw

      decode(call { |client, token| Native.call_string(:"uservoice_#{method}", client, token, path, params) })
    end

    # @return [Response]
    def send_request(method, path, params, headers)
      Response.new(call do |client, token|
        Native.call_string(:uservoice_request, client, token, method, path, params, headers)
      end)
    end

    # Sends a request with any body.
    #
    # @param body [String, Pathname, IO, nil]
    # @return [Response]
    def send_body(method, path, headers, body)
      body = RequestBody.read("body", body, @max_request_bytes)
      Response.new(call do |client, token|
        Native.call_string(:uservoice_send, client, token, method, path, headers, body, body.bytesize)
      end)
    end

    # Uploads a file.
    #
    # @param file [String, Pathname, IO]
    # @return [Object] the response in the response format, {Response} excepted
    def upload(path, filename, content_type, file)
      data = RequestBody.read("file", file, @max_request_bytes)
      decode(call do |client, token|
        Native.call_string(:uservoice_upload, client, token, path, filename, content_type, data, data.bytesize)
      end)
    end

    # Calls a function that returns a token.
    #
    # @param with [Token, nil] the token argument
    # @yieldreturn [Array] the function and its arguments
    # @return [Token]
    def obtain_token(with: access_token)
      call(with) do |client, token|
        Native.call(*yield(client, token)) { |out| Token.from_pointer(out.read_pointer) }
      end
    end

    # @return [String]
    def authorize_url(request_token)
      @client.use do |client|
        use_token(request_token) { |token| Native.call_string(:uservoice_authorize_url, client, token) }
      end
    end

    # @return [Array(String, String)] the URL and the code verifier
    def authorize_code_url(redirect_uri, state)
      @client.use do |client|
        url = FFI::MemoryPointer.new(:pointer)
        Native.call(:uservoice_authorize_code_url, client, redirect_uri, state, url) do |code_verifier|
          [url, code_verifier].map { |out| Native.take_string(out.read_pointer) }
        end
      end
    end

    # @return [String]
    def sso_url(token, return_path)
      @client.use { |client| Native.call_string(:uservoice_sso_url, client, token, return_path) }
    end

    def json?
      @response_format == :json
    end

    # @param json [String]
    # @return [Object] JSON in the response format
    def decode(json)
      json? ? json : Native.parse_json(json)
    end

    # Runs the block on a worker thread, so that {#cancel} and interrupts can end it.
    #
    # @param client [ClientHandle]
    # @yieldparam pointer [FFI::Pointer]
    # @raise [Cancelled] if the session was cancelled
    def run(client, &block)
      key = Object.new
      @lock.synchronize do
        raise Cancelled.new("the client was cancelled", status: :cancelled, outcome: :not_sent) if @cancelled

        @running[key] = client
      end
      client.run(&block)
    ensure
      @lock.synchronize { @running.delete(key) }
    end

    # @yieldparam pointer [FFI::Pointer, nil] the token, nil for NULL
    def use_token(token = access_token, &block)
      token ? token.use(&block) : yield(nil)
    end

    # Ends all calls, now and in the future.
    def cancel
      @lock.synchronize do
        @cancelled = true
        @running.each_value(&:cancel)
      end
    end

    def cancelled?
      @cancelled
    end

    def close
      @client.close
    end

    def closed?
      @client.closed?
    end

    private

    # Runs the block with a clone of the client, which is cancelled if the call is interrupted.
    def call(token = access_token)
      client = clone_client
      run(client) { |pointer| use_token(token) { |token_pointer| yield pointer, token_pointer } }
    ensure
      client&.close
    end
  end
  private_constant :Session
end
