-- Adds to counters, each within its window, which begins with the first amount after the last window ended.
--
-- A counter is a hash of count and expiresAt (Unix ms, the end of its window).
-- KEYS  the counters, in the order in which they are added to
-- ARGV  now (Unix ms); then for each counter: the amount, its limit (empty: none), the end of a window that begins now, and how long
--       Redis keeps the key then (ms)
-- Returns what each then holds, never less than 0, up to the first that holds its limit already: there it ends.

local now, sums = tonumber(ARGV[1]), {}

for i = 1, #KEYS do
  local by, limit, endsAt, keepMs = unpack(ARGV, 4 * i - 2, 4 * i + 1)
  local amount = tonumber(by)
  local found = redis.call('HMGET', KEYS[i], 'count', 'expiresAt')
  local isOpen = found[2] and tonumber(found[2]) > now
  local present = isOpen and tonumber(found[1]) or 0

  -- A clock that was ahead began this window. It ends with one that begins now, and not when that clock said.
  if isOpen and tonumber(found[2]) > tonumber(endsAt) then
    redis.call('HSET', KEYS[i], 'expiresAt', endsAt)
    redis.call('PEXPIRE', KEYS[i], keepMs)
  end

  if limit ~= '' and present >= tonumber(limit) then
    return sums
  end

  if isOpen or amount > 0 then
    present = math.max(0, present + amount)
    redis.call('HSET', KEYS[i], 'count', present)
    if not isOpen then
      redis.call('HSET', KEYS[i], 'expiresAt', endsAt)
      redis.call('PEXPIRE', KEYS[i], keepMs)
    end
  end
  sums[i] = present
end

return sums
