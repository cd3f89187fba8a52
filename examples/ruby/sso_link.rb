# frozen_string_literal: true

# Prints a link that logs a user of your application in at UserVoice.

require_relative "site"

# The token is signed here: nothing is sent. It expires after five minutes, so a web
# application creates it when the user clicks, and redirects.
token = UserVoice.sso_jwt(Site.sso_key, guid: "1001", email: "jo@example.com", display_name: "Jo")
puts Site.client.sso_url(token)
