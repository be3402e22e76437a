-- wrk: calls from many addresses through a trusted proxy; the query says how many there are.
local requests, turn = {}, 0

function init()
  local count = tonumber(wrk.path:match('%?(%d+)$'))
  for i = 1, 20000 do
    local number = (i * 7919) % count
    local address = string.format(
      '2001:db8:%x:%x:ffff:ffff:ffff:ffff', math.floor(number / 65536), number % 65536
    )
    requests[i] = wrk.format(nil, nil, { ['X-Forwarded-For'] = address })
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
