-- For scripts that free something before they write: a Redis that is full would do the one and refuse the other. This
-- sets nothing, and is refused like any write.
redis.call('SETRANGE', KEYS[1] .. 'room', 0, '')
