import uservoice

sso_token = uservoice.generate_sso_token(USERVOICE_SUBDOMAIN, SSO_KEY, {
    'guid': 1000000,
    'display_name': "User Name",
    'email': 'mailaddress@example.com'
}, 5*60) # the token will be valid for 5 minutes (5*60 seconds) by default

print("https://" + USERVOICE_SUBDOMAIN + ".uservoice.com/?sso=" + sso_token)
