-- wrk: the same text each time, so that the service answers from its cache.
wrk.method = "POST"
wrk.body = '{"data": "hello, world!"}'
wrk.headers["Content-Type"] = "application/json"
