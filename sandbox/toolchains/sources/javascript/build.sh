# Puts, into the current folder, the launcher of programs and the package that one problem of HumanEvalPack requires.
set -eu
cp "$SOURCES/javascript/launcher.js" .
mkdir -p node_modules
cp -r "$SOURCES/javascript/js-md5" node_modules/
"$NODE" -e "require('./node_modules/js-md5')"
