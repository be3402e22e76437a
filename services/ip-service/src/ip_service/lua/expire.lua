-- ARGV: cutoff in microseconds, size. Removes addresses not seen since; returns how many.
local old = redis.call('ZRANGE', SEEN, '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, address in ipairs(old) do
  forget(address)
end
redis.call('XTRIM', EVENTS, 'MINID', string.format('%.0f', ARGV[1] / 1000))
return #old
