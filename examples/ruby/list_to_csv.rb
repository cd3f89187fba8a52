# frozen_string_literal: true

# Prints the users of the site as CSV.

require "csv"
require_relative "site"

COLUMNS = %w[id name email].freeze

begin
  csv = CSV.new($stdout)
  csv << COLUMNS
  # The collection loads its pages while they are read.
  Site.client.collection("/api/v1/users").each { |user| csv << user.values_at(*COLUMNS) }
rescue UserVoice::Error => e
  abort e.message
end
