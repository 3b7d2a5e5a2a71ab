# Builds, in the current folder, the resident compiler, the launcher of programs, and a class archive for each.
set -eu
"$JAVAC" -proc:none -d compiler "$SOURCES/java/ResidentCompiler.java"
"$JAR" --create --file compiler.jar -C compiler .
"$JAVAC" -proc:none -d launcher "$SOURCES/java/Launcher.java" "$SOURCES/java/WarmUp.java"
"$JAR" --create --file launcher.jar -C launcher .
rm -r compiler launcher

archive() { # ARCHIVE JAR CLASS: what CLASS loads until it ends
    "$JAVA" -XX:+UseSerialGC -XX:ArchiveClassesAtExit="$1" -Xlog:cds=off -Xlog:cds+dynamic=off -cp "$PWD/$2" "$3"
}
archive launcher.jsa launcher.jar wavebench.WarmUp
{ # one file behind the lengths of its name and its text, as ResidentCompiler reads them
    printf '\000\000\000\001\000\000\000\006A.java\000\000\000\106'
    printf 'class A { java.util.List<Integer> a = java.util.List.of(1, 2, 3 +4); }'
} | archive compiler.jsa compiler.jar wavebench.ResidentCompiler > /dev/null

# The split mode: server of candidates, and the tester that stays.
"$JAVAC" -proc:none -d split "$SOURCES/java/split/"*.java
"$JAR" --create --file split.jar -C split .
rm -r split
archive split.jsa split.jar wavebench.split.WarmUp
test -s launcher.jsa && test -s compiler.jsa && test -s split.jsa
