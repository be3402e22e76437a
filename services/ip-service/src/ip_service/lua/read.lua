-- ARGV: amount, window, what, then its arguments. Counts, and reads without recording.
local amount = tonumber(ARGV[1])
local used, left = count(KEYS[COUNTER], amount, ARGV[2])
if used > amount then
  return {used, left}
end

local read = {}

function read.nothing()
  return {}
end

function read.address(address)
  return {redis.call('ZSCORE', SEEN, address), redis.call('HGET', ADDRESSES, address)}
end

function read.page(cursor, size, since)
  local scored = redis.call('ZRANGE', SEEN, cursor, since, 'BYSCORE', 'REV', 'LIMIT', 0, size, 'WITHSCORES')
  local addresses = {}
  for i = 1, #scored, 2 do
    addresses[#addresses + 1] = scored[i]
  end
  local details = #addresses > 0 and redis.call('HMGET', ADDRESSES, unpack(addresses)) or {}
  return {scored, details}
end

function read.stats()
  return {redis.call('ZCARD', SEEN), redis.call('HGETALL', COUNTS)}
end

return {used, left, read[ARGV[3]](unpack(ARGV, 4))}
