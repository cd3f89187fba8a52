# frozen_string_literal: true

require_relative "lib/uservoice/version"

Gem::Specification.new do |spec|
  spec.name = "uservoice"
  spec.version = UserVoice::VERSION
  spec.summary = "A client for UserVoice: its REST APIs, single sign-on and webhooks"
  spec.description = "Signed requests, user logins, the Admin API, paginated lists, exports, retries and rate limits, " \
                     "based on the C library libuservoice. A replacement for the gem uservoice-ruby."
  spec.authors = ["The libuservoice authors"]
  spec.homepage = "https://github.com/libuservoice/libuservoice"
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir.glob(%w[lib/**/*.rb sig/*.rbs README.md LICENSE .yardopts], base: __dir__)
  spec.add_dependency "ffi", "~> 1.15"
  # package.sh sets it, and adds the library to the directory that library.rb searches first, and its crates' licences.
  if (platform = ENV.fetch("USERVOICE_GEM_PLATFORM", nil))
    spec.platform = platform
    library = Dir.glob("lib/uservoice/native/*.{so,dylib,dll}", base: __dir__)
    raise "no library for #{platform}" if library.empty?

    spec.files += library << "THIRD-PARTY-LICENCES.txt"
  else
    spec.requirements << "libuservoice 0.1.0 or newer"
  end
  spec.metadata = {
    "bug_tracker_uri" => "#{spec.homepage}/issues",
    "changelog_uri" => "#{spec.homepage}/blob/main/CHANGELOG.md",
    "documentation_uri" => "#{spec.homepage}/tree/main/docs",
    "rubygems_mfa_required" => "true",
    "source_code_uri" => "#{spec.homepage}/tree/main/bindings/ruby"
  }
end
