# frozen_string_literal: true

require "ffi"

module UserVoice
  # The C functions of libuservoice, by their names there.
  #
  # @api private
  module Native
    extend FFI::Library

    # What this gem was written for: the oldest library that has all of it.
    REQUIRED = "0.1.0"

    # Every function of uservoice.h: its arguments and its result. Those that end
    # with :waits let other Ruby threads go on in the meantime.
    FUNCTIONS = {
      uservoice_string_free: [[:pointer], :void],
      uservoice_version: [[], :string],

      uservoice_client_new: [%i[string string string string pointer pointer], :int32],
      uservoice_client_clone: [%i[pointer string pointer pointer], :int32],
      uservoice_client_cancel: [[:pointer], :void],
      uservoice_client_free: [[:pointer], :void],
      uservoice_client_set_log: [%i[pointer int32 pointer pointer pointer], :int32],

      uservoice_collection_new: [%i[pointer pointer string string int64 pointer pointer], :int32],
      uservoice_collection_len: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_collection_get: [%i[pointer size_t pointer pointer], :int32, :waits],
      uservoice_collection_next: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_collection_next_page: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_collection_info: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_collection_rewind: [[:pointer], :void, :waits],
      uservoice_collection_free: [[:pointer], :void, :waits],

      uservoice_export_new: [%i[pointer pointer string string pointer pointer], :int32, :waits],
      uservoice_export_next: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_export_free: [[:pointer], :void, :waits],

      uservoice_error_status: [[:pointer], :int32],
      uservoice_error_message: [[:pointer], :string],
      uservoice_error_http_status: [[:pointer], :int32],
      uservoice_error_type: [[:pointer], :string],
      uservoice_error_body: [[:pointer], :string],
      uservoice_error_outcome: [[:pointer], :int32],
      uservoice_error_retry_after_ms: [[:pointer], :int64],
      uservoice_error_free: [[:pointer], :void],
      uservoice_status_name: [[:int32], :string],

      uservoice_request_token: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_authorize_url: [%i[pointer pointer pointer pointer], :int32],
      uservoice_login_with_verifier: [%i[pointer pointer string pointer pointer], :int32, :waits],
      uservoice_login_as: [%i[pointer pointer string pointer pointer], :int32, :waits],
      uservoice_login_as_owner: [%i[pointer pointer pointer pointer], :int32, :waits],
      uservoice_login_with_client_credentials: [%i[pointer pointer pointer], :int32, :waits],
      uservoice_login_with_password: [%i[pointer string string pointer pointer], :int32, :waits],
      uservoice_authorize_code_url: [%i[pointer string string pointer pointer pointer], :int32],
      uservoice_login_with_code: [%i[pointer string string string pointer pointer], :int32, :waits],

      uservoice_get: [%i[pointer pointer string string pointer pointer], :int32, :waits],
      uservoice_post: [%i[pointer pointer string string pointer pointer], :int32, :waits],
      uservoice_put: [%i[pointer pointer string string pointer pointer], :int32, :waits],
      uservoice_delete: [%i[pointer pointer string string pointer pointer], :int32, :waits],
      uservoice_request: [%i[pointer pointer string string string string pointer pointer], :int32,
                          :waits],

      uservoice_sso_token: [%i[string string string int64 pointer pointer], :int32],
      uservoice_sso_decrypt: [%i[string string string pointer pointer], :int32],
      uservoice_sso_jwt: [%i[string string int64 pointer pointer], :int32],
      uservoice_sso_jwt_verify: [%i[string string int64 pointer pointer], :int32],
      uservoice_sso_url: [%i[pointer string string pointer pointer], :int32],

      uservoice_token_new: [%i[string string pointer pointer], :int32],
      uservoice_token_from_json: [%i[string pointer pointer], :int32],
      uservoice_token_json: [%i[pointer pointer pointer], :int32],
      uservoice_token_value: [[:pointer], :string],
      uservoice_token_secret: [[:pointer], :string],
      uservoice_token_free: [[:pointer], :void],

      uservoice_webhook_verify: [%i[string buffer_in size_t string pointer], :int32],
      uservoice_webhook_read: [%i[string buffer_in size_t pointer pointer], :int32]
    }.freeze

    # What to do about a library that is not there.
    INSTALL = "Install libuservoice #{REQUIRED} or newer (https://github.com/libuservoice/libuservoice), " \
              "and where it is not in a usual place, name its directory in LD_LIBRARY_PATH " \
              "(macOS: DYLD_LIBRARY_PATH) or PKG_CONFIG_PATH."

    class << self
      # Loads the library from where the system's loader finds it, or else from where
      # pkg-config says that it is.
      def load_library
        ffi_lib(["uservoice", "libuservoice.so.0"])
      rescue LoadError => e
        directory = pkg_config_directory
        raise LoadError, "libuservoice cannot be loaded: #{e.message}\n#{INSTALL}", cause: nil unless directory

        ffi_lib(File.join(directory, FFI.map_library_name("uservoice")))
      end

      # Raises where the library's version is not one that this gem can work with.
      def check_version
        attach(:uservoice_version)
        version = Gem::Version.new(uservoice_version)
        required = Gem::Version.new(REQUIRED)
        return if version >= required && version.segments.first == required.segments.first

        raise LoadError, "libuservoice #{version} was found, but the gem uservoice " \
                         "#{VERSION} does not work with it. #{INSTALL}"
      end

      # Makes a method of a C function.
      def attach(name)
        arguments, result, waits = FUNCTIONS.fetch(name)
        attach_function(name, arguments, result, blocking: waits == :waits)
      end

      # Calls a function that can fail. Its last two arguments, where the result and
      # the error go, are added here.
      #
      # @yieldparam out [FFI::MemoryPointer] where the result is
      # @return [Object] what the block gives
      # @raise [Error]
      def call(name, *arguments)
        out = FFI::MemoryPointer.new(:uint64)
        # What was received must reach its owner, whatever is raised in this thread.
        Thread.handle_interrupt(Object => :never) do
          check(name, *arguments, out)
          yield out
        end
      end

      # As {call}, for a function without a result.
      def check(name, *arguments)
        error = FFI::MemoryPointer.new(:pointer)
        status = public_send(name, *arguments, error)
        raise Error.take(error.read_pointer) unless status.zero?
      end

      # As {call}, for a function that gives text.
      # @return [String, nil]
      def text(name, *arguments)
        call(name, *arguments) { |out| take_text(out.read_pointer) }
      end

      # Text that the library gives, which is freed here.
      # @return [String, nil]
      def take_text(pointer)
        return if pointer.null?

        begin
          pointer.read_string.force_encoding(Encoding::UTF_8)
        ensure
          uservoice_string_free(pointer)
        end
      end

      # Text that the library lends.
      # @return [String, nil]
      def borrowed(text)
        text&.force_encoding(Encoding::UTF_8)
      end

      private

      def pkg_config_directory
        directory = IO.popen(%w[pkg-config --variable=libdir uservoice], err: File::NULL, &:read).strip
        directory unless directory.empty?
      rescue SystemCallError
        nil # there is no pkg-config
      end
    end

    load_library
    check_version
    FUNCTIONS.each_key { |name| attach(name) unless name == :uservoice_version }
  end
  private_constant :Native
end
