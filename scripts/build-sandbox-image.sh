#!/usr/bin/env bash
# Makes the image of sandbox containers out of Debian's packages, without a registry: `scripts/build-sandbox-image.sh
# [python|languages]`. "python" is small; "languages" holds the compilers and run times of all six. Needs mmdebstrap, a
# running engine (DOCKER_HOST) and the docker command. The file system is kept in the cache folder, so that the next
# engine has it in seconds; an image that is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

variant=${1:-python}
suite=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
name=$(python3 -m sandbox.docker.image name "$variant")
label=$(python3 -m sandbox.docker.image label "$variant")  # now: an edit while it is built would change it
cache=$(python3 -m sandbox.docker.image cache)
archive=$cache/${name#*:}.tar

explain() {
    echo "$1" >&2
    exit 1
}

make_archive() {
    command -v mmdebstrap >/dev/null || explain "There is no mmdebstrap; on Debian: apt-get install mmdebstrap"
    local hooks=()
    if [[ $variant == languages ]]; then
        hooks=(
            --customize-hook='mkdir -p "$1/opt/wavebench/code"'
            --customize-hook='copy-in sandbox /opt/wavebench/code'
            --customize-hook='chroot "$1" sh /opt/wavebench/code/sandbox/docker/recipe/build-toolchains.sh'
        )
    fi
    # mmdebstrap sets back what is newer than this, and Java's class archives remember the times of their jars
    export SOURCE_DATE_EPOCH=$(($(date +%s) + 86400))
    mkdir -p "$cache"
    trap 'rm -f "$archive.$$"' EXIT
    mmdebstrap --quiet --variant=essential --include="$(python3 -m sandbox.docker.image packages "$variant" | tr ' ' ,)" \
        --aptopt='Apt::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "${hooks[@]}" "$suite" "$archive.$$" "$mirror" --format=tar
    mv "$archive.$$" "$archive"
}

command -v docker >/dev/null || explain "There is no docker command; on Debian: apt-get install docker.io"
docker version >/dev/null 2>&1 || explain "No Docker engine answers at ${DOCKER_HOST:-its usual socket}; see scripts/start-docker-engine.sh"
if ! docker image inspect "$name" >/dev/null 2>&1; then
    [[ -e $archive ]] || make_archive
    docker import --change "LABEL $label" "$archive" "$name" >/dev/null
fi
echo "$name"
