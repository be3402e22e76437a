-- ARGV: bookmark, cursor, size. Moves the bookmark past a page that is read in the same transaction.
-- Returns where the page ends, 0 for the last one; nil when the bookmark is gone.
if redis.call('HEXISTS', BOOKMARKS, ARGV[1]) == 0 then
  return false
end
local time = redis.call('TIME')
local last = redis.call(
  'ZRANGE', SEEN, ARGV[2], '-inf', 'BYSCORE', 'REV', 'LIMIT', ARGV[3] - 1, 1, 'WITHSCORES'
)
local mark = last[2] or '0'
local now = string.format('%.0f', time[1] * 1000000 + time[2])
redis.call('HSET', BOOKMARKS, ARGV[1], mark .. ' ' .. now)
redis.call('PEXPIRE', BOOKMARKS, 600000)
return mark
