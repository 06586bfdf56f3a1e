-- Which known texts share prints with each of some texts.
-- KEYS[1] prefix; ARGV: least number of shared prints, the texts in JSON, each the epochs to look in and the
-- fingerprint, then for each its prints of two words and those of three, packed.
-- Answers for each text {the fingerprint's text, or textof where that has been forgotten, '' where there was none, then text,
-- shared pairs, shared triples by turns, at most MOST texts}.
local MOST = 20
local prefix, least = KEYS[1], tonumber(ARGV[1])

-- Adds to `counts` how many of the prints each known text has, by its number; `postings` are those of their buckets.
local function count(counts, lows, postings)
  for index, low in ipairs(lows) do
    local held = postings[index]
    local at, texts = held and string.find(held, low, 1, true), 0
    while at and texts < STORIES_PHRASE do
      if at % STORIES_POSTING == 1 then
        local number = struct.unpack('>I4', held, at + 3)
        counts[number] = (counts[number] or 0) + 1
        texts = texts + 1
      end
      at = string.find(held, low, at + 1, true)
    end
  end
end

-- How many prints of a kind each known text shares with one, by its number.
local function shared(kind, epochs, packed)
  local counts = {}
  for _, epoch in ipairs(epochs) do
    local keys, lows = stories_keys(prefix, kind, epoch, packed)
    if #keys > 0 then
      count(counts, lows, redis.call('MGET', unpack(keys)))
    end
  end
  return counts
end

local function like(text)
  local pairs_of, triples_of = shared('2', text.epochs, text.prints['2']), shared('3', text.epochs, text.prints['3'])
  local alike = {}
  for number, count in pairs(pairs_of) do
    if count >= least then
      alike[#alike + 1] = number
    end
  end
  for number, count in pairs(triples_of) do
    if count >= least and (pairs_of[number] or 0) < least then
      alike[#alike + 1] = number
    end
  end
  table.sort(alike, function(one, other)
    local a = (pairs_of[one] or 0) + 16 * (triples_of[one] or 0)
    local b = (pairs_of[other] or 0) + 16 * (triples_of[other] or 0)
    return a > b or (a == b and one < other)
  end)
  local own = redis.call('GET', prefix .. 'textof:' .. text.fingerprint)
  local found = {own and (redis.call('GET', prefix .. 'text:' .. string.match(own, '^%d+')) or own) or ''}
  for index = 1, math.min(MOST, #alike) do
    local number = alike[index]
    local known = redis.call('GET', prefix .. 'text:' .. string.format('%.0f', number))
    if known then
      found[#found + 1] = known
      found[#found + 1] = pairs_of[number] or 0
      found[#found + 1] = triples_of[number] or 0
    end
  end
  return found
end

local answer = {}
for index, text in ipairs(cjson.decode(ARGV[2])) do
  text.prints = {['2'] = ARGV[1 + 2 * index], ['3'] = ARGV[2 + 2 * index]}
  answer[#answer + 1] = like(text)
end
return answer
