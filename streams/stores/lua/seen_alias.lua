-- Remembers an article under another address of its own, counting nothing. KEYS[1] prefix; ARGV: source, now, days for which
-- articles are remembered, then a Note's row (stores/seen.py).
local prefix, seconds = KEYS[1], math.floor(tonumber(ARGV[2]) / 1000)
seen_end(prefix, seen_number(prefix, 'sources', ARGV[1]), {unpack(ARGV, 4, 10)}, seconds, seconds, tonumber(ARGV[3]))
return 1
