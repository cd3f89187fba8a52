# frozen_string_literal: true

# Prints the users of the site as CSV.

require "csv"
require_relative "site"

COLUMNS = %w[id name email].freeze

begin
  users = Site.client.collection("/api/v1/users") # loads its pages while it is read
  csv = CSV.new($stdout)
  csv << COLUMNS
  users.each { |user| csv << user.values_at(*COLUMNS) }
rescue UserVoice::Error => e
  abort e.message
end
