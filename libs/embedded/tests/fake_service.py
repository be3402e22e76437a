"""A service as small as can be: it answers its environment, and dies when told to."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"pid": os.getpid(), **os.environ}).encode())

    def log_message(self, *args):
        print("asked for", self.path, flush=True)


if "BROKEN" in os.environ:
    sys.exit("cannot go on like this")
if "SILENT" in os.environ:
    time.sleep(60)
print("hello from", os.getpid(), flush=True)
ThreadingHTTPServer((os.environ["SERVE_HOST"], int(os.environ["SERVE_PORT"])), Handler).serve_forever()
