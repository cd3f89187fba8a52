# frozen_string_literal: true

module UserVoice
  # Owns a +uservoice_collection+ or +uservoice_export+.
  #
  # @api private
  class Reader
    # @param client [ClientHandle]
    # @param token [Token, nil] of the acting user
    # @param kind [Symbol] +:collection+ or +:export+
    # @param arguments [Array] further arguments of the function that opens it
    def initialize(client, token, kind, *arguments)
      @client = client
      @native = client.use do |pointer|
        Token.use(token) do |token_pointer|
          Native.call(:"uservoice_#{kind}_new", pointer, token_pointer, *arguments) do |out|
            NativeHandle.new(kind, out.read_pointer, :"uservoice_#{kind}_free")
          end
        end
      end
    end

    # Calls a function of the collection or export.
    #
    # @yieldparam out [FFI::MemoryPointer] the out-parameter
    # @return [Object] the result of the block
    # @raise [Error]
    def call(function, *arguments, &block)
      use { |pointer| Native.call(function, pointer, *arguments, &block) }
    ensure
      @client.write_log
    end

    # @return [String, nil] the out-parameter
    # @raise [Error]
    def call_string(function, *arguments)
      call(function, *arguments) { |out| Native.take_string(out.read_pointer) }
    end

    # @yieldparam pointer [FFI::Pointer]
    def use(&block)
      @native.use(&block)
    end

    def close
      @native.close
    end
  end
  private_constant :Reader
end
