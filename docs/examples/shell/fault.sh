curl -H 'Content-Type: application/json' http://127.0.0.1:8080/_sandbox/faults \
  -d '{"path":"/api/v1/suggestions","times":2,"status":503,"retry_after":"1"}'
