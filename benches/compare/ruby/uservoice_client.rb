# A client of the gem for a base URL, with a user's token.
require "uservoice"

def user_client(base_url, **options)
  client = UserVoice::Client.new("acme", "oQt2BaunWNuainc8BvZpAm", "3yQMSoXBpAwuK3nYHR0wpY6opE341inL9a2HynGF2",
                                 base_url: base_url, **options)
  client.login_with_access_token("FjBKPJZHtRIqeAPHVIaw", "wB2bd6iMnyhhTjg5aaqAu6S9YpTxBZx9vwVLDpwGJA")
end
