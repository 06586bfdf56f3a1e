-- Which known texts share prints with one. KEYS[1] prefix; ARGV: least number of shared prints, number of days, the days
-- to look in, the fingerprint, then kind:bucket and high bits of each print by turns.
-- Answers {version of alerts and texts, fingerprint's text or '', then text, shared pairs, shared triples by turns}, at
-- most MOST texts.
local MOST = 20
local prefix, least, days = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local pairs_of, triples_of, numbers = {}, {}, {}
for index = 4 + days, #ARGV, 2 do
  local place, high = ARGV[index], tonumber(ARGV[index + 1])
  local counts = string.sub(place, 1, 1) == '2' and pairs_of or triples_of
  for day = 3, 2 + days do
    for _, member in ipairs(redis.call('SMEMBERS', prefix .. 'prints:' .. ARGV[day] .. ':' .. place)) do
      local value = tonumber(member)
      if math.floor(value / 4294967296) == high then
        local number = value % 4294967296
        if not pairs_of[number] and not triples_of[number] then
          numbers[#numbers + 1] = number
        end
        counts[number] = (counts[number] or 0) + 1
      end
    end
  end
end
local alike = {}
for _, number in ipairs(numbers) do
  if (pairs_of[number] or 0) >= least or (triples_of[number] or 0) >= least then
    alike[#alike + 1] = number
  end
end
table.sort(alike, function(one, other)
  local a = (pairs_of[one] or 0) + 16 * (triples_of[one] or 0)
  local b = (pairs_of[other] or 0) + 16 * (triples_of[other] or 0)
  return a > b or (a == b and one < other)
end)
local own = redis.call('GET', prefix .. 'textof:' .. ARGV[3 + days])
local version = redis.call('GET', prefix .. 'alerts:version') or '0'
local answer = {version, own and redis.call('GET', prefix .. 'text:' .. own) or ''}
for index = 1, math.min(MOST, #alike) do
  local number = alike[index]
  local text = redis.call('GET', prefix .. 'text:' .. string.format('%.0f', number))
  if text then
    answer[#answer + 1] = text
    answer[#answer + 1] = pairs_of[number] or 0
    answer[#answer + 1] = triples_of[number] or 0
  end
end
return answer
