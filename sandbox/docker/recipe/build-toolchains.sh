#!/bin/sh
# Run as root inside an image that is being made, with our code in /opt/wavebench/code: builds every language's
# toolchain where containers will look for it.
set -eu
cd /opt/wavebench/code
export WAVEBENCH_CACHE=/opt/wavebench HOME=/root PYTHONDONTWRITEBYTECODE=1
python3 -c '
from sandbox.toolchains.install import install
from sandbox.languages import languages
for language in languages().values():
    if language.needs_toolchain:
        print(language.title, install(language).versions, flush=True)'
cd /
rm -rf /opt/wavebench/code /root/.cargo /root/.cache
