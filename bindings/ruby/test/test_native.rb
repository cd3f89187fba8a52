# frozen_string_literal: true

require_relative "helper"

# Compares the functions and constants of the gem with uservoice.h, and tests how the library
# is loaded.
class TestNative < SandboxTest
  COMMENTED_HEADER = File.read("#{ROOT}/include/uservoice.h")
  HEADER = COMMENTED_HEADER.gsub(%r{/\*.*?\*/}m, "")
  NATIVE = UserVoice.const_get(:Native)

  TYPES = { "void" => :void, "int32_t" => :int32, "uservoice_status" => :int32, "int64_t" => :int64,
            "size_t" => :size_t, "const char *" => :string, "const void *" => :string, "uservoice_log_callback" => :pointer,
            "uservoice_interrupt_callback" => :pointer }.freeze

  def test_functions_match_the_header
    functions = HEADER.scan(/^((?:const )?\w+ \*?)(uservoice_\w+)\((.*?)\);/m)
    declared = functions.to_h do |result, name, arguments|
      types = arguments == "void" ? [] : arguments.split(",").map { |argument| ffi_type(argument[/.*[ *]/m]) }
      [name.to_sym, [with_buffers(types), ffi_type(result)]]
    end
    assert_operator declared.size, :>, 30
    # Ruby has a JSON library, can be called back, and ends calls after Ctrl-C on its own.
    declared = declared.except(:uservoice_json_quote, :uservoice_json_get, :uservoice_client_take_log,
                               :uservoice_client_set_interrupt)
    assert_equal(declared, NATIVE::FUNCTIONS.transform_values { |function| function.first(2) })
  end

  def test_blocking_functions_release_the_lock
    comments = COMMENTED_HEADER.scan(%r{/\*\*((?:(?!\*/).)*?)\*/[^;/]*?\b(uservoice_\w+)\(}m)
    blocking = comments.map { |comment, name| [comment.gsub(/[\s*]+/, " "), name.to_sym] }
                       .select { |comment, _| comment.match?(/[Bb]lock/) && !comment.include?("ever block") }
                       .map(&:last)
    refute_empty blocking
    assert_empty(blocking.reject { |name| NATIVE::FUNCTIONS.fetch(name)[2] == :blocking })
  end

  def test_status_codes_match_the_header
    codes = HEADER.scan(/^#define USERVOICE_([A-Z_]+) (\d+)$/)
                  .reject { |name, _| name.start_with?("VERSION_", "LOG_", "OUTCOME_") }.to_h { |name, code| [Integer(code), name] }
    assert_equal "OK", codes.delete(0)
    assert_equal codes.keys.sort, NATIVE::ERROR_CLASSES.keys.sort
    codes.each { |code, name| assert_equal name, NATIVE.uservoice_status_name(code) }
  end

  def test_outcomes_match_the_header
    outcomes = HEADER.scan(/^#define USERVOICE_OUTCOME_(\w+) (\d+)$/).to_h { |name, code| [Integer(code), name.downcase.to_sym] }
    assert_equal outcomes, NATIVE::OUTCOMES
  end

  def test_log_levels_match_the_header
    callback = UserVoice.const_get(:LogCallback)
    levels = HEADER.scan(/^#define USERVOICE_LOG_(\w+) (\d+)$/).to_h { |name, code| [name.to_sym, Integer(code)] }
    assert_equal({ OFF: 0, WARNING: callback::WARNING, INFO: callback::INFO }, levels)
  end

  def test_library_version_matches_the_header
    assert_equal HEADER[/USERVOICE_VERSION "([^"]+)"/, 1], UserVoice.library_version
  end

  def test_load_error_for_a_missing_library
    output, status = load_from("/nonexistent")
    refute status.success?
    assert_includes output, "LoadError"
    assert_includes output, "Install libuservoice"
  end

  def test_load_error_for_an_unsupported_version
    %w[0.0.9 1.0.0].each do |version|
      Dir.mktmpdir do |directory|
        compile(directory, version)
        output, status = load_from(directory)
        refute status.success?
        assert_includes output, "libuservoice #{version} was found"
        assert_includes output, "Install libuservoice"
      end
    end
  end

  # The ABI only grows within a major version.
  def test_accepts_a_newer_minor_version
    Dir.mktmpdir do |directory|
      compile(directory, "0.2.0")
      output, = load_from(directory)
      refute_includes output, "was found"
      assert_includes output, "uservoice_string_free", "the test library does not have it"
    end
  end

  def test_finds_the_library_with_pkg_config
    Dir.mktmpdir do |directory|
      library = "#{directory}/lib"
      Dir.mkdir(library)
      compile(library, "0.0.8")
      File.write("#{directory}/uservoice.pc", "libdir=#{library}\nName: uservoice\nDescription: d\nVersion: 0.0.8\n")
      output, = load_from("/nonexistent", "PKG_CONFIG_PATH" => directory)
      assert_includes output, "libuservoice 0.0.8 was found"
    end
  end

  private

  def ffi_type(declaration)
    type = declaration.strip.gsub(/\s+/, " ")
    TYPES.fetch(type) { |pointer| assert(pointer.end_with?("*"), pointer) && :pointer }
  end

  # A string followed by its length is a buffer that may contain null bytes.
  def with_buffers(types)
    types.each_cons(2).map { |type, following| [type, following] == %i[string size_t] ? :buffer_in : type } + types.last(1)
  end

  def load_from(directory, environment = {})
    ruby('require "uservoice"', environment: { "LD_LIBRARY_PATH" => directory, "PKG_CONFIG_PATH" => nil }.merge(environment))
  end

  def compile(directory, version)
    source = "#{directory}/version.c"
    File.write(source, %(const char *uservoice_version(void) { return "#{version}"; }\n))
    assert system("gcc", "-shared", "-fPIC", source, "-o", "#{directory}/libuservoice.so")
  end
end
