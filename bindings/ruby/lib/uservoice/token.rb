# frozen_string_literal: true

module UserVoice
  # Whom calls act for: a value that can be kept and used again, by any process. It is
  # as secret as a password, and not shown by +inspect+.
  #
  # Marshal, and so caches and sessions, keep what {#dump} gives: they then hold the
  # secret.
  #
  # One of {Client#login_with_client_credentials} renews itself when the service ends it.
  class Token
    # @param token [String] the token itself
    # @param secret [String] its secret
    # @raise [InvalidArgument]
    def initialize(token, secret = "")
      @native = Native.call(:uservoice_token_new, Argument.text("token", token), Argument.text("secret", secret)) do |out|
        Token.own(out.read_pointer)
      end
    end

    class << self
      # Restores a token from what {#dump} gave.
      # @param text [String]
      # @return [Token]
      # @raise [InvalidArgument]
      def load(text)
        Native.call(:uservoice_token_from_json, Argument.text("text", text)) { |out| take(out.read_pointer) }
      end

      # For Marshal.
      alias _load load
      private :_load

      # @api private
      def take(pointer)
        allocate.tap { |token| token.instance_variable_set(:@native, own(pointer)) }
      end

      # @api private
      def own(pointer)
        Resource.new("token", pointer, :uservoice_token_free)
      end
    end

    # @return [String] everything needed to restore the token with {Token.load}; of one
    #   that renews itself, as it is now
    def dump
      use { |pointer| Native.text(:uservoice_token_json, pointer) }
    end

    # @return [String] the token itself; of one that renews itself, the first one
    def token
      use { |pointer| Native.borrowed(Native.uservoice_token_value(pointer)) }
    end
    alias value token

    # @return [String, nil] its secret; nil for a bearer token, which has none
    def secret
      use { |pointer| Native.borrowed(Native.uservoice_token_secret(pointer)) }
    end

    # Wipes it from the library's memory now; otherwise that happens with the object.
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
      @native.use(&block)
    end

    private

    # For Marshal.
    def _dump(_level)
      dump
    end

    def initialize_copy(_other)
      raise TypeError, "a token need not be copied: it may be used by all"
    end
  end
end
