# frozen_string_literal: true

module UserVoice
  # Owns a pointer of the library, which may be used by several threads. The pointer is
  # freed when the handle is closed and nobody uses it any more, or when the handle is
  # garbage collected.
  #
  # @api private
  class NativeHandle
    # @param name [String] for error messages
    # @param pointer [FFI::Pointer]
    # @param free_function [Symbol]
    # @raise [InternalError] for a null pointer: the library takes a null token for none
    def initialize(name, pointer, free_function)
      raise InternalError, "the #{name} is a null pointer" if pointer.null?

      @name = name
      @pointer = FFI::AutoPointer.new(pointer, Native.method(free_function))
      @lock = Mutex.new
      @users = 0
      @closed = false
    end

    # @yieldparam pointer [FFI::Pointer] valid until the block returns
    # @return [Object] the result of the block
    # @raise [ClosedError]
    def use
      pointer = acquire
      begin
        yield pointer
      ensure
        release
      end
    end

    # Refuses YAML, which could restore the handle with a null pointer.
    def encode_with(_coder)
      raise TypeError, "cannot dump the #{@name}"
    end

    # Frees the pointer now, or when its last user releases it.
    def close
      synchronize do
        @closed = true
        free if @users.zero?
      end
    end

    def closed?
      @closed
    end

    private

    def acquire
      synchronize do
        raise ClosedError.new("the #{@name} is closed", outcome: :not_sent) if @closed
        raise InternalError, "the #{@name} is a null pointer" if @pointer.null?

        @users += 1
        @pointer
      end
    end

    def release
      synchronize do
        @users -= 1
        free if @closed && @users.zero?
      end
    end

    def free
      @pointer&.free
      @pointer = nil
    end

    # Thread#raise and Thread#kill must not interrupt a change of the state.
    def synchronize(&block)
      Thread.handle_interrupt(Object => :never) { @lock.synchronize(&block) }
    end
  end
  private_constant :NativeHandle
end
