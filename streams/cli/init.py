"""`marsad init`: write a commented starter configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.errors import InputError

STARTER = """\
# Marsad's configuration. Lines that begin with `#` and a key show what else may be said, mostly with its default;
# `marsad check` says whether it all works, and README.md explains each setting.
#
# Secrets are not written here. They come from the environment, or from files that the environment names:
#   MARSAD_SLACK_TOKEN=xoxb-...          or  MARSAD_SLACK_TOKEN_FILE=/run/secrets/slack_token
#   MARSAD_SLACK_WEBHOOK, MARSAD_SMTP_PASSWORD, MARSAD_REDIS_PASSWORD and MARSAD_KAFKA_PASSWORD in the same way.
# Any other setting may be overridden there too: MARSAD_ENGINES__BROKER=kafka://broker:9092

# What is read. `name` is what alerts call a source; `every` is how often its feed is asked.
sources:
  - name: UN News Middle East
    feed: https://news.un.org/feed/subscribe/en/news/region/middle-east/feed/rss.xml
    language: en
    every: 10m
    #slowest: 1h           # the longest interval; without it six times `every`
    #text: page            # page: fetch each entry's page; feed: the feed's own text is enough
    #alert_archive: false  # true: also alert what was in the feed when it was first read
    #country: SY           # what rules may filter by, with tags and section
    #tags: [agency]
    #section: politics
    #user_agent: ExampleReader/1.0  # in place of ours
    #credentials: MARSAD_EXAMPLE_LOGIN  # the variable with user:password or a token, for the source's own site
  - name: UN News Middle East Arabic
    feed: https://news.un.org/feed/subscribe/ar/news/region/middle-east/feed/rss.xml
    language: ar
  #- name: a site without a feed
    #page: https://example.org/news  # a page that lists articles
    #links: h2 a                     # the links on it that lead to them, where guessing fails
  #- name: archive
    #files: [articles.jsonl]  # text, .html or .jsonl, read once

# Who is told: each receiver in exactly one way. Without any, what fires is recorded as `unrouted`.
receivers:
  #- name: newsroom
    #language: en           # of the fixed words: ar or en
    #timezone: UTC          # in which times are shown and meant, as Asia/Damascus
    #storm_limit: 20        # more alerts within ten minutes are told as one summary; 0 for no limit
    #quiet_hours:           # nothing but critical meanwhile; the rest in one message when they end
      #- from: "22:00"
        #to: "07:00"
        #days: [mon, tue, wed, thu, fri, sat, sun]
    #slack:
      #channel: "#alerts"
      #token: MARSAD_SLACK_TOKEN  # the variable's name, not the token
      #api: https://slack.com/api/
  #- name: other-newsroom
    #slack_webhook:
      #url: MARSAD_SLACK_WEBHOOK  # the variable's name, not the address
  #- name: desk
    #digest:                # everything but critical in one message
      #every: daily         # or hourly, weekly
      #at: "08:00"
      #on: mon              # if weekly
    #mail:
      #to: [desk@example.org]
      #sender: marsad@example.org
      #host: smtp.example.org
      #port: 587
      #tls: starttls  # starttls, tls or none
      #ca_file: ca.pem
      #username: marsad
      #password: MARSAD_SMTP_PASSWORD
  #- name: archive
    #file:
      #path: alerts.jsonl  # lines of JSON; "-" is standard output
  #- name: feed
    #atom:
      #path: alerts.atom  # an Atom feed, served by the worker under /feeds/feed.atom
  #- name: chat
    #apprise:
      #url: MARSAD_APPRISE_URL  # the variable with an address of https://github.com/caronc/apprise/wiki
  #- name: own-service
    #webhook:
      #url: MARSAD_WEBHOOK_URL        # the variable's name, not the address
      #secret: MARSAD_WEBHOOK_SECRET  # the variable with the key that signs

# Who is told of what: the first route that takes an alert has it, and hands it to the first within it that does.
# For a few rules there is a short form, receivers by rule: {"*": [newsroom], escalation-idlib: [newsroom, desk]}.
routes:
  #- match:                    # everything asked has to be so; of a list, one
      #rules: [escalation-idlib]
      #tags: [syria]
      #severity: high          # at least
      #slots: {where: [Idlib]} # a place takes what lies in it
      #languages: [ar, en]
      #sources: [UN News Middle East]
      #countries: [SY]
    #receivers: [newsroom, desk]
    #continue: true            # ask the next routes too
    #routes: []                # within this one
  #- receivers: [newsroom]     # what is left

# Where alerts should go, for `marsad check` to try.
#route_examples:
  #- alert:
      #rule: escalation-idlib
      #severity: high
      #tags: [syria]
      #slots: {where: [Saraqib, Idlib]}
      #language: ar
      #source: UN News Middle East
      #country: SY
    #receivers: [newsroom, desk]

# Which rule keeps which one quiet about the same.
#inhibitions:
  #- source: [escalation-idlib]
    #target: [ceasefire-syria]
    #equal: [where]  # slots that share a value; [] for one story
    #within: 12h

# Who is told about Marsad itself.
#operators: desk

# The folder of rules; without it ./rules, then the rules that Marsad ships.
#rules: rules

#alerts:
  #max_age: 48h  # an article published longer ago than this is recorded, not alerted

#notify:
  #timeout: 20s  # for one attempt to deliver; 20s is the most

# Where the stream and the records are kept: embedded needs no server.
#engines:
  #broker: embedded    # or kafka://host:9092,other:9092
  #redis: embedded     # or redis://host:6379/0, rediss://user@host:6379/0
  #data: data          # folder of the embedded engines
  #prefix: ""          # put before each topic's name
  #partitions: 8
  #replication: 1
  #retention: 7d
  #slot: "0"           # unique among the live workers of one stage on one host
  #kafka:
    #security: PLAINTEXT  # or SSL, SASL_PLAINTEXT, SASL_SSL
    #sasl_mechanism: SCRAM-SHA-512
    #username: marsad
    #ca_file: ca.pem

# Limits on every fetch.
#fetch:
  #timeout: 30s
  #connect_timeout: 10s
  #first_byte_timeout: 20s
  #max_bytes: 10 MB      # after decompression
  #max_redirects: 5
  #allow_hosts: []       # hosts that may have private addresses
  #host_interval: 5s     # between two connections to one host
  #readers: 2            # processes that read what was fetched
  #contact: ""           # address in the user agent, for publishers to reach you
  #callback:             # https://marsad.example, where hubs reach /websub/ of the workers that fetch
  #proxy: http://proxy:3128  # through which everything is fetched

# Where this worker serves /metrics, /-/healthy and /-/ready.
#health:
  #host: 127.0.0.1
  #port: 9464            # 0: any free port
  #heartbeat: MARSAD_HEARTBEAT_URL  # the variable with an address to ask for while all is well
  #heartbeat_every: 1m
"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write marsad.yaml into; made if absent.")],
) -> None:
    """Write a commented starter configuration, DIR/marsad.yaml. A file that is there already is left as it is."""
    path = folder / "marsad.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError as error:
        taken = path if path.exists() else folder
        raise InputError("is there already and was left as it is", file=taken) from error
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=path) from error
    typer.echo(f"wrote {path}; name a receiver in it, then `marsad check --config {path}`", err=True)
