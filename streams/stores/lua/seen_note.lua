-- Remembers and counts how entries of a source ended that were never pending. KEYS[1] prefix; ARGV: source, now, days for
-- which articles are remembered, then a Note's row for each (stores/seen.py).
local prefix, source, seconds = KEYS[1], ARGV[1], math.floor(tonumber(ARGV[2]) / 1000)
local number, counts = seen_number(prefix, 'sources', source), prefix .. 'source:' .. source .. ':outcomes'
for index = 4, #ARGV, 7 do
  local row = {unpack(ARGV, index, index + 6)}
  seen_end(prefix, number, row, seconds, seconds, tonumber(ARGV[3]))
  redis.call('HINCRBY', counts, 'found', 1)
  redis.call('HINCRBY', counts, row[2], 1)
end
return 1
