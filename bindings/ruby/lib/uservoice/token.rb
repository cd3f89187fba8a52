# frozen_string_literal: true

module UserVoice
  # Token is an access token or request token. It can be stored with {#dump} and restored
  # with {Token.load}, also by another process, and must be protected like a password.
  # +inspect+ does not show it, but Marshal and YAML store the result of {#dump}, so a cache
  # or session that holds a Token contains the secret.
  #
  # A token of {Client#login_with_client_credentials} is refreshed when it expires.
  class Token
    # Creates an OAuth 1.0a token.
    #
    # @param token [String]
    # @param secret [String]
    # @raise [InvalidArgument]
    def initialize(token, secret = "")
      @native = Native.call(:uservoice_token_new, Argument.string("token", token),
                            Argument.string("secret", secret)) { |out| Token.handle(out.read_pointer) }
    end

    class << self
      # Restores a token.
      #
      # @param json [String] the result of {#dump}
      # @return [Token]
      # @raise [InvalidArgument]
      def load(json)
        allocate.tap { |token| token.instance_variable_set(:@native, load_handle(json)) }
      end

      # For Marshal.
      alias _load load
      private :_load

      # @api private
      def from_pointer(pointer)
        allocate.tap { |token| token.instance_variable_set(:@native, handle(pointer)) }
      end

      # @api private
      def handle(pointer)
        NativeHandle.new("token", pointer, :uservoice_token_free)
      end

      # Yields the pointer of a token.
      #
      # @api private
      # @param token [Token, nil]
      # @yieldparam pointer [FFI::Pointer, nil] nil only for nil
      def use(token, &block)
        token.nil? ? yield(nil) : token.use(&block)
      end

      # @api private
      def load_handle(json)
        Native.call(:uservoice_token_from_json, Argument.string("json", json)) { |out| handle(out.read_pointer) }
      end
    end

    # Returns everything that {Token.load} needs, including the current access token if the
    # token was refreshed.
    #
    # @return [String] JSON
    def dump
      use { |pointer| Native.call_string(:uservoice_token_json, pointer) }
    end

    # @return [String] the token; for a refreshed token the original one
    def token
      use { |pointer| Native.borrowed_string(Native.uservoice_token_value(pointer)) }
    end

    # @return [String, nil] the token secret; nil for a bearer token
    def secret
      use { |pointer| Native.borrowed_string(Native.uservoice_token_secret(pointer)) }
    end

    # Wipes the token from the library's memory before the object is garbage collected.
    #
    # @return [void]
    def close
      @native.close
    end

    # @return [Boolean]
    def closed?
      @native.closed?
    end

    # @return [Boolean]
    def ==(other)
      other.is_a?(Token) && other.token == token && other.secret == secret
    end
    alias eql? ==

    # @return [Integer]
    def hash
      [token, secret].hash
    end

    # @return [String] without the token
    def inspect
      "#<#{self.class}>"
    end

    # @api private
    def use(&block)
      raise InternalError, "the token is not initialized" unless @native

      @native.use(&block)
    end

    # For YAML.
    #
    # @api private
    def encode_with(coder)
      coder["json"] = dump
    end

    # For YAML.
    #
    # @api private
    def init_with(coder)
      @native = Token.load_handle(coder["json"])
    end

    private

    # For Marshal.
    def _dump(_level)
      dump
    end

    def initialize_copy(_other)
      raise TypeError, "cannot copy a token: it is immutable and can be shared"
    end
  end
end
