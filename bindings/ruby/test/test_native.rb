# frozen_string_literal: true

require_relative "helper"

# What the gem maps is what the header says, and a library that does not fit is told of.
class TestNative < SandboxTest
  COMMENTED_HEADER = File.read("#{ROOT}/include/uservoice.h")
  HEADER = COMMENTED_HEADER.gsub(%r{/\*.*?\*/}m, "")
  NATIVE = UserVoice.const_get(:Native)

  TYPES = { "void" => :void, "int32_t" => :int32, "uservoice_status" => :int32, "int64_t" => :int64,
            "size_t" => :size_t, "const char *" => :string, "uservoice_log_callback" => :pointer }.freeze

  def test_the_functions_are_those_of_the_header
    functions = HEADER.scan(/^((?:const )?\w+ \*?)(uservoice_\w+)\((.*?)\);/m)
    found = functions.to_h do |result, name, arguments|
      arguments = arguments == "void" ? [] : arguments.split(",").map { |argument| type(argument[/.*[ *]/m]) }
      [name.to_sym, [with_buffers(arguments), type(result)]]
    end
    assert_operator found.size, :>, 30
    assert_equal(found, NATIVE::FUNCTIONS.transform_values { |function| function.first(2) })
  end

  def test_the_functions_that_wait_let_other_threads_run
    waiting = COMMENTED_HEADER.scan(%r{/\*\*((?:(?!\*/).)*?)\*/[^;/]*?\b(uservoice_\w+)\(}m)
                                  .select { |comment, _| comment.match?(/[Bb]lock/) && !comment.include?("ever block") }
                                  .map { |_, name| name.to_sym }
    refute_empty waiting
    assert_empty(waiting.reject { |name| NATIVE::FUNCTIONS.fetch(name)[2] == :waits })
  end

  def test_the_status_codes_are_those_of_the_header
    codes = HEADER.scan(/^#define USERVOICE_([A-Z_]+) (\d+)$/)
                  .reject { |name, _| name.start_with?("VERSION_", "LOG_") }.to_h { |name, code| [Integer(code), name] }
    assert_equal "OK", codes.delete(0)
    assert_equal codes.keys.sort, UserVoice::Error::CLASSES.keys.sort
    codes.each { |code, name| assert_equal name, NATIVE.uservoice_status_name(code) }
  end

  def test_the_library_is_that_of_the_header
    assert_equal HEADER[/USERVOICE_VERSION "([^"]+)"/, 1], UserVoice.library_version
  end

  def test_a_missing_library_is_told
    output, status = load_from("/nonexistent")
    refute status.success?
    assert_includes output, "LoadError"
    assert_includes output, "Install libuservoice"
  end

  def test_a_library_that_does_not_fit_is_told
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

  # The ABI only grows until the first number changes.
  def test_a_later_library_fits
    Dir.mktmpdir do |directory|
      compile(directory, "0.2.0")
      output, = load_from(directory)
      refute_includes output, "was found"
      assert_includes output, "uservoice_string_free", "what that one does not have"
    end
  end

  def test_the_library_is_found_by_pkg_config
    Dir.mktmpdir do |directory|
      library = Dir.mkdir("#{directory}/elsewhere") && "#{directory}/elsewhere"
      compile(library, "0.0.8")
      File.write("#{directory}/uservoice.pc", "libdir=#{library}\nName: uservoice\nDescription: d\nVersion: 0.0.8\n")
      output, = load_from("/nonexistent", "PKG_CONFIG_PATH" => directory)
      assert_includes output, "libuservoice 0.0.8 was found"
    end
  end

  private

  def type(text)
    text = text.strip.gsub(/\s+/, " ")
    TYPES.fetch(text) { |pointer| assert(pointer.end_with?("*"), pointer) && :pointer }
  end

  # Text that comes with its length may hold any byte.
  def with_buffers(arguments)
    arguments.each_cons(2).map { |one, next_one| [one, next_one] == %i[string size_t] ? :buffer_in : one } +
      arguments.last(1)
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
