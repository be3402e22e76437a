-- ARGV: amount, window, then addresses. Counts and records each; a refused one is only counted.
local amount, window = tonumber(ARGV[1]), ARGV[2]
local now = microseconds()
local reply = {}
for i = 3, #ARGV do
  local used, left = count(KEYS[COUNTER + i - 3], amount, window)
  if used <= amount then
    record(ARGV[i], now + i)
  end
  reply[#reply + 1] = used
  reply[#reply + 1] = left
end
return reply
