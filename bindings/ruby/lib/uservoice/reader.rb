# frozen_string_literal: true

module UserVoice
  # Owns a +uservoice_collection+ or +uservoice_export+ and the clone of the client that
  # loads its pages.
  #
  # @api private
  class Reader
    # @param session [Session]
    # @param kind [Symbol] +:collection+ or +:export+
    # @param arguments [Array] further arguments of the function that opens it
    # @param client_options [String, nil] JSON
    def initialize(session, kind, *arguments, client_options: nil)
      @session = session
      @client = session.clone_client(client_options)
      @native = @client.use do |client|
        session.use_token do |token|
          Native.call(:"uservoice_#{kind}_new", client, token, *arguments) do |out|
            NativeHandle.new(kind, out.read_pointer, :"uservoice_#{kind}_free", @client.log)
          end
        end
      end
    ensure
      @client&.close unless @native
    end

    # Calls a function of the collection or export.
    #
    # @yieldparam out [FFI::MemoryPointer] the out-parameter
    # @return [Object] the result of the block
    # @raise [Error]
    def call(function, *arguments, &block)
      run { |pointer| Native.call(function, pointer, *arguments, &block) }
    end

    # @return [String, nil] the out-parameter
    # @raise [Error]
    def call_string(function, *arguments)
      run { |pointer| Native.call_string(function, pointer, *arguments) }
    end

    # @yieldparam pointer [FFI::Pointer]
    def use(&block)
      @native.use(&block)
    end

    # @return [Boolean] whether a call was interrupted or cancelled: all later calls fail
    def cancelled?
      @client.cancelled?
    end

    def close
      @native.close
      @client.close
    end

    private

    def run(&block)
      @session.run(@client) { @native.use(&block) }
    end
  end
  private_constant :Reader
end
