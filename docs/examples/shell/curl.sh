curl 'http://127.0.0.1:8080/api/v1/forums.json?client=sandbox-trusted-key'
token=$(curl --silent http://127.0.0.1:8080/api/v2/oauth/token -d grant_type=client_credentials \
  -d client_id=sandbox-trusted-key -d client_secret=sandbox-trusted-secret | cut -d '"' -f 4)
curl -H "Authorization: Bearer $token" http://127.0.0.1:8080/api/v2/admin/users/current
