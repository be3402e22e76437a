-- Addresses before a cursor, seen since some time, with what is known of them.
local function newest(cursor, size, since)
  local scored = redis.call('ZRANGE', SEEN, cursor, since, 'BYSCORE', 'REV', 'LIMIT', 0, size, 'WITHSCORES')
  local addresses = {}
  for i = 1, #scored, 2 do
    addresses[#addresses + 1] = scored[i]
  end
  local details = #addresses > 0 and redis.call('HMGET', ADDRESSES, unpack(addresses)) or {}
  return {scored, details}
end
