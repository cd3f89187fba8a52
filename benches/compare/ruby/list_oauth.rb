# Reads a whole list with the gem oauth and Net::HTTP, page by page. Usage: list_oauth.rb BASE-URL PATH RECORDS
require_relative "contestant"
require_relative "oauth_session"

session = OAuthSession.new(ARGV[0])
records = Enumerator.new do |yielder|
  page, total = 0, 1
  while page * 100 < total
    page += 1
    body = session.get("#{ARGV[1]}?per_page=100&page=#{page}")
    body.fetch("users").each { |user| yielder << user }
    total = body.dig("response_data", "total_records")
  end
end
contest do
  count = records.count { |user| user.fetch("id") }
  abort "unexpected length of the list: #{count}" if count != ARGV[2].to_i
end
