# frozen_string_literal: true

require_relative "helper"
require "open3"
require "rubygems/package"

# The gems that package.sh builds.
class TestGem < SandboxTest
  LIBRARY_FILE = ENV.fetch("LD_LIBRARY_PATH").split(":").map { |directory| "#{directory}/libuservoice.so" }.find { |file| File.exist?(file) }

  def setup
    super
    @directory = Dir.mktmpdir
    # An installed library is a link to a file with its version.
    FileUtils.cp(LIBRARY_FILE, "#{@directory}/libuservoice.so.0.1.0")
    FileUtils.ln_s("libuservoice.so.0.1.0", "#{@directory}/libuservoice.so")
    succeed({}, "#{ROOT}/bindings/ruby/package.sh", "#{@directory}/libuservoice.so", @directory)
    @plain, @with_library = Dir.glob("#{@directory}/*.gem").partition { |file| File.basename(file) == "uservoice-#{UserVoice::VERSION}.gem" }.map(&:first)
  end

  def teardown
    FileUtils.rm_rf(@directory)
  end

  def test_only_the_gem_for_a_platform_contains_the_library_and_its_licences
    plain, with_library = [@plain, @with_library].map { |file| Gem::Package.new(file).spec }
    assert_equal [], plain.files.grep(/libuservoice/)
    assert_equal "ruby", plain.platform
    assert_equal ["libuservoice 0.1.0 or newer"], plain.requirements
    assert_equal %w[THIRD-PARTY-LICENCES.txt lib/uservoice/native/libuservoice.so], with_library.files - plain.files
    assert_equal [Gem::Platform.local.cpu, "linux"], [with_library.platform.cpu, with_library.platform.os]
    assert_empty with_library.requirements
  end

  def test_gem_with_the_library_works_without_an_installed_one
    home = "#{@directory}/home"
    environment = { "GEM_HOME" => home, "GEM_PATH" => nil, "LD_LIBRARY_PATH" => nil, "PKG_CONFIG_PATH" => "/nonexistent",
                    "RUBYLIB" => nil, "USERVOICE_LIBRARY" => nil, **Sandbox.environment }
    succeed(environment, Gem.ruby, "-S", "gem", "install", "--local", "--no-document", @with_library)
    output = succeed(environment, Gem.ruby, "-w", "-e", <<~RUBY)
      require "uservoice"
      puts UserVoice::Client.from_environment.get("/api/v1/forums").keys.include?("forums")
      puts File.read("/proc/self/maps")[/\\S*libuservoice\\S*/]
    RUBY
    assert_equal ["true", Dir.glob("#{home}/gems/uservoice-*/lib/uservoice/native/libuservoice.so").first], output.split("\n")
  end

  def test_variable_takes_precedence_over_the_library_of_the_gem
    succeed({}, Gem.ruby, "-S", "gem", "unpack", "--target", @directory, @with_library)
    lib = Dir.glob("#{@directory}/uservoice-*/lib").first
    output, status = Open3.capture2e({ "USERVOICE_LIBRARY" => "/nonexistent.so" }, Gem.ruby, "-I", lib, "-e", 'require "uservoice"')
    refute status.success?
    assert_includes output, "/nonexistent.so"
  end

  private

  def succeed(environment, *command)
    output, status = Open3.capture2e(environment, *command)
    assert status.success?, output
    output
  end
end
