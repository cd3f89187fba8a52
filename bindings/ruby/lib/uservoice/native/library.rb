# frozen_string_literal: true

module UserVoice
  # The functions of libuservoice under their C names, and how to call them.
  #
  # @api private
  module Native
    extend FFI::Library

    # The oldest version of libuservoice that has all functions of {FUNCTIONS}.
    REQUIRED_VERSION = "0.1.0"

    # The library of a gem for one platform.
    PACKAGED_LIBRARY = File.join(__dir__, FFI.map_library_name("uservoice"))

    INSTALL_HINT = "Install libuservoice #{REQUIRED_VERSION} or newer " \
                   "(https://github.com/libuservoice/libuservoice). If it is not in a directory that the dynamic " \
                   "linker searches, set USERVOICE_LIBRARY to its file name, add its directory to LD_LIBRARY_PATH " \
                   "(macOS: DYLD_LIBRARY_PATH) or that of uservoice.pc to PKG_CONFIG_PATH."

    class << self
      # Loads the library that USERVOICE_LIBRARY names, or else the one that the gem contains,
      # or else from the search path of the dynamic linker, or else from the directory that
      # pkg-config reports.
      def load_library
        name = ENV.fetch("USERVOICE_LIBRARY", "")
        name = PACKAGED_LIBRARY if name.empty? && File.exist?(PACKAGED_LIBRARY)
        ffi_lib(name.empty? ? ["uservoice", "libuservoice.so.0"] : name)
      rescue LoadError => e
        directory = pkg_config_directory if name.empty?
        raise LoadError, "cannot load libuservoice: #{e.message}\n#{INSTALL_HINT}", cause: nil unless directory

        ffi_lib(File.join(directory, FFI.map_library_name("uservoice")))
      end

      # @raise [LoadError] if this gem does not support the version of the loaded library
      def check_version
        attach_or_advise(:uservoice_version)
        version = Gem::Version.new(uservoice_version)
        required = Gem::Version.new(REQUIRED_VERSION)
        return if version >= required && version.segments.first == required.segments.first

        raise LoadError, "libuservoice #{version} was found, but the gem uservoice #{VERSION} does not support it. " \
                         "#{INSTALL_HINT}"
      end

      # Defines a method that calls a function of {FUNCTIONS}.
      def attach(name)
        parameters, result, blocking = FUNCTIONS.fetch(name)
        attach_function(name, parameters, result, blocking: blocking == :blocking)
      end

      # As {attach}, for a library that may be another one.
      def attach_or_advise(name)
        attach(name)
      rescue FFI::NotFoundError => e
        raise LoadError, "this is not a usable libuservoice: #{e.message}\n#{INSTALL_HINT}", cause: nil
      end

      private

      def pkg_config_directory
        directory = IO.popen(%w[pkg-config --variable=libdir uservoice], err: File::NULL, &:read).strip
        directory unless directory.empty?
      rescue SystemCallError
        nil # pkg-config is not installed
      end
    end

    load_library
    check_version
    FUNCTIONS.each_key { |name| attach_or_advise(name) unless name == :uservoice_version }
  end
  private_constant :Native
end
