-- Adds to a counter within its window, which begins with the first amount after the last window ended.
--
-- A counter is a hash of count and expiresAt (Unix ms, the end of its window).
-- KEYS  the counter
-- ARGV  now (Unix ms), the amount, the end of a window that begins now, and how long Redis keeps the key then (ms)
-- Returns what the counter then holds; never less than 0.

local now, amount = tonumber(ARGV[1]), tonumber(ARGV[2])
local found = redis.call('HMGET', KEYS[1], 'count', 'expiresAt')
local isOpen = found[2] and tonumber(found[2]) > now

if not isOpen and amount <= 0 then
  return 0
end

local count = math.max(0, (isOpen and tonumber(found[1]) or 0) + amount)
redis.call('HSET', KEYS[1], 'count', count)
if not isOpen then
  redis.call('HSET', KEYS[1], 'expiresAt', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return count
