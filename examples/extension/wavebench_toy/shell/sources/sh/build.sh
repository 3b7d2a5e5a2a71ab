# Puts into the current folder what programs of the language are run with.
set -eu
cp "$(dirname "$0")/launcher.sh" .
