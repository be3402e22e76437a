-- Asks for the front page at another address each time, so that it is rendered each time.
local count, threads = 0, 0

function setup(thread)
  threads = threads + 1
  thread:set("name", threads)
end

function request()
  count = count + 1
  return wrk.format(nil, wrk.path .. "?" .. name .. "." .. count)
end
