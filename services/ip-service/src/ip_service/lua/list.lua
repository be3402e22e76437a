-- ARGV: amount, window, address, cursor, size, bookmark (empty: none).
-- Counts, records, and reads the newest addresses before the cursor; a bookmark is left where they end.
-- Returns used, left, where the page ends (0: there is no more), and the page.
local amount = tonumber(ARGV[1])
local used, left = count(KEYS[COUNTER], amount, ARGV[2])
if used > amount then
  return {used, left}
end
local now = microseconds()
record({ARGV[3]}, now)
local size, last = tonumber(ARGV[5]), '0'
local page = redis.call('ZRANGE', SEEN, ARGV[4], '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, size + 1)
if #page > size then
  page[#page] = nil
  last = redis.call('ZSCORE', SEEN, page[size])
end

local function forget_abandoned(bookmarks)
  for i = 1, #bookmarks, 2 do
    if tonumber(string.match(bookmarks[i + 1], '%d+$')) < now - 600000000 then
      redis.call('HDEL', BOOKMARKS, bookmarks[i])
    end
  end
end

if ARGV[6] ~= '' then
  forget_abandoned(redis.call('HGETALL', BOOKMARKS))
  redis.call('HSET', BOOKMARKS, ARGV[6], last .. ' ' .. string.format('%.0f', now))
  redis.call('PEXPIRE', BOOKMARKS, 600000)
end
return {used, left, last, page}
