# Builds, in the current folder, the resident compiler, the launcher of programs and the split mode, and two archives of
# the run time's own classes. Archives hold objects too, the module graph for one, which G1 alone takes over; a heap of
# 768 MB does so at once. Launcher and split mode are folders of classes: to open a jar takes longer than to load from one.
set -eu
"$JAVAC" -proc:none -d compiler "$SOURCES/java/ResidentCompiler.java"
"$JAR" --create --file compiler.jar -C compiler .
"$JAVAC" -proc:none -d launcher "$SOURCES/java/Launcher.java"
"$JAVAC" -proc:none -d split "$SOURCES/java/split/"*.java
"$JAVAC" -proc:none -d warm-up "$SOURCES/java/Main.java"

loaded() { # WORDS...: the classes that a run of java loads until it ends
    "$JAVA" -XX:+UseG1GC -XX:DumpLoadedClassList=loaded.list "$@" > /dev/null
    grep -v -e Main -e wavebench/split loaded.list
}
archive() { # NAME CLASS_PATH: of the classes in NAME.list
    "$JAVA" -XX:+UseG1GC -Xmx768m -Xshare:dump -Xlog:disable -XX:SharedClassListFile="$1.list" -XX:SharedArchiveFile="$1.jsa" -cp "$2"
    test -s "$1.jsa"
}
loaded -cp launcher:warm-up wavebench.Launcher 3> /dev/null 4< /dev/zero > launcher.list
loaded -cp split wavebench.split.WarmUp | awk '!seen[$0]++' launcher.list - > programs.list
archive programs "$PWD/none.jar"
{ # one file behind the lengths of its name and its text, as ResidentCompiler reads them
    printf '\000\000\000\001\000\000\000\006A.java\000\000\000\106'
    printf 'class A { java.util.List<Integer> a = java.util.List.of(1, 2, 3 +4); }'
} | loaded -cp "$PWD/compiler.jar" wavebench.ResidentCompiler > compiler.list
archive compiler "$PWD/compiler.jar"
rm -r compiler warm-up ./*.list
