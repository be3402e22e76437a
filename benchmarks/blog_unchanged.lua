-- Asks for the front page with the entity tag that it has.
local etag

function response(_, headers)
  if etag == nil then
    etag = headers["ETag"] or headers["Etag"] or headers["etag"]
    wrk.headers["If-None-Match"] = etag
  end
end

function request()
  return wrk.format(nil, wrk.path)
end
