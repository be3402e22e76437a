-- Each request writes another value to one document of each of the threads' connections.
local count = math.random(1, 1000000000)

request = function()
  count = count + 1
  local body = '{"metadata": {"count": ' .. count .. ', "team": "checkout"}}'
  return wrk.format("PUT", nil, {["Content-Type"] = "application/json"}, body)
end
