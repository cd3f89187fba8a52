import uservoice

# The sandbox, as USERVOICE_BASE_URL says. For a site of yours:
# uservoice.Client("acme", "API-KEY", "API-SECRET")
client = uservoice.Client.from_environment()

for suggestion in client.get_collection("/api/v1/forums/1/suggestions", limit=3):
    print(suggestion["title"])
