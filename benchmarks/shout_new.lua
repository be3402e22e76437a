-- wrk: another text each time, so that each request needs the API.
local count = math.random(1, 1000000000)

request = function()
  count = count + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, '{"data": "hello, ' .. count .. '!"}')
end
