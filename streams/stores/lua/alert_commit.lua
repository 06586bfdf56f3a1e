-- Writes the decisions on a batch of matches, or nothing at all.
-- KEYS[1] prefix; ARGV: now, a plan in JSON (see stores/alerts.py, alert_plans.py), keep of records, keep of the ledger (seconds),
-- then for each text of the plan its prints of two words and those of three, packed.
-- Keys: alert:<id> hash {record}; alert:<id>:articles hash of article id, for an update with its revision, to history item;
--   article:<id>:alerts what was decided on an article (see stores/told.py);
--   alert:<id>:notifications set; alerts sorted set of alert ids by when they were last told, else first recorded;
--   absences hash of alert ids to what is told if no article comes, absences:due sorted set of them by when that is;
--   alerts:of:<rule> sorted set of the rule's alert ids by the seen_at of the article that joined last.
-- Answers 'ok', or 'conflict' where a text, a record or an article has come or changed since it was read.
local EDITED_AFTER = 5000  -- ms
local HISTORY_LIMIT = 500  -- articles kept with an alert, and whatever was told; the record goes on counting
local HISTORY_LEFT = 250  -- of a count, whose alert lasts for as long as articles come: the latest, and whatever was told
local prefix, now, keep, ledger_keep = KEYS[1], ARGV[1], ARGV[3], ARGV[4]
local plan = cjson.decode(ARGV[2])

if (redis.call('GET', prefix .. 'alerts:version') or '0') ~= plan.version then
  return 'conflict'
end
for _, article in ipairs(plan.articles) do
  if (redis.call('GET', prefix .. 'article:' .. article.id) or '') ~= article.status_read then
    return 'conflict'
  end
end

local function forget_oldest(articles)
  local rows, untold = redis.call('HGETALL', articles), {}
  for index = 1, #rows, 2 do
    local item = cjson.decode(rows[index + 1])
    if not plan.told[item.reason] then
      table.insert(untold, {item.seen_at, rows[index]})
    end
  end
  table.sort(untold, function(one, other) return one[1] < other[1] end)
  for index = 1, #untold - HISTORY_LEFT do
    redis.call('HDEL', articles, untold[index][2])
  end
end

redis.call('INCR', prefix .. 'alerts:version')
for index, text in ipairs(plan.texts) do
  text.prints = {['2'] = ARGV[3 + 2 * index], ['3'] = ARGV[4 + 2 * index]}
  stories_add(prefix, text, keep)
end
for _, alert in ipairs(plan.alerts) do
  local key = prefix .. 'alert:' .. alert.id
  redis.call('HSET', key, 'record', alert.record)
  for _, joined in ipairs(alert.history) do
    local length = redis.call('HLEN', key .. ':articles')
    if alert.counts and length >= HISTORY_LIMIT and length % HISTORY_LEFT == 0 then
      forget_oldest(key .. ':articles')
    end
    if joined.told or alert.counts or length < HISTORY_LIMIT then
      redis.call('HSET', key .. ':articles', joined.article, joined.item)
    end
  end
  for _, told in ipairs(alert.notifications) do
    redis.call('SADD', key .. ':notifications', told.id)
    outbox_add(prefix, now, told.id, told.receiver, alert.id, told.content, told.first)
  end
  if alert.joined then
    -- Of it not all are told, but the first messages name sources and count articles. Soon, so that copies are edited in
    -- together.
    local known = #alert.firsts > 0  -- not of what an earlier release told
    for _, id in ipairs(known and alert.firsts or redis.call('SMEMBERS', key .. ':notifications')) do
      outbox_revise(prefix, now, id, string.format('%.0f', tonumber(now) + EDITED_AFTER))
    end
  end
  for _, silence in ipairs(alert.silences) do
    local held = silence_held(prefix, silence.id)
    silence_hold(prefix, silence.id, alert.id, silence.held)
    if redis.call('HEXISTS', prefix .. 'silences', silence.id) == 1 then
      redis.call('PERSIST', held)  -- it goes when the silence is forgotten, however long that lasts
    else
      redis.call('EXPIRE', held, keep)
    end
  end
  for _, part in ipairs({'', ':articles', ':notifications'}) do
    redis.call('EXPIRE', key .. part, keep)
  end
  if alert.watch and alert.watch.at == '' then
    redis.call('ZREM', prefix .. 'absences:due', alert.id)
    redis.call('HDEL', prefix .. 'absences', alert.id)
  elseif alert.watch then
    redis.call('ZADD', prefix .. 'absences:due', alert.watch.at, alert.id)
    redis.call('HSET', prefix .. 'absences', alert.id, alert.watch.absence)
  end
  local of_rule = prefix .. 'alerts:of:' .. alert.rule
  redis.call('ZADD', of_rule, alert.seen, alert.id)
  redis.call('ZREMRANGEBYRANK', of_rule, 0, -2001)
  redis.call('EXPIRE', of_rule, keep)
  if #alert.notifications > 0 then
    for _, id in ipairs(redis.call('SMEMBERS', key .. ':notifications')) do
      if redis.call('EXISTS', prefix .. 'notification:' .. id) == 0 then
        redis.call('SREM', key .. ':notifications', id)  -- told so long ago that it is forgotten
      end
    end
    redis.call('ZADD', prefix .. 'alerts', now, alert.id)
  else
    redis.call('ZADD', prefix .. 'alerts', 'NX', now, alert.id)
  end
end
local oldest = string.format('%.0f', tonumber(now) - 1000 * tonumber(keep))
redis.call('ZREMRANGEBYSCORE', prefix .. 'alerts', '-inf', '(' .. oldest)

for _, article in ipairs(plan.articles) do
  local told = prefix .. 'article:' .. article.id .. ':alerts'
  for name, value in pairs(article.told) do
    redis.call('HSET', told, name, value)
  end
  redis.call('EXPIRE', told, keep)
  ledger_finish(prefix, article.id, article.status, ledger_keep, article.replaces)
end
return 'ok'
