# frozen_string_literal: true

require "rspec"
require "socket"

# The specifications of uservoice-ruby are for RSpec 2.
RSpec.configure do |config|
  config.expect_with(:rspec) { |expectations| expectations.syntax = %i[should expect] }
  config.mock_with(:rspec) { |mocks| mocks.syntax = %i[should expect] }
  config.include(Module.new { def mock(*stubs) = double("mock", *stubs) })
end
