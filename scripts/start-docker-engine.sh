#!/usr/bin/env bash
# Starts a Docker engine of our own, for machines without a running one: `scripts/start-docker-engine.sh FOLDER`.
# Needs root and the Debian package docker.io. No bridge, no firewall rules, no network for containers. All that it
# keeps lies below FOLDER; prints the DOCKER_HOST to use. Once running it is left alone; end it with
# `kill $(cat FOLDER/dockerd.pid)`.
set -euo pipefail

folder=${1:?"usage: scripts/start-docker-engine.sh FOLDER"}
socket=$folder/docker.sock
patience_seconds=60

answers() {
    curl --silent --fail --max-time 5 --unix-socket "$socket" http://engine/_ping >/dev/null
}

explain() {
    echo "$1" >&2
    exit 1
}

[[ $(id -u) == 0 ]] || explain "A Docker engine can only be started by root; ask an administrator to start one."
command -v dockerd >/dev/null || explain "There is no dockerd; on Debian: apt-get install --no-install-recommends docker.io"

mkdir -p "$folder"
exec 9>"$folder/start.lock"
flock 9
if ! answers; then
    rm -f "$folder/dockerd.pid"
    setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/dockerd.pid" \
        --host "unix://$socket" --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
        </dev/null >"$folder/dockerd.log" 2>&1 9>&- &
    engine=$!
    for ((tenths = 0; tenths < patience_seconds * 10; tenths++)); do
        answers && break
        kill -0 "$engine" 2>/dev/null || explain "dockerd ended: $(tail -n 3 "$folder/dockerd.log")"
        sleep 0.1
    done
    answers || explain "dockerd does not answer after $patience_seconds s; see $folder/dockerd.log"
fi
echo "DOCKER_HOST=unix://$socket"
