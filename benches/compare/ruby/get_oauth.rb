# Sends GET requests with the gem oauth and Net::HTTP. Usage: get_oauth.rb BASE-URL PATH
require_relative "contestant"
require_relative "oauth_session"

session = OAuthSession.new(ARGV[0])
contest { session.get(ARGV[1]).fetch("suggestion") }
