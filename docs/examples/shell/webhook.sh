curl -H 'Content-Type: application/json' http://127.0.0.1:8080/_sandbox/webhooks \
  -d '{"event":"new_comment"}'
