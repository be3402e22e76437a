-- Records calls: keeps the order by last caller, the counts, and the lists that are being read just now.

local function forget_old_days(today)
  for _, field in ipairs(redis.call('HKEYS', COUNTS)) do
    local day = tonumber(string.match(field, '^(%d+):'))
    if day and day <= today - 30 then
      redis.call('HDEL', COUNTS, field)
    end
  end
end

-- A caller moves to the front. A list that has not come to its old place would miss it: it is told.
local function tell_lists(bookmarks, address, previous)
  for i = 1, #bookmarks, 2 do
    if previous < tonumber(string.match(bookmarks[i + 1], '^%d+')) then
      local skipped = BOOKMARKS .. ':' .. bookmarks[i]
      redis.call('RPUSH', skipped, address)
      redis.call('PEXPIRE', skipped, 600000)
    end
  end
end

local function welcome(address)
  if string.find(address, ':', 1, true) then
    redis.call('HINCRBY', COUNTS, 'ipv6', 1)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', 1000, '*', 'ip', address)
end

local function keep(address, now, today, bookmarks)
  local stamp = string.format('%.0f', now)
  local previous = redis.call('ZSCORE', SEEN, address)
  redis.call('ZADD', SEEN, stamp, address)
  local first, requests = stamp, 0
  if previous then
    previous = tonumber(previous)
    first, requests = string.match(redis.call('HGET', ADDRESSES, address), '(%d+) (%d+)')
    tell_lists(bookmarks, address, previous)
  else
    welcome(address)
  end
  redis.call('HSET', ADDRESSES, address, first .. ' ' .. string.format('%.0f', requests + 1))
  if not previous or math.floor(previous / (DAY * 1000000)) < today then
    redis.call('HINCRBY', COUNTS, today .. ':unique', 1)
  end
end

-- Records the calls of some addresses, in this order.
-- now: microseconds since the epoch; no two calls have the same, the next one is a microsecond later.
local function record(addresses, now)
  local today = math.floor(now / (DAY * 1000000))
  local bookmarks = redis.call('HGETALL', BOOKMARKS)
  for i, address in ipairs(addresses) do
    keep(address, now + i, today, bookmarks)
  end
  if redis.call('HINCRBY', COUNTS, today .. ':requests', #addresses) == #addresses then
    forget_old_days(today)
  end
end

local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
