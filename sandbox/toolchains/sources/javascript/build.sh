# Puts, into the current folder, the launcher of programs, the split mode and the package that one problem of HumanEvalPack requires.
set -eu
cp "$SOURCES/javascript/launcher.js" .
mkdir -p node_modules
cp -r "$SOURCES/javascript/js-md5" node_modules/
"$NODE" -e "require('./node_modules/js-md5')"
cp -r "$SOURCES/javascript/split" .
"$NODE" -e "require('./split/wire.js')"
