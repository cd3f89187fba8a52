# Reads a whole list with the gem, record by record. Usage: list_uservoice.rb BASE-URL PATH RECORDS
require_relative "contestant"
require_relative "uservoice_client"

client = user_client(ARGV[0], prefetch_pages: 0)
contest do
  count = client.collection(ARGV[1]).count { |user| user.fetch("id") }
  abort "unexpected length of the list: #{count}" if count != ARGV[2].to_i
end
