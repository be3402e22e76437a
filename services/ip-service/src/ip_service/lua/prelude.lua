-- The keys that every script gets first; those after them are the clients' counters.
local SEEN, ADDRESSES, COUNTS, EVENTS, BOOKMARKS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local COUNTER = 6
local DAY = 86400

-- Counts a request in its client's window; returns those so far and the milliseconds until it ends.
local function count(key, amount, window)
  if amount == 0 then
    return 0, 0
  end
  local used = redis.call('INCR', key)
  local left = redis.call('PTTL', key)
  if left < 0 then
    redis.call('PEXPIRE', key, window)
    left = tonumber(window)
  end
  return used, left
end
