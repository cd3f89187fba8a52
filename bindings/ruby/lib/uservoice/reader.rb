# frozen_string_literal: true

module UserVoice
  # A native handle that is read with many calls, and the copy of the client that makes
  # them.
  #
  # @api private
  class Reader
    # @param handle [Handle]
    # @param native [Resource] made with that
    def initialize(handle, session, native)
      @handle = handle
      @session = session
      @native = native
    end

    def text(function, *arguments)
      run { |pointer| Native.text(function, pointer, *arguments) }
    end

    # @return [Boolean] also after an interruption
    def cancelled?
      @handle.cancelled?
    end

    def close
      @native.close
      @handle.close
    end

    private

    def run(&block)
      @session.track(@handle) { @handle.run { @native.use(&block) } }
    end
  end
  private_constant :Reader
end
