-- ARGV: amount, window, then addresses. Counts and records each; a refused one is only counted.
local amount, window = tonumber(ARGV[1]), ARGV[2]
local reply, admitted = {}, {}
for i = 3, #ARGV do
  local used, left = count(KEYS[COUNTER + i - 3], amount, window)
  if used <= amount then
    admitted[#admitted + 1] = ARGV[i]
  end
  reply[#reply + 1] = used
  reply[#reply + 1] = left
end
if #admitted > 0 then
  record(admitted, microseconds())
end
return reply
