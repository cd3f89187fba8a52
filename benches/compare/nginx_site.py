"""The server under the benchmarks: nginx on 127.0.0.1 with static files. It has three ports: plain HTTP,
TLS, and plain HTTP with a latency of 20 ms per page."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

RECORDS = 50_000
MANY_RECORDS = 10 * RECORDS
PAGE = 100
LATENCY = 0.020
SUGGESTION_BYTES = 2048
ONE_PAGE = pathlib.Path(__file__).parent.parent / "page.json"
MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so"

NGINX = """
{user}
load_module {module};
daemon off;
worker_processes 2;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/temporary;
    proxy_temp_path {directory}/temporary;
    fastcgi_temp_path {directory}/temporary;
    uwsgi_temp_path {directory}/temporary;
    scgi_temp_path {directory}/temporary;
    default_type application/json;
    keepalive_requests 1000000000;
    keepalive_timeout 600;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=10000;
    open_file_cache_valid 1h;
    ssl_certificate {directory}/site.pem;
    ssl_certificate_key {directory}/site.key;
    ssl_protocols TLSv1.3;
    root {directory}/pages;

    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl;
        location / {{ try_files $uri/$arg_page.json $uri.json =404; }}
    }}
    server {{
        listen 127.0.0.1:{slow};
        location / {{ echo_sleep {latency}; echo_exec @page; }}
        location @page {{ try_files $uri/$arg_page.json $uri.json =404; }}
    }}
}}
"""


def renumber(page, number, total):
    """Sets the page number, the total and the ids of the records; returns the page as JSON."""
    page["response_data"].update(page=number, total_records=total)
    for position, user in enumerate(page["users"], 1):
        user["id"] = (number - 1) * PAGE + position
    return compact(page)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def suggestion():
    """Returns a response body of exactly SUGGESTION_BYTES."""
    body = {"suggestion": {
        "id": 1, "url": "https://acme.uservoice.com/forums/1/suggestions/1", "state": "published",
        "title": "Dark mode", "text": "", "vote_count": 120, "comments_count": 4,
        "topic": {"id": 1, "prompt": "I suggest you ...", "forum": {"id": 1, "name": "General"}},
        "category": None, "status": {"id": 2, "name": "planned", "hex_color": "#6FBC00"},
        "creator": json.loads(ONE_PAGE.read_text())["users"][0], "response": None, "created_at": "2013/05/06 12:03:44 +0000",
    }}
    words = "It would be easier on the eyes at night, said \"many\" people. " * 40
    # A quotation mark takes two bytes in JSON, so this adds characters until the length fits.
    for character in words:
        body["suggestion"]["text"] += character
        if len(compact(body).encode()) >= SUGGESTION_BYTES - 1:
            break
    text = compact(body)
    return text[:-1] + " " * (SUGGESTION_BYTES - len(text.encode())) + text[-1]


def write_pages(directory):
    pages = directory / "pages/api/v1"
    page = json.loads(ONE_PAGE.read_text())
    for path, total in [("users", RECORDS), ("everybody/users", MANY_RECORDS)]:
        (pages / path).mkdir(parents=True, exist_ok=True)
        for number in range(1, total // PAGE + 1):
            (pages / path / ("%d.json" % number)).write_text(renumber(page, number, total))
    (pages / "suggestions").mkdir(parents=True, exist_ok=True)
    (pages / "suggestions/1.json").write_text(suggestion())


def write_certificates(directory):
    """Writes the site's certificate, and a CA file with its authority and those of the system."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "3650", "-subj", "/CN=libuservoice bench",
         "-keyout", "authority.key", "-out", "authority.pem"],
        cwd=directory, check=True, capture_output=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "3650", "-subj", "/CN=127.0.0.1", "-CA", "authority.pem",
         "-CAkey", "authority.key", "-addext", "subjectAltName=IP:127.0.0.1",
         "-addext", "basicConstraints=critical,CA:false",
         "-keyout", "site.key", "-out", "site.pem"],
        cwd=directory, check=True, capture_output=True)
    system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_text()
    (directory / "authorities.pem").write_text(system + (directory / "authority.pem").read_text())


def free_ports(count):
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class Site:
    """A context manager that runs the server."""

    path = "/api/v1/suggestions/1"
    list_path = "/api/v1/users"
    long_list_path = "/api/v1/everybody/users"

    def __init__(self, directory):
        self.directory = directory
        self.authorities = directory / "authorities.pem"
        stamp = directory / "stamp"
        source = pathlib.Path(__file__).read_text() + ONE_PAGE.read_text()
        if not stamp.exists() or stamp.read_text() != source:
            (directory / "temporary").mkdir(parents=True, exist_ok=True)
            write_pages(directory)
            write_certificates(directory)
            stamp.write_text(source)
        plain, tls, slow = free_ports(3)
        self.plain = "http://127.0.0.1:%d" % plain
        self.tls = "https://127.0.0.1:%d" % tls
        self.slow = "http://127.0.0.1:%d" % slow
        self.configuration = directory / "nginx.conf"
        self.configuration.write_text(NGINX.format(
            user="user root;" if os.getuid() == 0 else "", module=MODULE, directory=directory, plain=plain, tls=tls, slow=slow, latency=LATENCY))
        self.ports = [plain, tls, slow]

    def __enter__(self):
        self.nginx = subprocess.Popen(["nginx", "-c", self.configuration, "-p", self.directory])
        for port in self.ports:
            self.wait_for(port)
        return self

    def wait_for(self, port):
        for _ in range(1000):
            if self.nginx.poll() is not None:
                raise SystemExit("nginx did not start: see %s/error.log" % self.directory)
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise SystemExit("nginx is not listening on port %d" % port)

    def __exit__(self, *_):
        self.nginx.send_signal(signal.SIGTERM)
        self.nginx.wait()
