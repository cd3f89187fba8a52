cargo run -p uservoice-sandbox -- --port 8080
