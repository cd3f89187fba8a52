# frozen_string_literal: true

module UserVoice
  module Native
    class << self
      # Calls a function whose last two parameters are an out-parameter and the error;
      # both are added to the arguments.
      #
      # @yieldparam out [FFI::MemoryPointer] the out-parameter after success
      # @return [Object] the result of the block
      # @raise [Error]
      def call(name, *arguments, &block)
        out = FFI::MemoryPointer.new(:uint64)
        error = FFI::MemoryPointer.new(:pointer)
        status = result = exception = nil
        begin
          status = Interruption.watch { public_send(name, *arguments, out, error) }
        ensure
          # Another interruption here would leak the result of a call that was interrupted.
          Thread.handle_interrupt(Object => :never) { result, exception = take(status, out, error, &block) }
        end
        exception ? raise(exception) : result
      end

      # Calls a function whose last parameter is the error, which is added to the arguments.
      #
      # @return [void]
      # @raise [Error]
      def call_void(name, *arguments)
        error = FFI::MemoryPointer.new(:pointer)
        status = public_send(name, *arguments, error)
        raise exception(error.read_pointer) unless status.zero?
      end

      # Calls a function as {call} does, for an out-parameter that is a string.
      #
      # @return [String, nil]
      # @raise [Error]
      def call_string(name, *arguments)
        call(name, *arguments) { |out| take_string(out.read_pointer) }
      end

      # Copies and frees a string that the library returned.
      #
      # @param pointer [FFI::Pointer]
      # @return [String, nil]
      def take_string(pointer)
        return if pointer.null?

        begin
          pointer.read_string.force_encoding(Encoding::UTF_8)
        ensure
          uservoice_string_free(pointer)
        end
      end

      # Parses JSON that the library returned. The library limits its nesting, to more levels
      # than JSON.parse accepts by default.
      #
      # @param json [String]
      # @return [Object]
      def parse_json(json)
        JSON.parse(json, max_nesting: 0)
      end

      # Marks FFI's copy of a +const char *+ as UTF-8.
      #
      # @param string [String, nil]
      # @return [String, nil]
      def borrowed_string(string)
        string&.force_encoding(Encoding::UTF_8)
      end

      private

      # Takes the ownership of what a function returned.
      #
      # @param status [Integer, nil] nil if the call was interrupted, perhaps before it began
      # @return [Array(Object, Error), nil] the result of the block, or the error
      def take(status, out, error)
        failed = status ? !status.zero? : !error.read_pointer.null?
        return [nil, exception(error.read_pointer)] if failed

        [yield(out), nil] if status || !out.get_uint64(0).zero?
      end
    end
  end
end
