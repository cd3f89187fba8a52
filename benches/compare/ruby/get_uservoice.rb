# Sends GET requests with the gem. Usage: get_uservoice.rb BASE-URL PATH
require_relative "contestant"
require_relative "uservoice_client"

client = user_client(ARGV[0])
contest { client.get(ARGV[1]).fetch("suggestion") }
