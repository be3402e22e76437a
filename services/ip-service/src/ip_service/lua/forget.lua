-- Removes an address and what is known of it; returns whether it was there.
local function forget(address)
  if redis.call('ZREM', SEEN, address) == 0 then
    return false
  end
  redis.call('HDEL', ADDRESSES, address)
  if string.find(address, ':', 1, true) then
    redis.call('HINCRBY', COUNTS, 'ipv6', -1)
  end
  return true
end
