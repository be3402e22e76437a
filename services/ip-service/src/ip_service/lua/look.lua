-- ARGV: amount, window, address, size. Counts, records, and reads what is known of the newest addresses.
-- Returns used, left, how many addresses there are, what is known of this one, and the newest.
local amount = tonumber(ARGV[1])
local used, left = count(KEYS[COUNTER], amount, ARGV[2])
if used > amount then
  return {used, left}
end
record({ARGV[3]}, microseconds())
local own = {redis.call('ZSCORE', SEEN, ARGV[3]), redis.call('HGET', ADDRESSES, ARGV[3])}
return {used, left, redis.call('ZCARD', SEEN), own, newest('+inf', ARGV[4], '-inf')}
