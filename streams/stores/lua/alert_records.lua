-- The records of alerts, one call for all of them. KEYS[1] prefix; ARGV: ids. Answers a record, or '', for each.
local prefix, records = KEYS[1], {}
for index, id in ipairs(ARGV) do
  records[index] = redis.call('HGET', prefix .. 'alert:' .. id, 'record') or ''
end
return records
