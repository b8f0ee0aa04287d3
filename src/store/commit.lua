-- Swaps documents: if every one still has the version that is expected, all changes are made, else none.
--
-- A document is a hash of version, value and expiresAt (Unix ms, or empty: it stays).
-- KEYS  one document per change
-- ARGV  now (Unix ms), then for each key: expected version (empty: there must be none), new version (empty: delete),
--       value, expiresAt, and how long Redis keeps the key (ms, or empty: for good)
-- Returns 1 if the changes were made, 0 if not.

local now = tonumber(ARGV[1])

local function versionOf(key)
  local found = redis.call('HMGET', key, 'version', 'expiresAt')
  local expiresAt = tonumber(found[2] or '')
  if not found[1] or (expiresAt and expiresAt <= now) then
    return ''
  end
  return found[1]
end

for i, key in ipairs(KEYS) do
  if versionOf(key) ~= ARGV[5 * i - 3] then
    return 0
  end
end

for i, key in ipairs(KEYS) do
  local version, value, expiresAt, keepMs = unpack(ARGV, 5 * i - 2, 5 * i + 1)
  if version == '' then
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'version', version, 'value', value, 'expiresAt', expiresAt)
    if keepMs == '' then
      redis.call('PERSIST', key)
    else
      redis.call('PEXPIRE', key, keepMs)
    end
  end
end

return 1
