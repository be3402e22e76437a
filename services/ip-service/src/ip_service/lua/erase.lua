-- ARGV: amount, window, address. Counts, and removes one address from everywhere.
local amount = tonumber(ARGV[1])
local used, left = count(KEYS[COUNTER], amount, ARGV[2])
if used > amount then
  return {used, left}
end
for _, event in ipairs(redis.call('XRANGE', EVENTS, '-', '+')) do
  if event[2][2] == ARGV[3] then
    redis.call('XDEL', EVENTS, event[1])
  end
end
return {used, left, forget(ARGV[3]) and 1 or 0}
