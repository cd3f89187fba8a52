/* The user of the single sign-on token; the same as in sso_ruby.rb and sso_python.py. */
#define SSO_SUBDOMAIN "uservoice-subdomain"
#define SSO_KEY "982c88f2df7257859e8e23423eg87ed"
#define SSO_USER \
    "{\"guid\":1000000,\"display_name\":\"User Name\",\"email\":\"mailaddress@example.com\"}"
