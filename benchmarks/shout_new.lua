-- wrk: another text each time, in every run, so that each request needs the API.
local run, count = io.open("/dev/urandom", "rb"):read(8):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end), 0

request = function()
  count = count + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, '{"data": "hello, ' .. run .. count .. '!"}')
end
