-- ARGV: bookmark (empty: none), cursor, size. Finds where a page ends that is read in the same
-- transaction, and moves the bookmark there. Returns it, 0 for the last page; nil when the bookmark is gone.
local bookmark = ARGV[1]
if bookmark ~= '' and redis.call('HEXISTS', BOOKMARKS, bookmark) == 0 then
  return false
end
local last = redis.call(
  'ZRANGE', SEEN, ARGV[2], '-inf', 'BYSCORE', 'REV', 'LIMIT', ARGV[3] - 1, 2, 'WITHSCORES'
)
local mark = last[4] and last[2] or '0'
if bookmark ~= '' then
  local time = redis.call('TIME')
  local now = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('HSET', BOOKMARKS, bookmark, mark .. ' ' .. now)
  redis.call('PEXPIRE', BOOKMARKS, 600000)
end
return mark
