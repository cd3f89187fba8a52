# An access token of the gem oauth, whose Net::HTTP keeps its connection, which it does not do by itself.
require "json"
require "net/http"
require "oauth"

class OAuthSession
  def initialize(base_url)
    consumer = OAuth::Consumer.new("oQt2BaunWNuainc8BvZpAm", "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
                                   site: base_url)
    consumer.http.start
    @token = OAuth::AccessToken.new(consumer, "FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA")
  end

  def get(path)
    response = @token.get(path, "Accept" => "application/json")
    abort "unexpected response" unless response.is_a?(Net::HTTPOK)
    JSON.parse(response.body)
  end
end
