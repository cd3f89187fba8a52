# frozen_string_literal: true

module UserVoice
  # The native side of a {Client}: its handle, whom the calls act for, and the calls
  # that are running.
  #
  # @api private
  class Session
    # What answers are given as.
    FORMATS = %i[hash json raw].freeze

    attr_reader :access_token

    def initialize(handle, access_token, format)
      @format = format.to_s.to_sym
      raise ArgumentError, "response_format: must be one of #{FORMATS.join(', ')}" unless FORMATS.include?(@format)

      @handle = handle
      @access_token = access_token
      @lock = Mutex.new
      @running = {}
      @cancelled = false
    end

    # Another session of the same site, with other options or for somebody else.
    def copy(options = nil, access_token: @access_token, format: nil, log: nil)
      Session.new(@handle.copy(options, log), access_token, format || @format)
    end

    def copy_handle(options = nil)
      @handle.copy(options)
    end

    def open_collection(handle, path, params, limit)
      handle.use do |client|
        with_token(access_token) do |token|
          Native.call(:uservoice_collection_new, client, token, path, params, limit) do |out|
            Resource.new("collection", out.read_pointer, :uservoice_collection_free, handle.kept)
          end
        end
      end
    end

    def open_export(handle, directory, options)
      handle.use do |client|
        with_token(access_token) do |token|
          Native.call(:uservoice_export_new, client, token, directory, options) do |out|
            Resource.new("export", out.read_pointer, :uservoice_export_free, handle.kept)
          end
        end
      end
    end

    def call(method, path, params)
      return response(method.to_s.upcase, path, params, nil) if @format == :raw

      decode(perform { |client, token| Native.text(:"uservoice_#{method}", client, token, path, params) })
    end

    def response(method, path, params, headers)
      Response.new(perform do |client, token|
        Native.text(:uservoice_request, client, token, method, path, params, headers)
      end)
    end

    # Calls a function that gives a token.
    # @yieldreturn [Array] the function and its arguments
    def token
      perform do |client, token|
        Native.call(*yield(client, token)) { |out| Token.take(out.read_pointer) }
      end
    end

    def verify(request_token, verifier)
      perform(request_token) do |client, token|
        Native.call(:uservoice_login_with_verifier, client, token, verifier) { |out| Token.take(out.read_pointer) }
      end
    end

    def authorize_url(request_token)
      @handle.use do |client|
        with_token(request_token) { |token| Native.text(:uservoice_authorize_url, client, token) }
      end
    end

    # @return [Array(String, String)] the URL and the code verifier
    def authorize_code_url(redirect_uri, state)
      @handle.use do |client|
        url = FFI::MemoryPointer.new(:pointer)
        Native.call(:uservoice_authorize_code_url, client, redirect_uri, state, url) do |verifier|
          [url, verifier].map { |out| Native.take_text(out.read_pointer) }
        end
      end
    end

    def sso_url(token, return_path)
      @handle.use { |client| Native.text(:uservoice_sso_url, client, token, return_path) }
    end

    def json?
      @format == :json
    end

    def decode(json)
      json? ? json : JSON.parse(json)
    end

    # Lets {#cancel} end what the block does with the handle.
    def track(handle)
      call = Object.new
      @lock.synchronize do
        raise Cancelled.new("the client was cancelled", status: :cancelled, outcome: :not_sent) if @cancelled

        @running[call] = handle
      end
      yield
    ensure
      @lock.synchronize { @running.delete(call) }
    end

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
      @handle.close
    end

    def closed?
      @handle.closed?
    end

    private

    # Runs the block, which makes one call, such that it can be interrupted.
    def perform(token = access_token)
      handle = copy_handle
      track(handle) do
        handle.run { |client| with_token(token) { |pointer| yield client, pointer } }
      end
    ensure
      handle&.close
    end

    def with_token(token, &block)
      token ? token.use(&block) : yield(nil)
    end
  end
  private_constant :Session
end
