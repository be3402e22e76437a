wrk.headers["If-None-Match"] = '"1"'
