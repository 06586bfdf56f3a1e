-- What is shared by the scripts that write the ledger. Keys: <prefix>article:<id> holds '' once entered and the
-- terminal status once finished; <prefix>tally counts, and never expires.
local function ledger_enter(prefix, id, keep)
  if redis.call('SET', prefix .. 'article:' .. id, '', 'NX', 'EX', keep) then
    redis.call('HINCRBY', prefix .. 'tally', 'entered', 1)
  end
end

local function ledger_finish(prefix, id, status, keep)
  ledger_enter(prefix, id, keep)
  local key = prefix .. 'article:' .. id
  if redis.call('GET', key) ~= '' then
    return 0
  end
  redis.call('SET', key, status, 'EX', keep)
  redis.call('HINCRBY', prefix .. 'tally', status, 1)
  return 1
end
