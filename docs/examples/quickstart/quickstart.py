import os

import uservoice

# The sandbox. For your site: uservoice.Client("acme", "API-KEY", "API-SECRET")
client = uservoice.Client("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                          base_url=os.environ["USERVOICE_BASE_URL"])

for suggestion in client.get_collection("/api/v1/forums/1/suggestions", limit=3):
    print(suggestion["title"])
