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

read.page = newest

function read.stats()
  return {redis.call('ZCARD', SEEN), redis.call('HGETALL', COUNTS)}
end

return {used, left, read[ARGV[3]](unpack(ARGV, 4))}
