#!/bin/sh
# notify.sh URL: posts the JSON on standard input to Reloader, signed as Standard Webhooks says.
# Needs $RELOADER_SECRET (whsec_…), openssl and curl; makes at most $ATTEMPTS (5) attempts. While openssl runs, its
# arguments, and with them the key, show in the list of processes: run this where only you can look at it.
set -eu
url=$1
body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat >"$body"

id=msg_$(openssl rand -hex 16)                 # the same for every attempt: one event, however often it arrives
key=$(printf %s "${RELOADER_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')

attempt=1
while :; do
    timestamp=$(date +%s)                      # renewed with every attempt: an old one is refused
    signature=$({ printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } |
        openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
    if curl --silent --show-error --fail-with-body --max-time 30 --data-binary "@$body" \
        --header 'content-type: application/json' --header "webhook-id: $id" \
        --header "webhook-timestamp: $timestamp" --header "webhook-signature: v1,$signature" "$url"; then
        exit 0
    fi
    [ "$attempt" -lt "${ATTEMPTS:-5}" ] || exit 1
    sleep $((attempt * attempt * 5))
    attempt=$((attempt + 1))
done
